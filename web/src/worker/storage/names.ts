// Takes any text as a file's name; gives one that every file system keeps apart, and back.

import { BertletError, describe } from "../../shared/errors.ts";
import { writtenOut } from "../../shared/kept-names.ts";

/** File systems allow 255 bytes. */
const MOST_BYTES = 240;

/** A file's name. An empty text has one, too, by the first letter. */
export function fileName(name: string): string {
  const written = `n${writtenOut(name)}`;
  if (new TextEncoder().encode(written).byteLength <= MOST_BYTES) return written;
  throw new BertletError("bad-option", `the name ${describe(name)} is too long to keep`, "use a shorter one");
}

/** The text of a file's name; undefined for a file that is not ours. */
export function nameOf(file: string): string | undefined {
  if (!file.startsWith("n")) return undefined;
  return file
    .slice(1)
    .replace(/%u([0-9a-f]{4})|%([0-9a-f]{2})/g, (_, long, short) =>
      String.fromCharCode(Number.parseInt(long ?? short, 16)),
    );
}
