// SHA-256: the browser's own, or @noble/hashes where the page is not secure, as on http.

import { sha256 as plainSha256 } from "@noble/hashes/sha2.js";

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
