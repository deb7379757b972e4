// A store in memory, where the browser denies storage. It ends with the worker.

import type { Chunks, Store } from "./store.ts";

export class MemoryStore implements Store {
  readonly kind = "memory";
  readonly #files = new Map<string, Blob>();

  async write(name: string, chunks: Chunks): Promise<void> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for await (const chunk of chunks) parts.push(chunk.slice());
    this.#files.set(name, new Blob(parts));
  }

  async read(name: string): Promise<Blob | undefined> {
    return this.#files.get(name);
  }

  async remove(name: string): Promise<void> {
    this.#files.delete(name);
  }

  async list(): Promise<{ name: string; bytes: number }[]> {
    return Array.from(this.#files, ([name, { size }]) => ({ name, bytes: size }));
  }
}
