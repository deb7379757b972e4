// Opens a store of files in this browser: OPFS, else IndexedDB, else memory, which ends with the worker. Where the browser
// takes the store away, as with the site's data, its calls fail as `no-storage`, and the next opening begins anew.

import { BertletError } from "../../shared/errors.ts";
import { openIndexedDb } from "./indexed-db.ts";
import { MemoryStore } from "./memory.ts";
import { openOpfs } from "./opfs.ts";
import type { Chunks, Store } from "./store.ts";

const opened = new Map<string, Promise<Store>>();

/** The store of a folder of the library's own: the same one for each call. */
export function openStore(folder: string): Promise<Store> {
  const store = opened.get(folder) ?? open(folder).then((found) => new WatchedStore(folder, found));
  opened.set(folder, store);
  return store;
}

/** Bytes of a file of a store, which may be taken away until they are read. */
export async function bytesOf(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw lost(error);
  }
}

class WatchedStore implements Store {
  readonly kind: Store["kind"];
  readonly #folder: string;
  readonly #store: Store;

  constructor(folder: string, store: Store) {
    this.kind = store.kind;
    this.#folder = folder;
    this.#store = store;
  }

  write(name: string, chunks: Chunks, bytes?: number): Promise<void> {
    return this.#watched(this.#store.write(name, chunks, bytes));
  }

  read(name: string): Promise<Blob | undefined> {
    return this.#watched(this.#store.read(name));
  }

  remove(name: string): Promise<void> {
    return this.#watched(this.#store.remove(name));
  }

  list(): Promise<{ name: string; bytes: number }[]> {
    return this.#watched(this.#store.list());
  }

  async #watched<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      // A database that is closed tells no reason.
      if (error !== null && !(error instanceof DOMException)) throw error;
      opened.delete(this.#folder);
      throw lost(error);
    }
  }
}

function lost(error: unknown): BertletError {
  return new BertletError(
    "no-storage",
    `this browser's storage could not be used: ${error ?? "it was closed"}`,
    "try again; what was kept is gone where the site's data was cleared",
    { cause: error },
  );
}

async function open(folder: string): Promise<Store> {
  const opfs = await openOpfs(folder).catch(() => undefined);
  if (opfs !== undefined) return opfs;
  const database = await openIndexedDb(folder).catch(() => undefined);
  if (database !== undefined) return database;
  return new MemoryStore();
}
