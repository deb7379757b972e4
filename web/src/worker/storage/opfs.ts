// A store in the origin private file system, by the handles that workers have: a file is written in place, in chunks.

import { fileName, nameOf } from "./names.ts";
import { checkFree, writeFailure } from "./room.ts";
import type { Chunks, Store } from "./store.ts";

/** The library's own folder, beside whatever else the site keeps. */
const ROOT = "bertlet";

/** The part of FileSystemSyncAccessHandle that is used here. */
interface AccessHandle {
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(bytes: number): void;
  flush(): void;
  close(): void;
}
type Accessible = FileSystemFileHandle & { createSyncAccessHandle(): Promise<AccessHandle> };

/** Throws where there is none, as in a page, on http, or where storage is denied. */
export async function openOpfs(folder: string): Promise<Store> {
  if (!("createSyncAccessHandle" in FileSystemFileHandle.prototype)) throw new Error("there is none");
  const root = await navigator.storage.getDirectory();
  const own = await root.getDirectoryHandle(ROOT, { create: true });
  return new OpfsStore(await own.getDirectoryHandle(fileName(folder), { create: true }));
}

class OpfsStore implements Store {
  readonly kind = "opfs";
  readonly #folder: FileSystemDirectoryHandle;

  constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder;
  }

  async write(name: string, chunks: Chunks, bytes?: number): Promise<void> {
    const before = bytes === undefined ? undefined : await this.read(name);
    await checkFree(name, bytes, before?.size);
    let at = 0;
    let handle: AccessHandle | undefined;
    try {
      const file = (await this.#folder.getFileHandle(fileName(name), { create: true })) as Accessible;
      handle = await file.createSyncAccessHandle();
      for await (const chunk of chunks) {
        const written = handle.write(chunk, { at });
        at += chunk.byteLength;
        // Some browsers write what fits.
        if (written < chunk.byteLength) throw new DOMException("a part was written", "QuotaExceededError");
      }
      handle.truncate(at);
      handle.flush();
      handle.close();
    } catch (error) {
      if (handle !== undefined) {
        handle.close();
        await this.remove(name).catch(() => {});
      }
      throw await writeFailure(name, bytes ?? at, error);
    }
  }

  async read(name: string): Promise<Blob | undefined> {
    try {
      return await (await this.#folder.getFileHandle(fileName(name))).getFile();
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    try {
      await this.#folder.removeEntry(fileName(name));
    } catch (error) {
      if (!isMissing(error)) throw await writeFailure(name, 0, error);
    }
  }

  async list(): Promise<{ name: string; bytes: number }[]> {
    const files: { name: string; bytes: number }[] = [];
    for await (const [file, handle] of this.#folder.entries()) {
      const name = nameOf(file);
      if (name === undefined || handle.kind !== "file") continue;
      // Another worker may remove it meanwhile.
      const { size } = (await handle.getFile().catch(() => undefined)) ?? {};
      if (size !== undefined) files.push({ name, bytes: size });
    }
    return files;
  }
}

function isMissing(error: unknown): boolean {
  return (error as Partial<Error>)?.name === "NotFoundError";
}
