/**
 * Takes a file; gives its bytes, and its text where it is one. What is too large, or no text, becomes a typed error.
 */
import { PageError } from "../../i18n/messages.ts";
import { type Decoded, decodeBytes, type Encoding } from "./encodings.ts";

export const LARGEST_MEGABYTES = 50;
/** Ends of names that a file picker offers. */
export const TABLE_FILES = ".csv,.tsv,.tab,.txt,.json,.jsonl,.ndjson,.xlsx,.xls,.ods,.html";

export async function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer>> {
  if (file.size > LARGEST_MEGABYTES * 1024 * 1024)
    throw new PageError(
      "file-too-large",
      (t) => t.parse.tooLarge(file.name, file.size / 1024 / 1024, LARGEST_MEGABYTES),
      (t) => t.parse.tooLargeHint,
    );
  return new Uint8Array(await file.arrayBuffer());
}

export function textOf(name: string, bytes: Uint8Array, chosen?: Encoding): Decoded {
  const decoded = decodeBytes(bytes, chosen);
  if (decoded) return decoded;
  throw new PageError(
    "not-text",
    (t) => t.parse.binary(name),
    (t) => t.parse.spreadsheetHint,
  );
}
