// Reads zips with zip.js: lists the files of one, and gives the bytes of a file in pieces. Built as unzip.js of
// its own, since few pages need it: zip-folder.ts loads it.

import {
  BlobReader,
  configure,
  ERR_UNSUPPORTED_COMPRESSION,
  type FileEntry,
  ZipReader,
} from "@zip.js/zip.js/lib/zip-core-native.js";
import { BertletError } from "../../shared/errors.ts";

export interface ZipEntry {
  path: string;
  /** Size as the zip declares it; the real one may differ. */
  bytes: number;
  /** Size within the zip. */
  packedBytes: number;
  encrypted: boolean;
  /** Gives the content to `push` in pieces, and checks it. What `push` throws ends the reading. */
  read(push: (chunk: Uint8Array) => void): Promise<void>;
}

// Its own workers would be of blob: URLs, which many pages forbid.
configure({ useWebWorkers: false });

/** The files of a zip; `most` limits their number. */
export async function entriesOf(zip: Blob, most: number): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  for await (const entry of new ZipReader(new BlobReader(zip)).getEntriesGenerator()) {
    if (entry.directory) continue;
    if (entries.length === most) throw new Error(`it holds more than ${most} files`);
    entries.push({
      path: entry.filename,
      bytes: entry.uncompressedSize,
      packedBytes: entry.compressedSize,
      encrypted: entry.encrypted,
      read: (push) => readEntry(entry, push),
    });
  }
  return entries;
}

async function readEntry(entry: FileEntry, push: (chunk: Uint8Array) => void): Promise<void> {
  const writable = new WritableStream<Uint8Array>({ write: push });
  try {
    await entry.getData(writable, { checkSignature: true });
  } catch (error) {
    if ((error as Partial<Error> | undefined)?.message !== ERR_UNSUPPORTED_COMPRESSION) throw error;
    throw new BertletError(
      "fetch-failed",
      `${entry.filename}: the zip has it packed by method ${entry.compressionMethod}, which is not read`,
      "unzip it and give the folder, or zip it with Deflate, as most programs do",
    );
  }
}
