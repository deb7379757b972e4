// A store of files, whatever it is kept in. Knows nothing of what the files hold. No code.

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
