// Takes URLs, Blobs, buffers and zips; gives the bytes of a checkpoint or an adapter, with progress. Refuses
// pickles, web pages, Git LFS pointers and files too large. Fetches through fetch-file.ts only.

import type { LoadProgress } from "../../../bertlet.d.ts";
import { BertletError } from "../../shared/errors.ts";
import {
  adapterAmong,
  type CheckpointAmong,
  checkpointAmong,
  SENTENCEPIECE,
  sentencepieceAlone,
} from "../../shared/folder-files.ts";
import type { AdapterRequest, CheckpointRequest, FileRequest } from "../../shared/loading-requests.ts";
import type { DownloadCache } from "../downloads/cache.ts";
import type { Digests } from "../downloads/digests.ts";
import { download } from "../downloads/download.ts";
import { isThere, MissingFile, type Report } from "../downloads/fetch-file.ts";
import {
  ADAPTER_CONFIG,
  ADAPTER_WEIGHTS,
  ADDED_TOKENS,
  CONFIG,
  type FileKind,
  MERGES,
  SPECIAL_TOKENS,
  shardKind,
  TOKENIZER,
  TOKENIZER_CONFIG,
  VOCAB,
  VOCAB_JSON,
  WEIGHTS,
  WEIGHTS_INDEX,
} from "../downloads/file-kinds.ts";
import { checkSize } from "../downloads/growing-buffer.ts";
import type { FetchFile } from "../downloads/remote-fetch.ts";
import { HEAD_BYTES, sniffFile } from "../downloads/sniff-file.ts";
import { joinBytePairs } from "./byte-pairs.ts";
import { withOlderFiles } from "./older-tokenizer.ts";
import { readModules } from "./sentence-transformers.ts";
import { joinShards, shardsOf } from "./shards.ts";
import { openZip, readZipped, type ZippedFile } from "./zip-folder.ts";

export type OnProgress = (progress: LoadProgress) => void;

/** Where one file is from. */
export type FileOrigin = FileRequest | { zipped: ZippedFile };

/** A folder by its URL, or each file. */
export type OpenCheckpoint = { folder: string } | CheckpointAmong<FileOrigin>;

export interface CheckpointBytes {
  config: Uint8Array;
  tokenizer: Uint8Array;
  /** The text of tokenizer_config.json, where there is one. */
  tokenizerConfig?: string;
  weights: Uint8Array;
  /** Texts of sentence-transformers' JSON files by their paths; empty for another folder. */
  sentenceTransformers: Record<string, string>;
}

/** How files are read. */
export interface Reading {
  onProgress: OnProgress;
  fetch: FetchFile;
  /** Where downloaded files are kept. */
  cache?: DownloadCache | undefined;
  /** The SHA-256 that files must have, by their names. */
  digests?: Digests | undefined;
}

const PROGRESS_INTERVAL_MS = 50;

/** Opens the zip, where the checkpoint is one. */
export async function openCheckpoint(request: CheckpointRequest): Promise<OpenCheckpoint> {
  return "zip" in request ? checkpointAmong("the zip", await openZip(request.zip)) : request;
}

export async function readConfig(opening: Promise<OpenCheckpoint>, reading: Reading): Promise<Uint8Array> {
  const source = await opening;
  return read(CONFIG, "folder" in source ? inFolder(CONFIG, source.folder) : source.config, reading);
}

/**
 * Reads the other files once `config` is there. Small files come first, so that a wrong folder fails before
 * the weights.
 */
export async function readCheckpoint(
  opening: Promise<OpenCheckpoint>,
  arriving: Promise<Uint8Array>,
  reading: Reading,
  onTokenizer: (tokenizer: Uint8Array) => void,
): Promise<CheckpointBytes> {
  const [source, config] = await Promise.all([opening, arriving]);
  if (!("folder" in source)) {
    const tokenizer =
      source.merges === undefined
        ? await read(source.tokenizerName === VOCAB.name ? VOCAB : TOKENIZER, source.tokenizer, reading)
        : joinBytePairs(
            await read(VOCAB_JSON, source.tokenizer, reading),
            await read(MERGES, source.merges, reading),
          );
    onTokenizer(tokenizer);
    const ifGiven = async (kind: FileKind, file: FileOrigin | undefined) => file && read(kind, file, reading);
    const tokenizerConfig = withOlderFiles(
      await ifGiven(TOKENIZER_CONFIG, source.tokenizerConfig).then((bytes) => bytes && text(bytes)),
      {
        specialTokens: await ifGiven(SPECIAL_TOKENS, source.specialTokens),
        addedTokens: await ifGiven(ADDED_TOKENS, source.addedTokens),
      },
    );
    const given = source.sentenceTransformers ?? {};
    const sentenceTransformers = await readModules(async (kind) => {
      const file = Object.hasOwn(given, kind.name) ? given[kind.name] : undefined;
      if (file === undefined) throw new MissingFile("fetch-failed", `${kind.name}: not among the files`);
      return read(kind, file, reading);
    });
    const weights = await readWeights(source, reading);
    const files = { config, tokenizer, weights, sentenceTransformers };
    return tokenizerConfig === undefined ? files : { ...files, tokenizerConfig };
  }
  const { folder } = source;
  const fromFolder = (kind: FileKind) => read(kind, inFolder(kind, folder), reading);
  const [tokenizer, isVocabulary] = await readTokenizer(folder, fromFolder, reading);
  onTokenizer(tokenizer);
  const optional = (error: unknown) => {
    if (!(error instanceof MissingFile)) throw error;
    return undefined;
  };
  let tokenizerConfig = await fromFolder(TOKENIZER_CONFIG).then(text, optional);
  if (isVocabulary) {
    const [specialTokens, addedTokens] = await Promise.all(
      [SPECIAL_TOKENS, ADDED_TOKENS].map((kind) => fromFolder(kind).catch(optional)),
    );
    tokenizerConfig = withOlderFiles(tokenizerConfig, { specialTokens, addedTokens });
  }
  const sentenceTransformers = await readModules(fromFolder);
  const weights = await fromFolder(WEIGHTS).catch(async (missing) => {
    if (!(missing instanceof MissingFile)) throw missing;
    const index = await fromFolder(WEIGHTS_INDEX).catch((error) =>
      // Where both are missing, the error names model.safetensors.
      Promise.reject(error instanceof MissingFile ? missing : error),
    );
    return joinShards(index, (name) => read(shardKind(name), inFolder({ name }, folder), reading));
  });
  const files = { config, tokenizer, weights, sentenceTransformers };
  return tokenizerConfig === undefined ? files : { ...files, tokenizerConfig };
}

/** The tokenizer of a folder by its URL, in the form in which it is there, and whether that is a vocabulary alone. */
async function readTokenizer(
  folder: string,
  fromFolder: (kind: FileKind) => Promise<Uint8Array>,
  reading: Reading,
): Promise<[Uint8Array, boolean]> {
  const orMissing = (error: unknown) => {
    if (error instanceof MissingFile) return error;
    throw error;
  };
  // A vocabulary may be handed over as tokenizer.json, but no folder has one under that name.
  const whole = await fromFolder({ ...TOKENIZER, begins: "{" }).catch(orMissing);
  if (!(whole instanceof MissingFile)) return [whole, false];
  const lines = await fromFolder(VOCAB).catch(orMissing);
  if (!(lines instanceof MissingFile)) return [lines, true];
  const vocab = await fromFolder(VOCAB_JSON).catch(orMissing);
  if (!(vocab instanceof MissingFile)) return [joinBytePairs(vocab, await fromFolder(MERGES)), true];
  const are = await Promise.all(
    SENTENCEPIECE.map((name) => isThere(inFolder({ name }, folder).url, reading.fetch)),
  );
  const sentencepiece = SENTENCEPIECE.find((_, at) => are[at]);
  if (sentencepiece !== undefined) throw sentencepieceAlone("the folder", sentencepiece);
  // Where all are missing, the error names tokenizer.json.
  throw whole;
}

async function readWeights(
  { weights, weightsName }: CheckpointAmong<FileOrigin>,
  reading: Reading,
): Promise<Uint8Array> {
  if (!("index" in weights))
    return read(weightsName === undefined ? WEIGHTS : shardKind(weightsName), weights, reading);
  const { index, shards } = weights;
  const bytes = await read(WEIGHTS_INDEX, index, reading);
  const missing = shardsOf(bytes).find((name) => !Object.hasOwn(shards, name));
  if (missing !== undefined) {
    const given = Object.keys(shards).join(", ");
    throw new BertletError(
      "fetch-failed",
      `${missing}: ${WEIGHTS_INDEX.name} names this file, which is not among those given: ${given}`,
      "give every file of the weights",
    );
  }
  return joinShards(bytes, (name) => read(shardKind(name), shards[name] as FileOrigin, reading));
}

/** Reads the two files of a peft folder. */
export async function readAdapter(
  request: AdapterRequest,
  reading: Reading,
): Promise<{ config: Uint8Array; weights: Uint8Array }> {
  const source = "zip" in request ? adapterAmong("the zip", await openZip(request.zip)) : request;
  const { config, weights } =
    "folder" in source
      ? {
          config: inFolder(ADAPTER_CONFIG, source.folder),
          weights: inFolder(ADAPTER_WEIGHTS, source.folder),
        }
      : source;
  return {
    config: await read(ADAPTER_CONFIG, config, reading),
    weights: await read(ADAPTER_WEIGHTS, weights, reading),
  };
}

/** A file below a folder's URL, whose query, as of a signed URL, each file has. */
function inFolder({ name }: Pick<FileKind, "name">, folder: string): { url: string } {
  const url = new URL(folder);
  url.pathname += name.split("/").map(encodeURIComponent).join("/");
  return { url: url.href };
}

async function read(kind: FileKind, file: FileOrigin, reading: Reading): Promise<Uint8Array> {
  const bytes = await readUnchecked(kind, file, reading);
  try {
    await reading.digests?.check(kind, bytes);
  } catch (error) {
    // What was kept would be found again.
    if ("url" in file) await (await reading.cache?.file(file.url))?.clear();
    throw error;
  }
  return bytes;
}

async function readUnchecked(
  kind: FileKind,
  file: FileOrigin,
  { onProgress, fetch, cache }: Reading,
): Promise<Uint8Array> {
  const report = throttled((loaded, total) => {
    const progress: LoadProgress = { stage: "download", file: kind.name, loaded };
    onProgress(total === undefined ? progress : { ...progress, total });
  });
  if ("url" in file) return download(kind, file.url, fetch, report, cache);
  if ("zipped" in file) return readZipped(kind, file.zipped, report);
  const { bytes } = file;
  const size = bytes instanceof Blob ? bytes.size : bytes.byteLength;
  checkSize(kind, size);
  let content: Uint8Array;
  if (bytes instanceof Blob) {
    try {
      // The first bytes tell whether to read the rest.
      sniffFile(kind, new Uint8Array(await bytes.slice(0, HEAD_BYTES).arrayBuffer()));
      content = new Uint8Array(await bytes.arrayBuffer());
    } catch (error) {
      if (error instanceof BertletError) throw error;
      throw new BertletError(
        "fetch-failed",
        `${kind.name} could not be read: ${error}`,
        "choose the file again",
      );
    }
  } else {
    content = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
    sniffFile(kind, content.subarray(0, HEAD_BYTES));
  }
  report(size, size);
  return content;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Calls `report` for the first progress, once for the last, and otherwise at intervals. */
function throttled(report: Report): Report {
  let next = 0;
  return (loaded, total) => {
    const now = performance.now();
    if (loaded !== total && now < next) return;
    if (next === Number.POSITIVE_INFINITY) return;
    next = loaded === total ? Number.POSITIVE_INFINITY : now + PROGRESS_INTERVAL_MS;
    report(loaded, total);
  };
}
