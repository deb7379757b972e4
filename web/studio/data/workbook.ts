/**
 * Takes a workbook's bytes, or the markup of a table; gives the cells of each sheet as they are shown. A file of its own in
 * the build, since the reader inside is many times larger than the page. It is a worker, too: a large workbook takes
 * seconds.
 */
import { type CellObject, read, utils, type WorkSheet } from "@e965/xlsx";

export interface Sheet {
  name: string;
  /** The row number of its first record. */
  first: number;
  records: string[][];
}

/** What the worker answers: sheets with their records in slices, then the end or the fault. */
export type Answer = { sheet: Sheet } | { records: string[][] } | { end: true } | { fault: string };

/** Rows in one message, so that the page can draw between messages. */
const ROWS = 20_000;

/** Throws where the content is no workbook. */
export function sheetsOf(content: Uint8Array | string): Sheet[] {
  // What a sheet says of its size may be of an earlier one. Dates are written as a computer reads them, too.
  const options = {
    ...{ dense: true, cellHTML: false, cellFormula: false, cellStyles: false, cellNF: true },
    ...{ nodim: true, dateNF: "yyyy-mm-dd" },
  } as const;
  const book =
    typeof content === "string"
      ? read(content, { ...options, type: "string" })
      : read(content, { ...options, type: "array" });
  return book.SheetNames.map((name) => {
    const sheet = book.Sheets[name];
    const range = sheet?.["!ref"];
    if (sheet === undefined || range === undefined) return { name, first: 1, records: [] };
    writeWhole(sheet);
    const records = utils.sheet_to_json<string[]>(sheet, {
      header: 1,
      raw: false,
      defval: "",
      blankrows: true,
    });
    return { name, first: utils.decode_range(range).s.r + 1, records };
  });
}

/** A number without a format is shown by Excel in 11 characters: of ids and labels, each digit counts. */
function writeWhole(sheet: WorkSheet): void {
  for (const row of (sheet["!data"] as (CellObject | undefined)[][] | undefined) ?? [])
    for (const cell of row ?? [])
      if (cell?.t === "n" && typeof cell.v === "number" && (cell.z === undefined || cell.z === "General"))
        cell.w = String(cell.v);
}

function answer(message: Answer): void {
  postMessage(message);
}

function serve(content: Uint8Array | string): void {
  try {
    for (const { records, ...sheet } of sheetsOf(content)) {
      answer({ sheet: { ...sheet, records: [] } });
      for (let at = 0; at < records.length; at += ROWS) answer({ records: records.slice(at, at + ROWS) });
    }
    answer({ end: true });
  } catch (error) {
    answer({ fault: error instanceof Error ? error.message : String(error) });
  }
}

// Only a worker in a browser has `postMessage` and no document.
if (globalThis.document === undefined && typeof postMessage === "function")
  addEventListener("message", ({ data }: MessageEvent<Uint8Array | string>) => serve(data));
