// SHA-256: the browser's own, or @noble/hashes where the page is not secure, as on http. Of a large file each piece has
// its own.

import { sha256 as plainSha256 } from "@noble/hashes/sha2.js";
import type { Chunks } from "./store.ts";

/** A piece of a file, and how it is known again. */
export interface Piece {
  bytes: number;
  sha256: string;
}

export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  const { subtle } = globalThis.crypto ?? {};
  if (subtle === undefined) return plainSha256(bytes);
  // It refuses shared memory, as that of wasm with threads is.
  const isOwn = bytes.buffer instanceof ArrayBuffer;
  const own = (isOwn ? bytes : new Uint8Array(bytes)) as Uint8Array<ArrayBuffer>;
  return new Uint8Array(await subtle.digest("SHA-256", own));
}

export function hexOf(digest: Uint8Array): string {
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The pieces as they come, with what each is known by added to `known`. */
export async function* digested(pieces: Chunks, known: Piece[]): AsyncIterable<Uint8Array> {
  for await (const piece of pieces) {
    known.push({ bytes: piece.byteLength, sha256: hexOf(await sha256(piece)) });
    yield piece;
  }
}
