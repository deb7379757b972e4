// Takes a zip of a folder; gives its files, each read when it is asked for. Bounds memory by the size of the
// file's kind, whatever size the zip declares. Loads the zip reader only when it is called.

import { BertletError, failureOf } from "../../shared/errors.ts";
import type { FolderFile } from "../../shared/folder-files.ts";
import type { Report } from "../downloads/fetch-file.ts";
import type { FileKind } from "../downloads/file-kinds.ts";
import { checkSize, GrowingBuffer } from "../downloads/growing-buffer.ts";
import { HEAD_BYTES, sniffFile } from "../downloads/sniff-file.ts";
import type * as Unzip from "./unzip.ts";

export type ZippedFile = Unzip.ZipEntry;

/** More files than any folder of a model has, with the checkpoints of its training. */
const MOST_FILES = 10_000;
/** How a zip begins: with a file, or with its end where it holds none. */
const BEGINNINGS = ["PK\u0003\u0004", "PK\u0005\u0006"];

/** The files of the zip, by their paths. */
export async function openZip(
  zip: Blob,
  load: () => Promise<typeof Unzip> = loadReader,
): Promise<FolderFile<{ zipped: ZippedFile }>[]> {
  const reader = await load();
  let entries: ZippedFile[];
  try {
    const start = String.fromCharCode(...new Uint8Array(await zip.slice(0, 4).arrayBuffer()));
    if (!BEGINNINGS.includes(start)) throw new Error("it does not begin as a zip does");
    entries = await reader.entriesOf(zip, MOST_FILES);
  } catch (error) {
    throw new BertletError(
      "fetch-failed",
      `the zip could not be read: ${messageOf(error)}`,
      "give a zip of the model's folder; a single file goes by its name, as { config, tokenizer, weights }",
    );
  }
  // As torch.save writes it.
  if (entries.some(({ path }) => /(^|\/)data\.pkl$/.test(path))) {
    throw new BertletError(
      "pickle-refused",
      "the zip: expected a model's folder, found a Python pickle, which can run code and is never opened",
      "convert it once in Python: model.save_pretrained(folder, safe_serialization=True)",
    );
  }
  return entries.map((zipped) => ({ path: zipped.path, file: { zipped } }));
}

/** The bytes of one file of the zip. */
export async function readZipped(kind: FileKind, file: ZippedFile, report: Report): Promise<Uint8Array> {
  const { path, bytes: declared, encrypted } = file;
  if (encrypted) {
    throw new BertletError(
      "fetch-failed",
      `${path}: the zip has it encrypted, with a password`,
      "unzip it first, and give the folder",
    );
  }
  checkSize(kind, declared);
  // Deflate makes at most 1,032 bytes of one, so a zip that declares more does not get the memory for it.
  const buffer = new GrowingBuffer(kind, Math.min(declared, 1032 * file.packedBytes + 1032));
  let refused: unknown;
  const push = (chunk: Uint8Array) => {
    try {
      if (buffer.length + chunk.byteLength > declared) {
        throw new Error(`expected ${declared} bytes, as the zip declares, found more`);
      }
      buffer.push(chunk);
      report(buffer.length, declared);
    } catch (error) {
      refused ??= error;
      throw error;
    }
  };
  try {
    await file.read(push);
    if (buffer.length !== declared) throw new Error(`expected ${declared} bytes, found ${buffer.length}`);
  } catch (thrown) {
    const error = refused ?? thrown;
    if (failureOf(error) !== undefined) throw error;
    throw new BertletError(
      "fetch-failed",
      `${path}: the zip is damaged there: ${messageOf(error)}`,
      "download or make the zip again",
    );
  }
  const bytes = buffer.filled();
  sniffFile(kind, bytes.subarray(0, HEAD_BYTES));
  report(declared, declared);
  return bytes;
}

async function loadReader(): Promise<typeof Unzip> {
  try {
    return await import("./unzip.ts");
  } catch (error) {
    throw new BertletError(
      "fetch-failed",
      `unzip.js: it could not be loaded: ${error}`,
      "unzip.js must lie in the same folder as worker.js",
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
