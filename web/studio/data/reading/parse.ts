/**
 * Takes a dropped or picked file (CSV, TSV, JSON, JSONL or a spreadsheet); gives its rows as a plain table of strings.
 * Content decides what it is, and the name only where content leaves it open.
 */
import { type Notice, PageError } from "../../i18n/messages.ts";
import { bytesOf, textOf } from "./decode.ts";
import { parseDelimited } from "./delimited.ts";
import { parseJson } from "./json.ts";
import { isMarkup, isSpreadsheet, readSpreadsheet } from "./spreadsheet.ts";
import type { Parsed, Reading, Table } from "./table.ts";

/** More columns than any table of texts has: each is an option of every choice of a column. */
const MOST_COLUMNS = 1000;

export async function readTable(file: File, reading: Reading = {}): Promise<Table> {
  const bytes = await bytesOf(file);
  const notices: Notice[] = [];
  const { name } = file;
  const found = isSpreadsheet(bytes)
    ? { ...(await readSpreadsheet(name, bytes, reading.sheet, notices)), guessed: false }
    : await readText(name, bytes, reading, notices);
  if (found.records.length === 0) throw new PageError("empty-file", (t) => t.parse.empty(name));
  const columns = found.columns.length;
  if (columns > MOST_COLUMNS)
    throw new PageError(
      "too-many-columns",
      (t) => t.parse.columns(name, columns, MOST_COLUMNS),
      (t) => t.parse.columnsHelp,
    );
  return { ...found, name, notices, source: file, reading };
}

async function readText(
  name: string,
  bytes: Uint8Array,
  reading: Reading,
  notices: Notice[],
): Promise<Parsed & Pick<Table, "encoding" | "guessed">> {
  const { text, encoding, guessed, damaged } = textOf(name, bytes, reading.encoding);
  if (damaged > 0) notices.push({ level: "warning", text: (t) => t.parse.damaged(name, damaged) });
  if (guessed && encoding !== "utf-8" && reading.encoding === undefined)
    notices.push({ level: "note", text: (t) => t.parse.encoding(name, encoding) });
  const parsed = isMarkup(text)
    ? await readSpreadsheet(name, text, reading.sheet, notices)
    : looksLikeJson(name, text)
      ? await parseJson(name, text, notices)
      : await parseDelimited(name, text, reading.delimiter, notices);
  return { ...parsed, encoding, guessed };
}

/** A CSV may begin with a bracket, but hardly with the beginning of a JSON object. */
function looksLikeJson(name: string, text: string): boolean {
  if (/\.(json|jsonl|ndjson)$/i.test(name)) return true;
  return /\.(csv|tsv|tab)$/i.test(name) ? /^\s*(\[\s*)?\{\s*"/.test(text) : /^\s*(\{|\[\s*[[{"])/.test(text);
}
