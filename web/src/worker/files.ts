// Takes URLs, Blobs and buffers; gives the bytes of a checkpoint, with progress, and the wasm binary; keeps small values.
// The only file with fetch and storage. Refuses what is plainly not the file: pickles, web pages, Git LFS pointers, giants.

import type { LoadProgress } from "../../bertlet.d.ts";
import { BertletError, failureOf } from "../shared/errors.ts";
import type { AdapterRequest, CheckpointRequest, FileRequest } from "../shared/messages.ts";
import {
  ADAPTER_CONFIG,
  ADAPTER_WEIGHTS,
  CONFIG,
  type FileKind,
  MIB,
  TOKENIZER,
  TOKENIZER_CONFIG,
  VOCAB,
  WEIGHTS,
} from "./file-kinds.ts";
import { sniffFile } from "./sniff-file.ts";

export type OnProgress = (progress: LoadProgress) => void;

export interface CheckpointBytes {
  config: Uint8Array;
  tokenizer: Uint8Array;
  /** The text of tokenizer_config.json, where there is one. */
  tokenizerConfig?: string;
  weights: Uint8Array;
}

/** Of the Cache API. */
const STORE = "bertlet";

const PROGRESS_INTERVAL_MS = 50;

export function readConfig(request: CheckpointRequest, onProgress: OnProgress): Promise<Uint8Array> {
  return read(CONFIG, "folder" in request ? inFolder(CONFIG, request.folder) : request.config, onProgress);
}

/** The other files, once `config` is there: small files first, so that a wrong folder is told before the weights come. */
export async function readCheckpoint(
  request: CheckpointRequest,
  arriving: Promise<Uint8Array>,
  onProgress: OnProgress,
): Promise<CheckpointBytes> {
  const config = await arriving;
  if (!("folder" in request)) {
    const tokenizer = await read(TOKENIZER, request.tokenizer, onProgress);
    const files = { config, tokenizer };
    if (request.tokenizerConfig === undefined) {
      return { ...files, weights: await read(WEIGHTS, request.weights, onProgress) };
    }
    const tokenizerConfig = text(await read(TOKENIZER_CONFIG, request.tokenizerConfig, onProgress));
    return { ...files, tokenizerConfig, weights: await read(WEIGHTS, request.weights, onProgress) };
  }
  const fromFolder = (kind: FileKind) => read(kind, inFolder(kind, request.folder), onProgress);
  const tokenizer = await fromFolder(TOKENIZER).catch((missing) => {
    if (!isFetchFailure(missing)) throw missing;
    // Where neither is there, the complaint is about the usual one.
    return fromFolder(VOCAB).catch((error) => Promise.reject(isFetchFailure(error) ? missing : error));
  });
  const tokenizerConfig = await fromFolder(TOKENIZER_CONFIG).then(text, (error) => {
    if (!isFetchFailure(error)) throw error;
    return undefined;
  });
  const weights = await fromFolder(WEIGHTS);
  return tokenizerConfig === undefined
    ? { config, tokenizer, weights }
    : { config, tokenizer, tokenizerConfig, weights };
}

/** The two files of a peft folder. */
export async function readAdapter(
  request: AdapterRequest,
  onProgress: OnProgress,
): Promise<{ config: Uint8Array; weights: Uint8Array }> {
  const [config, weights] =
    "folder" in request
      ? [inFolder(ADAPTER_CONFIG, request.folder), inFolder(ADAPTER_WEIGHTS, request.folder)]
      : [request.config, request.weights];
  return {
    config: await read(ADAPTER_CONFIG, config, onProgress),
    weights: await read(ADAPTER_WEIGHTS, weights, onProgress),
  };
}

function inFolder(kind: FileKind, folder: string): FileRequest {
  return { url: new URL(kind.name, folder).href };
}

/** What was remembered under `key` in this browser; undefined where there is nothing, or no storage. */
export async function recall(key: string): Promise<unknown> {
  try {
    return await (await (await caches.open(STORE)).match(keptAt(key)))?.json();
  } catch {
    return undefined;
  }
}

/** Keeps a plain value, where the browser lets a page keep anything. */
export async function remember(key: string, value: unknown): Promise<void> {
  try {
    await (await caches.open(STORE)).put(keptAt(key), Response.json(value));
  } catch {
    // A private window, or no room: it is found out again the next time.
  }
}

/** Asked of no server. */
function keptAt(key: string): URL {
  return new URL(`./kept?${encodeURIComponent(key)}`, import.meta.url);
}

/** The wasm binary, as the very Response of fetch: the browser keeps the compiled code of no other. */
export function fetchLibrary(url: URL): Promise<Response> {
  return get(
    `wasm/${url.pathname.split("/").at(-1)}`,
    url.href,
    "the folder wasm/ must lie beside bertlet.js",
  );
}

async function read(kind: FileKind, file: FileRequest, onProgress: OnProgress): Promise<Uint8Array> {
  const report = throttled((loaded, total) => {
    const progress: LoadProgress = { stage: "download", file: kind.name, loaded };
    onProgress(total === undefined ? progress : { ...progress, total });
  });
  if ("url" in file) return download(kind, file.url, report);
  const { bytes } = file;
  const size = bytes instanceof Blob ? bytes.size : bytes.byteLength;
  checkSize(kind, size);
  let whole: Uint8Array;
  if (bytes instanceof Blob) {
    try {
      // The beginning alone tells whether the rest is worth reading.
      sniffFile(kind, new Uint8Array(await bytes.slice(0, HEAD_BYTES).arrayBuffer()));
      whole = new Uint8Array(await bytes.arrayBuffer());
    } catch (error) {
      if (error instanceof BertletError) throw error;
      throw new BertletError(
        "fetch-failed",
        `${kind.name} could not be read: ${error}`,
        "choose the file again",
      );
    }
  } else {
    whole = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
    sniffFile(kind, whole.subarray(0, HEAD_BYTES));
  }
  report(size, size);
  return whole;
}

/** Enough to tell a web page, an LFS pointer or a pickle. */
const HEAD_BYTES = 1024;

async function download(kind: FileKind, url: string, report: Report): Promise<Uint8Array> {
  const response = await get(kind.name, url, missingHint(kind, url));
  const total = lengthOf(response);
  checkSize(kind, total ?? 0);
  const bytes = new GrowingBuffer(kind, total ?? MIB);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let inspected = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (value !== undefined) bytes.push(value);
      if (!inspected && (done || bytes.length >= HEAD_BYTES)) {
        sniffFile(kind, bytes.filled().subarray(0, HEAD_BYTES), url);
        inspected = true;
      }
      report(bytes.length, done ? bytes.length : total);
      if (done) return bytes.filled();
    }
  } catch (error) {
    await reader.cancel().catch(() => {});
    if (error instanceof BertletError) throw error;
    throw new BertletError("fetch-failed", `${kind.name}: ${url} broke off: ${error}`, "try again");
  }
}

async function get(name: string, url: string, hint: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new BertletError(
      "fetch-failed",
      `${name}: ${url} could not be fetched: ${error}`,
      "check the address and the connection; another origin must allow this page (CORS)",
    );
  }
  if (!response.ok || response.body === null) {
    // `cargo xtask start` says in the answer that a build is still being compiled.
    if (response.status === 503) {
      throw new BertletError(
        "fetch-failed",
        `${name}: HTTP 503, ${(await response.text()).slice(0, 200)}`,
        hint,
      );
    }
    await response.body?.cancel();
    const status = `${response.status} ${response.statusText}`.trim();
    throw new BertletError("fetch-failed", `${name}: ${url} answered with HTTP ${status}`, hint);
  }
  return response;
}

/** Bytes that arrive in pieces, kept in one piece and bounded. */
class GrowingBuffer {
  length = 0;
  readonly #kind: FileKind;
  #bytes: Uint8Array;

  constructor(kind: FileKind, capacity: number) {
    this.#kind = kind;
    this.#bytes = allocate(kind, capacity);
  }

  push(chunk: Uint8Array): void {
    const length = this.length + chunk.byteLength;
    checkSize(this.#kind, length);
    if (length > this.#bytes.byteLength) {
      const larger = allocate(this.#kind, Math.max(length, 2 * this.#bytes.byteLength));
      larger.set(this.#bytes.subarray(0, this.length));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.length);
    this.length = length;
  }

  filled(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}

function allocate(kind: FileKind, size: number): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch {
    throw new BertletError("out-of-memory", `${kind.name}: there is no memory for its ${size} bytes`);
  }
}

function checkSize(kind: FileKind, size: number): void {
  if (size <= kind.maxBytes) return;
  const code = kind === WEIGHTS ? "out-of-memory" : kind.code;
  const hint = kind === WEIGHTS ? "use a smaller model, or one saved as f16" : undefined;
  const [most, found] = [kind.maxBytes, size].map((bytes) => `${Math.round(bytes / MIB)} MiB`);
  throw new BertletError(code, `${kind.name}: expected at most ${most}, found ${found}`, hint);
}

/** Undefined where the header counts compressed bytes. */
function lengthOf(response: Response): number | undefined {
  const length = Number(response.headers.get("content-length") ?? Number.NaN);
  const encoded = response.headers.has("content-encoding");
  return Number.isSafeInteger(length) && !encoded ? length : undefined;
}

function missingHint(kind: FileKind, url: string): string {
  if (kind === WEIGHTS) {
    return "a folder with pytorch_model.bin alone must be saved again as safetensors; a file in shards is not supported";
  }
  return new URL(url).origin === self.location?.origin
    ? "for a Hugging Face Hub id pass the option hub: true"
    : "check the address";
}

function isFetchFailure(error: unknown): boolean {
  return failureOf(error)?.code === "fetch-failed";
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

type Report = (loaded: number, total: number | undefined) => void;

/** Calls `report` for the first, for the last once, and otherwise now and then. */
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
