// The checkpoints that this browser keeps after a download: which files a source has, and which it lacks. Where the
// storage is denied or full, files are fetched as without it, and `failed` says so.

import type { CheckpointRequest, FileRequest } from "../../shared/loading-requests.ts";
import { hexOf, sha256 } from "../storage/digest.ts";
import { openStore } from "../storage/open-store.ts";
import { readRecord, writeRecord } from "../storage/records.ts";
import type { Store } from "../storage/store.ts";
import { KeptFile } from "./kept-file.ts";

const FOLDER = "checkpoints";

/** A source whose files are all there. */
interface SourceRecord {
  urls: string[];
}

export class DownloadCache {
  /** Whether a file could not be kept. */
  failed = false;
  readonly #files = new Map<string, KeptFile>();
  readonly #missing = new Set<string>();
  readonly #store: Store;

  private constructor(store: Store) {
    this.#store = store;
    // Memory ends with the worker: there is nothing to keep in it.
    this.failed = store.kind === "memory";
  }

  static async open(): Promise<DownloadCache> {
    return new DownloadCache(await openStore(FOLDER));
  }

  async file(url: string): Promise<KeptFile | undefined> {
    if (this.#store.kind === "memory") return undefined;
    const onFailure = () => {
      this.failed = true;
    };
    const file = await KeptFile.open(this.#store, await keyOf(url), url, onFailure);
    this.#files.set(url, file);
    return file;
  }

  /** The server has no such file. It is kept once the whole source is there. */
  lacks(url: string): void {
    this.#missing.add(url);
  }

  /** All files of a source are there. */
  async finish(request: CheckpointRequest): Promise<void> {
    if (this.failed) return;
    try {
      for (const url of this.#missing) await this.#files.get(url)?.markMissing();
      const record: SourceRecord = { urls: [...this.#files.keys()] };
      await writeRecord(this.#store, await sourceName(request), record);
    } catch {
      this.failed = true;
    }
  }
}

export async function isCached(request: CheckpointRequest): Promise<boolean> {
  const store = await openStore(FOLDER);
  const record = await readRecord<SourceRecord>(store, await sourceName(request));
  for (const url of record?.urls ?? []) {
    const file = await KeptFile.open(store, await keyOf(url), url, () => {});
    if (!file.isMissing && !(await file.isWhole())) return false;
  }
  return record !== undefined;
}

/**
 * Removes a source's files, also of a download that broke off; without one, all. Files in a folder of its folder may be
 * another source's: those stay.
 */
export async function clearCache(request: CheckpointRequest | undefined): Promise<void> {
  const store = await openStore(FOLDER);
  const names = (await store.list()).map(({ name }) => name);
  if (request === undefined) {
    for (const name of names) await store.remove(name);
    return;
  }
  const own = await sourceName(request);
  const record = await readRecord<SourceRecord>(store, own);
  const urls = new Set(record?.urls ?? []);
  const others = new Set<string>();
  for (const name of names.filter((each) => each.endsWith("/source") && each !== own)) {
    for (const url of (await readRecord<SourceRecord>(store, name))?.urls ?? []) others.add(url);
  }
  for (const name of names.filter((each) => each.endsWith("/head"))) {
    const { url } = (await readRecord<{ url: string }>(store, name)) ?? {};
    if (url !== undefined && isOf(url, request) && !others.has(url)) urls.add(url);
  }
  await store.remove(own);
  for (const url of urls) {
    const key = await keyOf(url);
    for (const name of names) if (name.startsWith(`${key}/`)) await store.remove(name);
  }
}

function isOf(url: string, request: CheckpointRequest): boolean {
  if (!("folder" in request)) return urlsOf(request).includes(url);
  const [folder, file] = [new URL(request.folder), new URL(url)];
  const { origin, pathname, search } = folder;
  return file.origin === origin && file.search === search && file.pathname.startsWith(pathname);
}

/** The addresses of a source that gives its files one by one. */
function urlsOf(request: CheckpointRequest): string[] {
  if ("folder" in request) return [request.folder];
  if ("zip" in request) return [];
  const { weights, sentenceTransformers = {}, ...rest } = request;
  const others = "index" in weights ? [weights.index, ...Object.values(weights.shards)] : [weights];
  const files: FileRequest[] = [...Object.values(rest), ...others, ...Object.values(sentenceTransformers)];
  return files.flatMap((file) => ("url" in file ? [file.url] : []));
}

async function sourceName(request: CheckpointRequest): Promise<string> {
  return `${await keyOf(JSON.stringify(urlsOf(request)))}/source`;
}

async function keyOf(text: string): Promise<string> {
  return hexOf(await sha256(new TextEncoder().encode(text))).slice(0, 40);
}
