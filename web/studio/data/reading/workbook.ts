/**
 * Takes a workbook's bytes, or the markup of a table; gives the cells of each sheet as they are shown. A file of its own in
 * the build, since the reader inside is many times larger than the page. It is a worker, too: a large workbook takes
 * seconds.
 */
import {
  type CellObject,
  CFB,
  type ParsingOptions,
  read,
  utils,
  type WorkBook,
  type WorkSheet,
} from "@e965/xlsx";
import { Valueless } from "./valueless.ts";
import { checkZip } from "./zip-check.ts";

export interface Sheet {
  name: string;
  /** The row number of its first record. */
  first: number;
  /** Whether Excel hides it. */
  hidden: boolean;
  records: string[][];
}

export interface Book {
  sheets: Sheet[];
  /** How many formulas have no value. */
  valueless: number;
}

/** What the worker answers: sheets with their records in slices, then the end or the fault. */
export type Answer =
  | { started: true }
  | { sheet: Sheet }
  | { records: string[][] }
  | { valueless: number }
  | { fault: string };

/** Rows in one message, so that the page can draw between messages. */
const ROWS = 20_000;
/** As in Excel and LibreOffice. */
const MOST_COLUMNS = 16_384;

/** Throws where the content is no workbook, or a damaged one. */
export async function bookOf(content: Uint8Array<ArrayBuffer> | string): Promise<Book> {
  const sheets = new Valueless();
  // The old .xls is no zip.
  if (typeof content !== "string" && content[0] === "P".charCodeAt(0))
    await checkZip(content, (name, piece) => {
      if (/worksheets\/[^/]+\.xml$/i.test(name)) sheets.add(piece);
      if (name === "content.xml") checkWidth(piece);
    });
  return { sheets: sheetsOf(content), valueless: sheets.count };
}

/**
 * Refuses cells of OpenDocument that are repeated beyond the columns that a sheet can have: the reader would make each of them.
 * One whose number lies on the edge of two pieces is missed; a sheet that takes minutes has more of them.
 */
function checkWidth(piece: Uint8Array): void {
  for (const [, times] of new TextDecoder("latin1").decode(piece).matchAll(/columns-repeated="(\d+)"/g))
    if (Number(times) > MOST_COLUMNS) throw new Error(`its cells are repeated ${times} times`);
}

export function sheetsOf(content: Uint8Array | string): Sheet[] {
  // What a sheet says of its size may be of an earlier one. Dates are written as a computer reads them, too.
  const options = {
    ...{ dense: true, cellHTML: false, cellFormula: false, cellStyles: false, cellNF: true },
    ...{ nodim: true, dateNF: "yyyy-mm-dd" },
  } as const;
  // The cells of HTML are text, however much like a number or a date they look.
  const book =
    typeof content === "string"
      ? read(content, { ...options, type: "string", raw: true })
      : readBytes(content, { ...options, type: "array" });
  return book.SheetNames.map((name, at) => {
    const sheet = book.Sheets[name];
    const range = sheet?.["!ref"];
    const hidden = (book.Workbook?.Sheets?.[at]?.Hidden ?? 0) !== 0;
    if (sheet === undefined) throw new Error(`its sheet ${name} is missing`);
    if (range === undefined) return { name, first: 1, hidden, records: [] };
    writeAsShown(sheet);
    fillMerged(sheet);
    const records = utils.sheet_to_json<string[]>(sheet, {
      header: 1,
      raw: false,
      defval: "",
      blankrows: true,
    });
    return { name, first: utils.decode_range(range).s.r + 1, hidden, records };
  });
}

/** OpenDocument may come without its styles, which this reader asks for. */
function readBytes(content: Uint8Array, options: ParsingOptions): WorkBook {
  try {
    return read(content, options);
  } catch (error) {
    if (!/styles\.xml/.test(error instanceof Error ? error.message : "")) throw error;
    const zip = CFB.read(content, { type: "array" });
    // It writes no file without a byte.
    CFB.utils.cfb_add(zip, "/styles.xml", [32]);
    return read(CFB.write(zip, { fileType: "zip", type: "array" }), options);
  }
}

/**
 * A number without a format is shown by Excel in 11 characters: of ids and labels, each digit counts. What an error is
 * shown as, such as #N/A, is a text.
 */
function writeAsShown(sheet: WorkSheet): void {
  for (const row of (sheet["!data"] as (CellObject | undefined)[][] | undefined) ?? [])
    for (const cell of row ?? [])
      if (cell?.t === "n" && typeof cell.v === "number" && isUnformatted(cell)) cell.w = String(cell.v);
      else if (cell?.t === "e") Object.assign(cell, { t: "s", v: cell.w ?? "" });
}

/** A cell that is merged down over rows belongs to each of them that holds something of its own. */
function fillMerged(sheet: WorkSheet): void {
  const rows = (sheet["!data"] as (CellObject | undefined)[][] | undefined) ?? [];
  const down = (sheet["!merges"] ?? []).filter(({ s, e }) => s.c === e.c);
  const own = new Set(down.length > 0 ? rows.filter((row) => row?.some(isFilled)) : []);
  for (const { s, e } of down) {
    const cell = rows[s.r]?.[s.c];
    for (let at = s.r + 1; cell && at <= Math.min(e.r, rows.length - 1); at++) {
      const row = rows[at];
      if (row && own.has(row)) row[s.c] = cell;
    }
  }
}

function isFilled(cell: CellObject | undefined): boolean {
  return cell?.v !== undefined && cell.v !== "";
}

/** OpenDocument's cells come without their formats, but as they are shown: only what is rounded is written again. */
function isUnformatted({ z, w }: CellObject): boolean {
  return z === "General" || (z === undefined && (w === undefined || /\dE[+-]?\d/.test(w)));
}

function answer(message: Answer): void {
  postMessage(message);
}

async function serve(content: Uint8Array<ArrayBuffer> | string): Promise<void> {
  try {
    const { sheets, valueless } = await bookOf(content);
    for (const { records, ...sheet } of sheets) {
      answer({ sheet: { ...sheet, records: [] } });
      for (let at = 0; at < records.length; at += ROWS) answer({ records: records.slice(at, at + ROWS) });
    }
    answer({ valueless });
  } catch (error) {
    answer({ fault: error instanceof Error ? error.message : String(error) });
  }
}

// Only a worker in a browser has `postMessage` and no document.
if (globalThis.document === undefined && typeof postMessage === "function") {
  addEventListener("message", ({ data }: MessageEvent<Uint8Array<ArrayBuffer> | string>) => serve(data));
  answer({ started: true });
}
