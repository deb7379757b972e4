// One downloaded file in the browser's storage, in pieces, each with its SHA-256: what had arrived before a break is
// there for the next attempt. Its own failures never fail a download.

import { hexOf, sha256 } from "../storage/digest.ts";
import { readRecord, writeRecord } from "../storage/records.ts";
import type { Store } from "../storage/store.ts";

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
  /** Where the file is whole: its pieces and its SHA-256. */
  whole?: { pieces: number; bytes: number; sha256: string };
  /** The server has no such file. */
  missing?: true;
}

export class KeptFile {
  readonly #store: Store;
  readonly #key: string;
  readonly #onFailure: () => void;
  #head: Head;
  #pieces = 0;
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
    const head = await readRecord<Head>(store, `${key}/head`).catch(() => undefined);
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
    for (let at = 0; at < (whole?.pieces ?? 0); at++) {
      bytes += Math.max(0, ((await this.#store.read(this.#piece(at)))?.size ?? 0) - DIGEST_BYTES);
    }
    return whole !== undefined && bytes === whole.bytes;
  }

  /** Gives every piece up to the first damaged one. Returns the SHA-256 of the whole file, where it is whole. */
  async read(push: (piece: Uint8Array) => void): Promise<string | undefined> {
    const { whole } = this.#head;
    try {
      for (;;) {
        if (whole !== undefined && this.#pieces === whole.pieces) break;
        const file = await this.#store.read(this.#piece(this.#pieces));
        if (file === undefined || file.size < DIGEST_BYTES) break;
        const bytes = new Uint8Array(await file.arrayBuffer());
        const piece = bytes.subarray(0, -DIGEST_BYTES);
        if (hexOf(await sha256(piece)) !== hexOf(bytes.subarray(-DIGEST_BYTES))) break;
        push(piece);
        this.#pieces++;
        this.#saved += piece.byteLength;
      }
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
    }
    return whole?.bytes === this.#saved && whole.pieces === this.#pieces ? whole.sha256 : undefined;
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
        await this.#store.write(this.#piece(this.#pieces), [piece, await sha256(piece)], size);
        this.#pieces++;
        this.#saved += piece.byteLength;
      }
    });
  }

  async finish(bytes: Uint8Array): Promise<void> {
    await this.save(bytes, true);
    await this.#try(async () => {
      const whole = { pieces: this.#pieces, bytes: bytes.byteLength, sha256: hexOf(await sha256(bytes)) };
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
    [this.#pieces, this.#saved] = [0, 0];
    this.#head = { url: this.#head.url, version: {} };
    try {
      await this.#store.remove(`${this.#key}/head`);
      for (let at = 0; (await this.#store.read(this.#piece(at))) !== undefined; at++) {
        await this.#store.remove(this.#piece(at));
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
