// Takes a checkpoint's source; tells what loading it would read, before it is read: its architecture and size, and on
// the Hub its licence and commit. Reads config.json, the Hub's description, and sizes; no weight.

import type { SourcePreview } from "../../../bertlet.d.ts";
import { BertletError, describe } from "../../shared/errors.ts";
import type { CheckpointAmong } from "../../shared/folder-files.ts";
import { descriptionOfModel, folderOfModel, type HubModel } from "../../shared/hub.ts";
import type { PreviewRequest } from "../../shared/loading-requests.ts";
import { download } from "../downloads/download.ts";
import { sizeAt } from "../downloads/fetch-file.ts";
import {
  CONFIG,
  DESCRIPTION,
  type FileKind,
  MERGES,
  TOKENIZER,
  VOCAB,
  VOCAB_JSON,
  WEIGHTS,
  WEIGHTS_INDEX,
} from "../downloads/file-kinds.ts";
import { checkSize } from "../downloads/growing-buffer.ts";
import type { FetchFile } from "../downloads/remote-fetch.ts";
import { type FileOrigin, openCheckpoint, readConfig } from "./files.ts";

/** What config.json of BERT's first release has, which names no class: as the engine tells it. */
const FIRST_RELEASE = [
  ...["hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size"],
  ...["vocab_size", "type_vocab_size", "max_position_embeddings"],
];

/** Sizes of a model's files in bytes, by their names; undefined where nobody tells. */
type Sizes = Map<string, number | undefined>;

interface Description {
  sizes: Sizes;
  commit?: string;
  license?: string;
}

export async function preview(
  { checkpoint, model }: PreviewRequest,
  fetch: FetchFile,
): Promise<SourcePreview> {
  const opening = openCheckpoint(checkpoint);
  // It comes first: a Hub refuses a gated model by its files, not by its description.
  const config = await readConfig(opening, { onProgress: () => {}, fetch });
  const found: SourcePreview = { architecture: architectureOf(config) };
  const source = await opening;
  if (!("folder" in source)) return withSize(found, config, await sizesOfFiles(source, fetch));
  found.folder = source.folder;
  const description = model && (await describedBy(model, fetch));
  if (model === undefined || description === undefined) {
    return withSize(found, config, await sizesIn(source.folder, fetch));
  }
  checkComplete(model, description.sizes);
  // The same weights come again, whatever the branch is given meanwhile.
  if (description.commit !== undefined) {
    found.revision = description.commit;
    found.folder = folderOfModel({ ...model, revision: description.commit });
  }
  if (description.license !== undefined) found.license = description.license;
  return withSize(found, config, needed(description.sizes));
}

function architectureOf(config: Uint8Array): string {
  let value: { architectures?: unknown; model_type?: unknown } | null;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(config));
  } catch (error) {
    throw new BertletError(
      "bad-config",
      `${CONFIG.name}: expected JSON, found something else: ${error}`,
      "download it again",
    );
  }
  const bad = (message: string) => new BertletError("bad-config", `${CONFIG.name}: expected ${message}`);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw bad("a JSON object");
  const [named] = Array.isArray(value.architectures) ? value.architectures : [];
  const old = FIRST_RELEASE.every((name) => Object.hasOwn(value, name)) ? "bert" : undefined;
  const architecture = named ?? value.model_type ?? old;
  // Such as a tokenizer.json in its place.
  if (architecture === undefined) throw bad('a model_type such as "bert", found none');
  return (typeof architecture === "string" ? architecture : describe(architecture)).slice(0, 100);
}

/** Adds the sum, where every size is known. Weights that are too large are refused here as in `load`. */
function withSize(found: SourcePreview, config: Uint8Array, sizes: Sizes): SourcePreview {
  let bytes: number | undefined = config.byteLength;
  let weights = 0;
  for (const [name, size] of sizes) {
    if (name !== TOKENIZER.name && name !== VOCAB.name) weights += size ?? 0;
    bytes = bytes === undefined || size === undefined ? undefined : bytes + size;
  }
  checkSize(WEIGHTS, weights);
  return bytes === undefined ? found : { ...found, bytes };
}

async function sizesOfFiles(
  { tokenizer, weights }: CheckpointAmong<FileOrigin>,
  fetch: FetchFile,
): Promise<Sizes> {
  const files: [string, FileOrigin][] =
    "index" in weights ? Object.entries(weights.shards) : [[WEIGHTS.name, weights]];
  const named: [string, FileOrigin][] = [[TOKENIZER.name, tokenizer], ...files];
  return new Map(
    await Promise.all(named.map(async ([name, file]) => [name, await sizeOf(file, fetch)] as const)),
  );
}

async function sizeOf(file: FileOrigin, fetch: FetchFile): Promise<number | undefined> {
  if ("zipped" in file) return file.zipped.bytes;
  if ("url" in file) return sizeAt(file.url, fetch);
  const { bytes } = file;
  return bytes instanceof Blob ? bytes.size : bytes.byteLength;
}

/** By what the server says of each file before it sends it. */
async function sizesIn(folder: string, fetch: FetchFile): Promise<Sizes> {
  const at = ({ name }: FileKind) => {
    const url = new URL(folder);
    url.pathname += name;
    return url.href;
  };
  const [weights, tokenizer] = await Promise.all([sizeAt(at(WEIGHTS), fetch), sizeAt(at(TOKENIZER), fetch)]);
  const sizes: Sizes = new Map([
    [WEIGHTS.name, weights ?? (await sizeOfShards(at(WEIGHTS_INDEX), fetch))],
    [TOKENIZER.name, tokenizer ?? (await sizeAt(at(VOCAB), fetch)) ?? (await sizeAt(at(VOCAB_JSON), fetch))],
  ]);
  return sizes;
}

async function sizeOfShards(index: string, fetch: FetchFile): Promise<number | undefined> {
  const value = await jsonAt(WEIGHTS_INDEX, index, fetch);
  const total = (value as { metadata?: { total_size?: unknown } } | undefined)?.metadata?.total_size;
  return Number.isSafeInteger(total) ? (total as number) : undefined;
}

/** undefined where a mirror has no descriptions. */
async function describedBy(model: HubModel, fetch: FetchFile): Promise<Description | undefined> {
  const value = (await jsonAt(DESCRIPTION, descriptionOfModel(model), fetch)) as
    | { siblings?: unknown; sha?: unknown; cardData?: { license?: unknown } | null }
    | undefined;
  if (!Array.isArray(value?.siblings)) return undefined;
  const inside = decodeURIComponent(model.inside);
  const sizes: Sizes = new Map();
  for (const file of value.siblings as ({ rfilename?: unknown; size?: unknown } | null)[]) {
    const name = file?.rfilename;
    if (typeof name === "string" && name.startsWith(inside)) {
      sizes.set(
        name.slice(inside.length),
        Number.isSafeInteger(file?.size) ? (file?.size as number) : undefined,
      );
    }
  }
  const description: Description = { sizes };
  if (typeof value.sha === "string" && /^[0-9a-f]{40}$/.test(value.sha)) description.commit = value.sha;
  const license = value.cardData?.license;
  if (typeof license === "string" && license !== "") description.license = license.slice(0, 60);
  return description;
}

async function jsonAt(kind: FileKind, url: string, fetch: FetchFile): Promise<unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(await download(kind, url, fetch, () => {})));
  } catch {
    // What it tells is missing then; `load` says what is wrong with a file that it needs.
    return undefined;
  }
}

/** Says what is missing before anything large is fetched. */
function checkComplete({ id }: HubModel, sizes: Sizes): void {
  const hasWeights = sizes.has(WEIGHTS.name) || sizes.has(WEIGHTS_INDEX.name);
  const names = [...sizes.keys()].filter((name) => !name.includes("/"));
  const found = names.filter((name) => /\.(bin|h5|msgpack|pt|ckpt|onnx|gguf|safetensors)$/i.test(name));
  if (!hasWeights) {
    throw new BertletError(
      "fetch-failed",
      `${WEIGHTS.name}: ${id} has no such file; its weights are ${found.join(", ") || "not there"}`,
      "convert it once in Python: model.save_pretrained(folder, safe_serialization=True); then load that folder",
    );
  }
  if (tokenizerAmong(sizes).every((name) => sizes.has(name))) return;
  throw new BertletError(
    "fetch-failed",
    `${TOKENIZER.name}: ${id} has neither it nor ${VOCAB.name}, nor ${VOCAB_JSON.name} with ${MERGES.name}`,
    "save it in Python beside the model: AutoTokenizer.from_pretrained(id).save_pretrained(folder)",
  );
}

/** What `load` would read: one form of the weights, one of the tokenizer. */
function needed(sizes: Sizes): Sizes {
  const shards = [...sizes.keys()].filter((name) => /^model-\d+-of-\d+\.safetensors$/.test(name));
  const weights = sizes.has(WEIGHTS.name) ? [WEIGHTS.name] : shards;
  return new Map([...weights, ...tokenizerAmong(sizes)].map((name) => [name, sizes.get(name)]));
}

/** The files of the form of the tokenizer that is there, or that an error asks for. */
function tokenizerAmong(sizes: Sizes): string[] {
  if (sizes.has(TOKENIZER.name) || sizes.has(VOCAB.name))
    return [sizes.has(TOKENIZER.name) ? TOKENIZER.name : VOCAB.name];
  return sizes.has(VOCAB_JSON.name) ? [VOCAB_JSON.name, MERGES.name] : [TOKENIZER.name];
}
