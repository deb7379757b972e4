// Small records in a store: JSON behind its SHA-256, so that a torn record counts as missing.

import { hexOf, sha256 } from "./digest.ts";
import { bytesOf } from "./open-store.ts";
import { readFile } from "./read-file.ts";
import { parsed } from "./shape.ts";
import type { Store } from "./store.ts";

export async function writeRecord(store: Store, name: string, record: object): Promise<void> {
  const json = new TextEncoder().encode(JSON.stringify(record));
  await store.write(name, [new TextEncoder().encode(`${hexOf(await sha256(json))}\n`), json]);
}

/** Undefined where there is none, or it is not as it was written. Its shape is for the reader to check. */
export async function readRecord<T>(store: Store, name: string): Promise<T | undefined> {
  return readFile(store, name, recordOf<T>, undefined);
}

async function recordOf<T>(file: Blob): Promise<T | undefined> {
  const bytes = await bytesOf(file);
  const end = bytes.indexOf(10);
  const json = bytes.subarray(end + 1);
  const digest = new TextDecoder().decode(bytes.subarray(0, end));
  const isWhole = end >= 0 && digest === hexOf(await sha256(json));
  return isWhole ? (parsed(json) as T) : undefined;
}
