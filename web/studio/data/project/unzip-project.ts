/**
 * Reads the zip of a project with zip.js. Built as unzip-project.js of its own, since few visits need it. No file gets more
 * bytes than the caller allows, whatever the zip declares.
 */
import { BlobReader, configure, type FileEntry, ZipReader } from "@zip.js/zip.js/lib/zip-core-native.js";

export interface ZipPart {
  /** The content, at most so many bytes. */
  read(most: number): Promise<Blob>;
}

// Its own workers would be of blob: URLs.
configure({ useWebWorkers: false });

/** The files of a zip by their paths, at most so many. */
export async function entriesOf(zip: Blob, most: number): Promise<Map<string, ZipPart>> {
  const entries = new Map<string, ZipPart>();
  for await (const entry of new ZipReader(new BlobReader(zip)).getEntriesGenerator()) {
    if (entry.directory) continue;
    if (entries.size === most) throw new Error(`it holds more than ${most} files`);
    entries.set(entry.filename, { read: (bytes) => read(entry, bytes) });
  }
  return entries;
}

async function read(entry: FileEntry, most: number): Promise<Blob> {
  if (entry.encrypted) throw new Error(`${entry.filename} has a password`);
  const { filename, uncompressedSize: declared } = entry;
  if (declared > most) throw new Error(`${filename} is larger than ${most} bytes`);
  let bytes = 0;
  const pieces = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform: (piece, out) => {
      bytes += piece.byteLength;
      if (bytes > declared)
        throw new Error(`${filename} is larger than the ${declared} bytes that it declares`);
      out.enqueue(piece);
    },
  });
  // The browser moves a large Blob to the disk.
  const content = new Response(pieces.readable).blob();
  content.catch(() => undefined);
  await entry.getData(pieces.writable, { checkSignature: true });
  return content;
}
