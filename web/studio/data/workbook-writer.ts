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

/** Excel opens no file with a longer cell. The page says so. */
const LONGEST_CELL = 32_767;

/** Texts are cells of text, so that none is a formula. */
export function workbookOf({ fields, rows }: Grid): Uint8Array<ArrayBuffer> {
  const book = utils.book_new();
  const sheet = utils.aoa_to_sheet(
    [fields, ...rows].map((row) => row.map((cell) => (typeof cell === "string" ? fitted(cell) : cell))),
  );
  utils.book_append_sheet(book, sheet, "Results");
  // Texts in a table of their own: those in the cells are read otherwise, "&amp;" as "&".
  const options = { type: "array", bookType: "xlsx", compression: true, bookSST: true } as const;
  return new Uint8Array(write(book, options) as ArrayBuffer);
}

/** A text as a cell can have it: "_x0041_" would be read as "A", and no character is cut in two. */
function fitted(text: string): string {
  const written = text.replace(/_(?=x[0-9a-f]{4}_)/gi, "_x005F_").slice(0, LONGEST_CELL);
  return /[\uD800-\uDBFF]$/.test(written) ? written.slice(0, -1) : written;
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
