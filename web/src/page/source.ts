// Takes the source of a checkpoint or adapter; gives absolute URLs and bytes for the worker, or throws
// `bad-option`. Decides whether the Hub may be asked: by hub: true, or by the address of its page. Fetches nothing.

import type { LoadOptions } from "../../bertlet.d.ts";
import { LOAD } from "../shared/defaults.ts";
import { BertletError, describe } from "../shared/errors.ts";
import { adapterAmong, checkpointAmong, type FolderFile } from "../shared/folder-files.ts";
import { folderOfModel, type HubModel, hubModel, isHubId, modelOfPage } from "../shared/hub.ts";
import type {
  AdapterRequest,
  CheckpointFilesRequest,
  CheckpointRequest,
  FileRequest,
  FolderRequest,
  ShardsRequest,
} from "../shared/loading-requests.ts";
import { absoluteUrl, fileOf, isBlob, tagOf } from "./file-source.ts";
import { readable } from "./plain-copy.ts";

const SOURCES = "a folder's URL, a zip of it as a Blob, an array of its Files";

/** `call` names the call in errors. */
export function checkpointOf(source: unknown, options: LoadOptions, call = "load"): CheckpointRequest {
  const model = hubModelOf(source, options, call);
  if (model !== undefined) return { folder: folderOfModel(model) };
  return readable(`${call}: source`, () => {
    const folder = folderOf(call, source);
    if (folder === undefined) return checkpointFilesOf(call, source);
    return "files" in folder ? checkpointAmong(`${call}: source`, folder.files) : folder;
  });
}

/** The model on the Hub, where the source is its id or the address of its page. */
export function hubModelOf(
  source: unknown,
  { hub, hubHost, revision }: Pick<LoadOptions, "hub" | "hubHost" | "revision">,
  call = "load",
): HubModel | undefined {
  const given = { ...(hubHost !== undefined && { hubHost }), ...(revision !== undefined && { revision }) };
  if (hub === true && typeof source === "string" && isHubId(source)) return hubModel(source, given);
  const page = pageOf(`${call}: source`, source, hubHost);
  if (page === undefined) {
    const [option] = Object.keys(given);
    if (option === undefined) return undefined;
    throw new BertletError(
      "bad-option",
      `${call}: option ${option} must come with a model on the Hub, found the source ${describe(source)}`,
      "pass its id with hub: true, or the address of its page",
    );
  }
  if (revision === undefined || revision === page.revision) return page;
  if (page.revision === LOAD.revision) return { ...page, revision };
  throw new BertletError(
    "bad-option",
    `${call}: option revision is ${describe(revision)}, and the source names ${describe(page.revision)}`,
    "name one revision",
  );
}

/** A relative URL that was not found, and has an id's form, may have been meant as an id. */
export function withHubHint(error: unknown, source: unknown, { hub }: LoadOptions): unknown {
  const isId = typeof source === "string" && isHubId(source) && hub !== true;
  if (!isId || !(error instanceof BertletError) || error.code !== "fetch-failed") return error;
  return new BertletError(error.code, error.message, "for a Hugging Face Hub id pass the option hub: true");
}

/** Only an absolute address names another host. */
function pageOf(name: string, source: unknown, hubHost?: string): HubModel | undefined {
  const isText = typeof source === "string" && /^\s*https?:\/\//i.test(source);
  if (!isText && tagOf(source) !== "URL") return undefined;
  return modelOfPage(name, absoluteUrl(name, source as string | URL), hubHost);
}

/** As `checkpointOf`, for a peft folder, which has no Hub id. */
export function adapterOf(source: unknown): AdapterRequest {
  return readable("addAdapter: source", () => {
    const folder = folderOf("addAdapter", source);
    if (folder === undefined) {
      const { config, weights } = membersOf("addAdapter", source, ["config", "weights"]);
      return {
        config: fileOf("addAdapter: source.config", config),
        weights: fileOf("addAdapter: source.weights", weights),
      };
    }
    return "files" in folder ? adapterAmong("addAdapter: source", folder.files) : folder;
  });
}

/** A folder in one of its forms; undefined for a source that names each file. */
function folderOf(
  call: string,
  source: unknown,
): FolderRequest | { files: FolderFile<FileRequest>[] } | undefined {
  if (typeof source === "string" || tagOf(source) === "URL") {
    const page = pageOf(`${call}: source`, source);
    if (page !== undefined) return { folder: folderOfModel(page) };
    return { folder: folderUrl(`${call}: source`, source as string | URL) };
  }
  if (isBlob(source)) return zipOf(call, source);
  if (!Array.isArray(source) && tagOf(source) !== "FileList") return undefined;
  const list = Array.from(source as ArrayLike<unknown>);
  const [only] = list;
  if (list.length === 1 && isBlob(only) && isZip(only)) return zipOf(call, only);
  const files = list.map((file, index) => {
    if (tagOf(file) === "File") {
      const { webkitRelativePath, name } = file as File;
      return { path: webkitRelativePath || name, file: fileOf(`${call}: source[${index}]`, file) };
    }
    throw new BertletError(
      "bad-option",
      `${call}: source[${index}] must be a File, whose name tells what it is; found ${describe(file)}`,
    );
  });
  return { files };
}

function isZip(file: Blob): boolean {
  return /\.zip$/i.test((file as Partial<File>).name ?? "") || /\bzip\b/.test(file.type);
}

function zipOf(call: string, zip: Blob): FolderRequest {
  fileOf(`${call}: source`, zip);
  return { zip };
}

/** The URL of a folder: its path ends in "/", and a query, as of a signed URL, is kept for each file. */
export function folderUrl(name: string, source: string | URL): string {
  const url = absoluteUrl(name, source);
  url.hash = "";
  url.pathname = url.pathname.replace(/\/?$/, "/");
  if (!url.pathname.endsWith("/")) {
    throw new BertletError(
      "bad-option",
      `${name} must be a folder's URL, found one of the kind ${url.protocol}, which has no files below it`,
      "pass the files themselves, or a zip of the folder as a Blob",
    );
  }
  return url.href;
}

function checkpointFilesOf(call: string, source: unknown): CheckpointFilesRequest {
  const names = ["config", "tokenizer", "weights"] as const;
  const files = membersOf(call, source, names, ["tokenizerConfig", "sentenceTransformers"]);
  const request: CheckpointFilesRequest = {
    config: fileOf(`${call}: source.config`, files.config),
    tokenizer: fileOf(`${call}: source.tokenizer`, files.tokenizer),
    weights: weightsOf(call, files.weights),
  };
  if (files.tokenizerConfig !== undefined) {
    request.tokenizerConfig = fileOf(`${call}: source.tokenizerConfig`, files.tokenizerConfig);
  }
  if (files.sentenceTransformers !== undefined) {
    request.sentenceTransformers = filesByName(
      `${call}: source.sentenceTransformers`,
      files.sentenceTransformers,
    );
  }
  return request;
}

/** The weights: one file, or an index and its shards. */
function weightsOf(call: string, weights: unknown): FileRequest | ShardsRequest {
  if (tagOf(weights) !== "Object" || weights === null) return fileOf(`${call}: source.weights`, weights);
  const { index, shards } = membersOf(call, weights, ["index", "shards"], [], "source.weights");
  const files = filesByName(`${call}: source.weights.shards`, shards);
  return { index: fileOf(`${call}: source.weights.index`, index), shards: files };
}

function filesByName(member: string, given: unknown): Record<string, FileRequest> {
  if (tagOf(given) !== "Object") {
    throw new BertletError(
      "bad-option",
      `${member} must be an object of files by their names, found ${describe(given)}`,
    );
  }
  const files = Object.entries(given as Record<string, unknown>).map(([name, file]) => [
    name,
    fileOf(`${member}[${JSON.stringify(name)}]`, file),
  ]);
  return Object.fromEntries(files);
}

/** The members of an object that has all of `names`, maybe some of `optional`, and no others. */
function membersOf<K extends string, O extends string = never>(
  call: string,
  given: unknown,
  names: readonly K[],
  optional: readonly O[] = [],
  name = "source",
): Record<K | O, unknown> {
  const known: readonly string[] = [...names, ...optional];
  const expected = `${name === "source" ? `${SOURCES}, or ` : ""}{ ${names.join(", ")} }`;
  if (tagOf(given) !== "Object") {
    throw new BertletError("bad-option", `${call}: ${name} must be ${expected}, found ${describe(given)}`);
  }
  const files = given as Record<K | O, unknown>;
  const other = Object.keys(files).find((each) => !known.includes(each));
  if (other !== undefined) {
    throw new BertletError(
      "bad-option",
      `${call}: ${name} has no file ${JSON.stringify(other)}; it takes ${known.join(", ")}`,
    );
  }
  const missing = names.find((each) => files[each] === undefined);
  if (missing !== undefined) {
    throw new BertletError("bad-option", `${call}: ${name}.${missing} is missing; expected ${expected}`);
  }
  return files;
}
