// Downloads a file whole: goes on by ranges after a break, begins anew where the server changed the file, and keeps what
// arrived where a cache is given. Says what failed; how a single request fails is fetch-file.ts's.

import { BertletError } from "../../shared/errors.ts";
import { withTimeout } from "../../shared/timeout.ts";
import type { DownloadCache } from "./cache.ts";
import {
  BusyServer,
  get,
  lengthOf,
  MissingFile,
  missingHint,
  RangeRefused,
  type Report,
  reasonWithout,
  STALL_MS,
  shown,
  Unreadable,
} from "./fetch-file.ts";
import { type FileKind, MIB } from "./file-kinds.ts";
import { checkSize, GrowingBuffer } from "./growing-buffer.ts";
import type { KeptFile, Version } from "./kept-file.ts";
import type { FetchFile } from "./remote-fetch.ts";
import { HEAD_BYTES, sniffFile } from "./sniff-file.ts";

/** Attempts in a row that bring nothing new. */
const MOST_FUTILE = 4;
const BACK_OFF_MS = 100;

export async function download(
  kind: FileKind,
  url: string,
  fetchFile: FetchFile,
  report: Report,
  cache?: DownloadCache,
): Promise<Uint8Array> {
  const kept = await cache?.file(url);
  if (kept?.isMissing) throw new MissingFile("fetch-failed", `${kind.name}: ${shown(url)} has no such file`);
  const bytes = new GrowingBuffer(kind, kept?.version.total ?? MIB);
  if (await kept?.read(bytes)) {
    report(bytes.length, bytes.length);
    return bytes.filled();
  }
  const arriving = new Arriving(kind, url, fetchFile, report, bytes, kept);
  try {
    await arriving.toTheEnd();
  } catch (error) {
    if (error instanceof MissingFile && !(error instanceof Unreadable)) cache?.lacks(url);
    // It is kept for the next attempt.
    if (bytes.length > 0) await kept?.saveRest(bytes.filled());
    throw error;
  }
  await kept?.finish(bytes.filled());
  return bytes.filled();
}

class Arriving {
  #version: Version;
  #inspected = false;

  constructor(
    readonly kind: FileKind,
    readonly url: string,
    readonly fetchFile: FetchFile,
    readonly report: Report,
    readonly bytes: GrowingBuffer,
    readonly kept: KeptFile | undefined,
  ) {
    this.#version = kept?.version ?? {};
  }

  async toTheEnd(): Promise<void> {
    let furthest = this.bytes.length;
    let futile = 0;
    for (;;) {
      const resumes = this.bytes.length > 0;
      try {
        if (await this.#pour()) return;
      } catch (error) {
        const isBreak =
          !(error instanceof BertletError) ||
          error instanceof BusyServer ||
          // Once more, since a connection that was cut looks just like it.
          (error instanceof Unreadable && (resumes || futile === 0));
        if (!isBreak) throw error;
        futile = this.bytes.length > furthest ? 0 : futile + 1;
        furthest = Math.max(furthest, this.bytes.length);
        if (futile === MOST_FUTILE) throw error instanceof BertletError ? error : this.#brokeOff(error);
        await new Promise((resolve) => setTimeout(resolve, BACK_OFF_MS * 2 ** futile));
      }
    }
  }

  /** One request, and all that it brings. Returns whether the file is whole. */
  async #pour(): Promise<boolean> {
    const { kind, url, bytes, report } = this;
    if (bytes.length > 0 && bytes.length === this.#version.total) return true;
    const headers = bytes.length > 0 ? rangeOf(url, bytes.length, this.#version) : undefined;
    if (headers === undefined) await this.#beginAnew();
    const init = { ...(headers && { headers }), ...(this.kept && { cache: "no-store" as const }) };
    const asking = get(kind.name, url, missingHint(kind, url), (href) => this.fetchFile(href, init));
    const response = await withTimeout(STALL_MS, asking, this.#stalled()).catch(async (error) => {
      // What has arrived is of another file than is there now.
      if (error instanceof RangeRefused) await this.#beginAnew();
      throw error;
    });
    const at = bytes.length;
    const part = partOf(response, at);
    const version = versionOf(response, part.total);
    const isRest = response.status === 206 && part.start === at && isSame(version, this.#version);
    if (headers === undefined ? part.start !== 0 : !isRest) {
      await this.#beginAnew();
      if (response.status !== 200) {
        await response.body?.cancel();
        throw new Error(`it sent another part or version of the file, with HTTP ${response.status}`);
      }
    }
    const total = version.total ?? (isRest ? this.#version.total : undefined);
    checkSize(kind, total ?? 0);
    if (bytes.length === 0) {
      this.#version = version;
      await this.kept?.begin(version);
    }
    const reader = readerOf(response, kind, url);
    const type = response.headers.get("content-type") ?? "";
    try {
      for (;;) {
        const { done, value } = await withTimeout(STALL_MS, reader.read(), this.#stalled());
        if (value !== undefined) bytes.push(value);
        if (!this.#inspected && (done || bytes.length >= HEAD_BYTES)) this.#inspect(type);
        await this.kept?.save(bytes.filled());
        const isWhole = total === undefined || bytes.length >= total;
        // A server may give less of the rest than was asked for.
        const isAsSaid = headers !== undefined && bytes.length > at && bytes.length === part.end;
        if (done && !isWhole && !isAsSaid) throw new Error("it ended early");
        report(bytes.length, done && isWhole ? bytes.length : total);
        if (done) return isWhole;
      }
    } catch (error) {
      await reader.cancel().catch(() => {});
      throw error;
    }
  }

  async #beginAnew(): Promise<void> {
    if (this.bytes.length > 0) await this.kept?.clear();
    this.bytes.clear();
    this.#inspected = false;
  }

  /** A page in place of the file is how some servers say that they have none. */
  #inspect(type: string): void {
    this.#inspected = true;
    try {
      sniffFile(this.kind, this.bytes.filled().subarray(0, HEAD_BYTES), { url: shown(this.url), type });
    } catch (error) {
      this.bytes.clear();
      const { code, message, hint } = error as BertletError;
      throw code === "fetch-failed" ? new MissingFile(code, message, hint) : error;
    }
  }

  #stalled(): BertletError {
    const message = `${this.kind.name}: ${shown(this.url)} sent nothing for ${STALL_MS / 1000} s`;
    return new BertletError("fetch-failed", message, "try again");
  }

  #brokeOff(error: unknown): BertletError {
    const message = `${this.kind.name}: ${shown(this.url)} broke off: ${reasonWithout(this.url, error)}`;
    return new BertletError("fetch-failed", message, "try again");
  }
}

/** Bun says only here that there is no such file. */
function readerOf({ body }: Response, { name }: FileKind, url: string) {
  try {
    return (body as ReadableStream<Uint8Array>).getReader();
  } catch (error) {
    throw new MissingFile(
      "fetch-failed",
      `${name}: ${shown(url)} could not be read: ${reasonWithout(url, error)}`,
      "check the address",
    );
  }
}

/** Headers that ask for the rest of a file; undefined where nothing would tell that it is still the same file. */
function rangeOf(
  url: string,
  at: number,
  { etag, lastModified }: Version,
): Record<string, string> | undefined {
  const validator = etag ?? lastModified;
  if (validator === undefined || !/^https?:/.test(url)) return undefined;
  const range = { range: `bytes=${at}-` };
  // At another origin this header would need leave, and the answer is compared all the same.
  return new URL(url).origin === globalThis.location?.origin ? { ...range, "if-range": validator } : range;
}

/** A part of a file, and the file's size. */
interface Part {
  start: number;
  end?: number;
  total?: number;
}

/** The part that an answer says it is. A server of another origin may not show that (CORS): then it is the rest from `at` on. */
function partOf(response: Response, at: number): Part {
  const { headers, status } = response;
  const range = status === 206 ? (headers.get("content-range") ?? "") : "";
  const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(range) ?? [];
  if (first !== undefined)
    return { start: Number(first), end: Number(last) + 1, ...(size !== "*" && { total: Number(size) }) };
  const start = status === 206 ? at : 0;
  const length = lengthOf(response);
  return length === undefined ? { start } : { start, end: start + length, total: start + length };
}

/** What the answer says of the file's version. A weak ETag says too little. */
function versionOf({ headers }: Response, total: number | undefined): Version {
  const etag = headers.get("etag");
  const lastModified = headers.get("last-modified");
  const isPlain = !headers.has("content-encoding");
  return {
    ...(isPlain && etag !== null && !etag.startsWith("W/") && { etag }),
    ...(isPlain && lastModified !== null && { lastModified }),
    ...(total !== undefined && { total }),
  };
}

function isSame(found: Version, expected: Version): boolean {
  const validator = expected.etag === undefined ? "lastModified" : "etag";
  const sameSize =
    found.total === undefined || expected.total === undefined || found.total === expected.total;
  return sameSize && found[validator] !== undefined && found[validator] === expected[validator];
}
