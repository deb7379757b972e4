/**
 * Takes rows; gives the bytes of an .xlsx. A file of its own in the build and a worker, as workbook.ts, which reads: few visits
 * write.
 */
import { utils, write } from "@e965/xlsx";

/** Rows to write as a workbook. */
export interface Grid {
  fields: readonly string[];
  rows: readonly (readonly (string | number)[])[];
}

export type Written = { workbook: Uint8Array<ArrayBuffer> } | { fault: string };

/** Excel opens no file with a longer cell. */
const LONGEST_CELL = 32_767;

/** Texts are cells of text, so that none is a formula. */
export function workbookOf({ fields, rows }: Grid): Uint8Array<ArrayBuffer> {
  const book = utils.book_new();
  const cut = (cell: string | number): string | number =>
    typeof cell === "string" ? cell.slice(0, LONGEST_CELL) : cell;
  const sheet = utils.aoa_to_sheet([fields, ...rows].map((row) => row.map(cut)));
  utils.book_append_sheet(book, sheet, "Results");
  // Texts in a table of their own: those in the cells are read otherwise, "&amp;" as "&".
  const options = { type: "array", bookType: "xlsx", compression: true, bookSST: true } as const;
  return new Uint8Array(write(book, options) as ArrayBuffer);
}

function serve(grid: Grid): void {
  let written: Written;
  try {
    written = { workbook: workbookOf(grid) };
  } catch (error) {
    written = { fault: error instanceof Error ? error.message : String(error) };
  }
  postMessage(written);
}

// Only a worker in a browser has `postMessage` and no document.
if (globalThis.document === undefined && typeof postMessage === "function")
  addEventListener("message", ({ data }: MessageEvent<Grid>) => serve(data));
