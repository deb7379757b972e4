// Opens a store of files in this browser: OPFS, else IndexedDB, else memory, which ends with the worker. Gives typed
// errors where the storage is full. Knows nothing of what the files hold.

import { openIndexedDb } from "./indexed-db.ts";
import { MemoryStore } from "./memory.ts";
import { openOpfs } from "./opfs.ts";

export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Files by their names, which may have any characters. */
export interface Store {
  readonly kind: "opfs" | "indexeddb" | "memory";
  /**
   * Replaces the file. A crash may leave a part of it, so readers check what they read. Where the storage is full,
   * throws `storage-full` and removes the part. `bytes` is the size, where it is known: it is then asked for first.
   */
  write(name: string, chunks: Chunks, bytes?: number): Promise<void>;
  /** The file as it is now: write, and read again, rather than keep the Blob. */
  read(name: string): Promise<Blob | undefined>;
  /** Does nothing where there is no such file. */
  remove(name: string): Promise<void>;
  list(): Promise<{ name: string; bytes: number }[]>;
}

const opened = new Map<string, Promise<Store>>();

/** The store of a folder of the library's own: the same one for each call. */
export function openStore(folder: string): Promise<Store> {
  const store = opened.get(folder) ?? open(folder);
  opened.set(folder, store);
  return store;
}

async function open(folder: string): Promise<Store> {
  const opfs = await openOpfs(folder).catch(() => undefined);
  if (opfs !== undefined) return opfs;
  const database = await openIndexedDb(folder).catch(() => undefined);
  if (database !== undefined) return database;
  return new MemoryStore();
}
