// Takes any text as a file's name; gives one that every file system keeps apart, and back.

import { BertletError, describe } from "../../shared/errors.ts";

/** File systems allow 255 bytes. */
const MOST_BYTES = 240;
/** Capitals are written out, since some file systems take them for small letters. Ideographs have one form only. */
const WRITTEN_OUT = /[^a-z0-9_\-\p{Unified_Ideograph}]/gu;

/** A file's name. An empty text has one, too, by the first letter. */
export function fileName(name: string): string {
  const written = `n${name.replace(WRITTEN_OUT, escaped)}`;
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

/** By code units, so that half of a pair has a name, too. */
function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    const code = character.charCodeAt(at);
    return code < 256 ? `%${code.toString(16).padStart(2, "0")}` : `%u${code.toString(16).padStart(4, "0")}`;
  }).join("");
}
