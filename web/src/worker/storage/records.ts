// Small records in a store: JSON behind its SHA-256, so that a torn record counts as missing.

import { hexOf, sha256 } from "./digest.ts";
import { bytesOf } from "./open-store.ts";
import type { Store } from "./store.ts";

export async function writeRecord(store: Store, name: string, record: object): Promise<void> {
  const json = new TextEncoder().encode(JSON.stringify(record));
  await store.write(name, [new TextEncoder().encode(`${hexOf(await sha256(json))}\n`), json]);
}

export async function readRecord<T>(store: Store, name: string): Promise<T | undefined> {
  const file = await store.read(name);
  if (file === undefined) return undefined;
  const bytes = await bytesOf(file);
  const end = bytes.indexOf(10);
  const json = bytes.subarray(end + 1);
  const text = new TextDecoder();
  const isWhole = end >= 0 && text.decode(bytes.subarray(0, end)) === hexOf(await sha256(json));
  return isWhole ? JSON.parse(text.decode(json)) : undefined;
}
