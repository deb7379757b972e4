// Opens a store of files in this browser: OPFS, else IndexedDB, else memory, which ends with the worker.

import { openIndexedDb } from "./indexed-db.ts";
import { MemoryStore } from "./memory.ts";
import { openOpfs } from "./opfs.ts";
import type { Store } from "./store.ts";

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
