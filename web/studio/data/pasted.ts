/**
 * Takes text from the clipboard; gives rows with labels, where it is two columns or more of a spreadsheet, else a text a line.
 */
import Papa from "papaparse";
import type { LabelledText } from "../../src/index.ts";
import { LABEL_NAMES, TEXT_NAMES } from "./reading/column-names.ts";
import { guessColumns } from "./reading/columns.ts";
import { quotesAreText } from "./reading/stray-quotes.ts";
import { leaveOutHeaders, namesBoth, ONE_COLUMN } from "./reading/table.ts";

const NAMES = [...TEXT_NAMES, ...LABEL_NAMES];

/** Either `rows` or `texts` has entries. */
export interface Pasted {
  rows: readonly (LabelledText & { label: string })[];
  texts: readonly string[];
  /** Lines that have no text or no label, or more cells than the header, and were left out. */
  left: number;
  /** The names of the columns that were taken, where there are more than two. */
  taken?: { text: string; label: string };
}

export function readPasted(given: string): Pasted {
  const text = given.replace(/\r\n?/g, "\n").replace(/^\n+|\n+$/g, "");
  const delimiter = delimiterOf(text);
  if (delimiter === undefined) {
    const lines = (cellsOfColumn(text) ?? text.split("\n")).map((line) => line.trim());
    return { rows: [], texts: lines.filter((line) => line !== ""), left: 0 };
  }
  const reading = { delimiter, newline: "\n", skipEmptyLines: "greedy" } as const;
  let { data, errors } = Papa.parse<string[]>(text, reading);
  if (quotesAreText(text, delimiter, data, errors.length > 0))
    ({ data, errors } = Papa.parse<string[]>(text, { ...reading, fastMode: true }));
  const hasHeader = isHeader(data);
  const lines = data.map((_, at) => at + 1);
  leaveOutHeaders("", data, lines, []);
  const width = data.reduce((most, record) => Math.max(most, record.length), 0);
  const named = (data[0] ?? []).map((cell, at) => (hasHeader && cell.trim()) || `#${at + 1}`);
  const columns = Array.from({ length: width }, (_, at) => named[at] ?? `#${at + 1}`);
  const guess = guessColumns({ kind: "grid", records: data, lines, hasHeader, columns });
  const [textAt, labelAt] = [columns.indexOf(guess.text ?? ""), columns.indexOf(guess.label ?? "")];
  const all = data.slice(hasHeader ? 1 : 0);
  // A comma of a text that stands in no quotes moves its label.
  const isShifted = (record: string[]): boolean =>
    delimiter !== "\t" && record.slice(data[0]?.length).some((cell) => cell.trim() !== "");
  const rows = all.filter((record) => !isShifted(record));
  const read = rows.map((record) => ({
    text: record[textAt]?.trim() ?? "",
    label: record[labelAt]?.trim() ?? "",
  }));
  const whole = read.filter((row) => row.text !== "" && row.label !== "");
  const { text: ofText = "", label: ofLabel = "" } = guess;
  const taken = width > 2 ? { taken: { text: ofText, label: ofLabel } } : {};
  return { rows: whole, texts: [], left: all.length - whole.length, ...taken };
}

/** One column of a spreadsheet, which quotes a cell with lines of its own. Undefined where no such cell is there. */
function cellsOfColumn(text: string): string[] | undefined {
  const { data, errors } = Papa.parse<string[]>(text, { delimiter: ONE_COLUMN, newline: "\n" });
  const cells = data.map(([cell = ""]) => cell);
  return errors.length === 0 && cells.some((cell) => cell.includes("\n")) ? cells : undefined;
}

/**
 * A few rows are too few to tell a header by what is below it: it names both columns, or one, with a word beside it. A label
 * such as "question" is no name where it comes again.
 */
function isHeader([first = [], ...others]: readonly string[][]): boolean {
  if (namesBoth(first)) return true;
  const names = first.map((cell) => cell.trim().toLowerCase());
  const at = names.findIndex((name) => NAMES.includes(name));
  const again = others.some((record) =>
    names.some((name, column) => name !== "" && record[column]?.trim().toLowerCase() === name),
  );
  // Of two cells, one with spaces is rather a text; above more of them, names may have some.
  const most = first.length > 2 ? 3 : 1;
  const isName = (name: string): boolean => name.split(/\s+/).length <= most && !/[.,!?。，！？]$/.test(name);
  return at >= 0 && !again && others.length > 0 && names.every(isName);
}

/** A tab in most lines is a spreadsheet. A comma or semicolon is one only below a line that names both columns. */
function delimiterOf(text: string): string | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length > 0 && 2 * lines.filter((line) => line.includes("\t")).length > lines.length) return "\t";
  return [",", ";"].find((sign) => {
    const names = (lines[0] ?? "").split(sign).map((name) => name.trim().toLowerCase());
    return (
      names.some((name) => TEXT_NAMES.includes(name)) && names.some((name) => LABEL_NAMES.includes(name))
    );
  });
}
