// A store in IndexedDB, where there is no OPFS. A file is written whole or not at all, and is in memory meanwhile.

import { checkFree, writeFailure } from "./room.ts";
import type { Chunks, Store } from "./store.ts";

const DATABASE = "bertlet";
/** The chunks of each file, and its size apart from them, so that a list reads no file. */
const CHUNKS = "chunks";
const SIZES = "sizes";

type Key = [folder: string, name: string];

/** Throws where there is none, or storage is denied. */
export async function openIndexedDb(folder: string): Promise<Store> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    for (const name of [CHUNKS, SIZES]) request.result.createObjectStore(name);
  };
  const database = await resultOf(request);
  // Another tab may delete it.
  database.onversionchange = () => database.close();
  return new IndexedDbStore(database, folder);
}

class IndexedDbStore implements Store {
  readonly kind = "indexeddb";
  readonly #database: IDBDatabase;
  readonly #folder: string;

  constructor(database: IDBDatabase, folder: string) {
    this.#database = database;
    this.#folder = folder;
  }

  async write(name: string, chunks: Chunks, bytes?: number): Promise<void> {
    await checkFree(name, bytes, bytes === undefined ? 0 : await this.#sizeOf(name));
    const kept: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of chunks) {
      // A database copies the whole buffer behind a view.
      kept.push(chunk.slice());
      size += chunk.byteLength;
    }
    try {
      await this.#change((chunksOf, sizes) => {
        chunksOf.put(kept, this.#keyOf(name));
        sizes.put(size, this.#keyOf(name));
      });
    } catch (error) {
      throw await writeFailure(name, size, error);
    }
  }

  async read(name: string): Promise<Blob | undefined> {
    const from = this.#database.transaction(CHUNKS).objectStore(CHUNKS);
    const chunks: Uint8Array<ArrayBuffer>[] | undefined = await resultOf(from.get(this.#keyOf(name)));
    return chunks && new Blob(chunks);
  }

  async remove(name: string): Promise<void> {
    await this.#change((chunksOf, sizes) => {
      for (const each of [chunksOf, sizes]) each.delete(this.#keyOf(name));
    });
  }

  async list(): Promise<{ name: string; bytes: number }[]> {
    const from = this.#database.transaction(SIZES).objectStore(SIZES);
    // An array is after every text.
    const all = IDBKeyRange.bound([this.#folder], [this.#folder, []]);
    const [keys, sizes] = await Promise.all([resultOf(from.getAllKeys(all)), resultOf(from.getAll(all))]);
    return keys.map((key, at) => ({ name: (key as Key)[1], bytes: sizes[at] as number }));
  }

  async #sizeOf(name: string): Promise<number> {
    const from = this.#database.transaction(SIZES).objectStore(SIZES);
    return (await resultOf(from.get(this.#keyOf(name)))) ?? 0;
  }

  #keyOf(name: string): Key {
    return [this.#folder, name];
  }

  /** Both stores change together, or neither. */
  #change(work: (chunks: IDBObjectStore, sizes: IDBObjectStore) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const change = this.#database.transaction([CHUNKS, SIZES], "readwrite");
      change.oncomplete = () => resolve();
      change.onabort = () => reject(change.error);
      work(change.objectStore(CHUNKS), change.objectStore(SIZES));
      // A page that ends at this moment would commit nothing any more.
      change.commit();
    });
  }
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
