// One downloaded file in the browser's storage, in pieces named by where they begin, each with its SHA-256: what had
// arrived before a break is there for the next attempt. Its own failures never fail a download.

import { failureOf } from "../../shared/errors.ts";
import { hexOf, sha256 } from "../storage/digest.ts";
import { bytesOf } from "../storage/open-store.ts";
import { readRecord, writeRecord } from "../storage/records.ts";
import type { Store } from "../storage/store.ts";
import type { GrowingBuffer } from "./growing-buffer.ts";

const PIECE_BYTES = 16 * 2 ** 20;
const DIGEST_BYTES = 32;

/** By what a server says that a file is still the same. */
export interface Version {
  etag?: string;
  lastModified?: string;
  /** Size of the file. */
  total?: number;
}

interface Head {
  url: string;
  version: Version;
  /** Where the file is whole. */
  whole?: { bytes: number; sha256: string };
  /** The server has no such file. */
  missing?: true;
}

export class KeptFile {
  readonly #store: Store;
  readonly #key: string;
  readonly #onFailure: () => void;
  #head: Head;
  /** Bytes in the pieces. */
  #saved = 0;
  #failed = false;

  private constructor(store: Store, key: string, head: Head, onFailure: () => void) {
    this.#store = store;
    this.#key = key;
    this.#head = head;
    this.#onFailure = onFailure;
  }

  static async open(store: Store, key: string, url: string, onFailure: () => void): Promise<KeptFile> {
    const head = await headOf(store, key);
    return new KeptFile(store, key, head?.url === url ? head : { url, version: {} }, onFailure);
  }

  get version(): Version {
    return this.#head.version;
  }

  get isMissing(): boolean {
    return this.#head.missing === true;
  }

  /** Whether all pieces are there, by their sizes. */
  async isWhole(): Promise<boolean> {
    const { whole } = this.#head;
    let bytes = 0;
    while (whole !== undefined && bytes < whole.bytes) {
      const { size = 0 } = (await this.#store.read(this.#piece(bytes))) ?? {};
      if (size <= DIGEST_BYTES) return false;
      bytes += size - DIGEST_BYTES;
    }
    return bytes === whole?.bytes;
  }

  /** Reads every piece up to the first damaged one. Returns whether the file is whole. */
  async read(bytes: GrowingBuffer): Promise<boolean> {
    const { whole } = this.#head;
    try {
      while (this.#saved !== whole?.bytes) {
        const piece = await this.#sound(this.#saved);
        if (piece === undefined) break;
        bytes.push(piece);
        this.#saved += piece.byteLength;
      }
    } catch (error) {
      if (failureOf(error)?.code !== "no-storage") throw error;
    }
    if (whole === undefined) return false;
    if (whole.bytes === this.#saved && whole.sha256 === hexOf(await sha256(bytes.filled()))) return true;
    // Pieces of several downloads are no part of one file.
    bytes.clear();
    await this.clear();
    return false;
  }

  async #sound(at: number): Promise<Uint8Array | undefined> {
    const file = await this.#store.read(this.#piece(at));
    if (file === undefined || file.size <= DIGEST_BYTES) return undefined;
    const bytes = await bytesOf(file);
    const piece = bytes.subarray(0, -DIGEST_BYTES);
    return hexOf(await sha256(piece)) === hexOf(bytes.subarray(-DIGEST_BYTES)) ? piece : undefined;
  }

  /** The download begins anew, or goes on, with this version. */
  begin(version: Version): Promise<void> {
    return this.#try(async () => {
      this.#head = { url: this.#head.url, version };
      await this.#writeHead();
    });
  }

  /** Keeps what has arrived: full pieces, and with `all` the rest. `bytes` are all so far. */
  save(bytes: Uint8Array, all = false): Promise<void> {
    return this.#try(async () => {
      while (bytes.byteLength - this.#saved >= (all ? 1 : PIECE_BYTES)) {
        const piece = bytes.subarray(this.#saved, this.#saved + PIECE_BYTES);
        const size = piece.byteLength + DIGEST_BYTES;
        await this.#store.write(this.#piece(this.#saved), [piece, await sha256(piece)], size);
        this.#saved += piece.byteLength;
      }
    });
  }

  /** Keeps what arrived before a break, unless another tab has the file whole by now. */
  async saveRest(bytes: Uint8Array): Promise<void> {
    if ((await headOf(this.#store, this.#key))?.whole === undefined) await this.save(bytes, true);
  }

  async finish(bytes: Uint8Array): Promise<void> {
    await this.save(bytes, true);
    await this.#try(async () => {
      const whole = { bytes: bytes.byteLength, sha256: hexOf(await sha256(bytes)) };
      this.#head = { ...this.#head, whole };
      await this.#writeHead();
    });
  }

  async markMissing(): Promise<void> {
    this.#head = { url: this.#head.url, version: {}, missing: true };
    await this.#writeHead();
  }

  /** Removes all that is kept of the file. */
  async clear(): Promise<void> {
    this.#saved = 0;
    this.#head = { url: this.#head.url, version: {} };
    try {
      await this.#store.remove(`${this.#key}/head`);
      for (const { name } of await this.#store.list()) {
        if (name.startsWith(`${this.#key}/`)) await this.#store.remove(name);
      }
    } catch {
      this.#fail();
    }
  }

  #piece(at: number): string {
    return `${this.#key}/${at}`;
  }

  #writeHead(): Promise<void> {
    return writeRecord(this.#store, `${this.#key}/head`, this.#head);
  }

  async #try(work: () => Promise<void>): Promise<void> {
    if (this.#failed) return;
    try {
      await work();
    } catch {
      this.#fail();
      // A part that no download can end takes room from others.
      await this.clear();
    }
  }

  #fail(): void {
    this.#failed = true;
    this.#onFailure();
  }
}

function headOf(store: Store, key: string): Promise<Head | undefined> {
  return readRecord<Head>(store, `${key}/head`).catch(() => undefined);
}
