// Names that people give to what the browser keeps, as a part of a file's name, which has room for so much.

/** A file's name has 240 bytes; its generation and its part are in it, too. So 35 UTF-16 units always fit. */
const MOST_BYTES = 210;
/** Capitals are written out, since some file systems take them for small letters. Ideographs have one form only. */
const WRITTEN_OUT = /[^a-z0-9_\-\p{Unified_Ideograph}]/gu;

export function writtenOut(name: string): string {
  return name.replace(WRITTEN_OUT, escaped);
}

export function fitsFileName(name: string): boolean {
  return new TextEncoder().encode(writtenOut(name)).byteLength <= MOST_BYTES;
}

/** By code units, so that half of a pair has a name, too. */
function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    const code = character.charCodeAt(at);
    return code < 256 ? `%${code.toString(16).padStart(2, "0")}` : `%u${code.toString(16).padStart(4, "0")}`;
  }).join("");
}
