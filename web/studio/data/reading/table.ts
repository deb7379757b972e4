/**
 * A table of strings as a file gave it: its records, its column names, and what was read how. Knows nothing of labels
 * or models.
 */
import type { Notice } from "../../i18n/messages.ts";
import { LABEL_NAMES, TEXT_NAMES } from "./column-names.ts";
import type { Encoding } from "./encodings.ts";

/** The delimiter of a file of one column: a character that no text has. */
export const ONE_COLUMN = "\u001e";

/** What a person chose about reading a file, in place of what the page found. */
export interface Reading {
  encoding?: Encoding | undefined;
  delimiter?: string | undefined;
  /** The name of a sheet. */
  sheet?: string | undefined;
}

export interface Table {
  name: string;
  /** A grid's first record may name the columns; in keyed rows, as in JSON, each value has its name. */
  kind: "grid" | "keyed";
  /** The format as people call it: CSV, JSONL, XLSX. */
  format: string;
  /** Every record as it stands in the file, the header line included. */
  records: readonly (readonly string[])[];
  /** The number of each record in the file, from 1. */
  lines: readonly number[];
  hasHeader: boolean;
  columns: readonly string[];
  /**
   * The rows of JSON as the file had them, by their records. Left out where a row is its record in other words: where all
   * its values are texts, and none is missing.
   */
  objects?: readonly (Readonly<Record<string, unknown>> | undefined)[] | undefined;
  /** Columns whose cells are lists, joined by `LIST` of separator.ts. */
  lists: readonly number[];
  notices: readonly Notice[];
  /** The file, to be read once more after another choice. */
  source: File;
  reading: Reading;
  /** Left out where the file has no encoding of its own, as a spreadsheet. */
  encoding?: Encoding | undefined;
  /** Whether the person should see which encoding it was: not where it is sound UTF-8. */
  guessed: boolean;
  /** The separator of its cells; left out for one column and for other formats. */
  delimiter?: string | undefined;
  /** The names of a spreadsheet's sheets that have cells. */
  sheets?: readonly string[] | undefined;
  /** Whether its last column holds labels that the person adds. */
  labelledByHand?: boolean | undefined;
}

/** The rows of a file, before its name and encoding are known of them. */
export type Parsed = Pick<
  Table,
  "kind" | "format" | "records" | "lines" | "hasHeader" | "columns" | "lists"
> &
  Pick<Table, "delimiter" | "sheets" | "objects">;

/** Records that may be a title above the table, at most. */
const TITLE_LINES = 10;
/** The share of the records below a title that must have the table's width. */
const REGULAR = 0.9;
/** Records that are examined for titles and column names. */
const EXAMINED = 2000;

/** The same table with its first record read as column names, or as data. */
export function withHeader(table: Table, hasHeader: boolean): Table {
  return { ...table, hasHeader, columns: columnNames(table.records, hasHeader) };
}

function firstRow({ kind, hasHeader }: Pick<Table, "kind" | "hasHeader">): number {
  return kind === "grid" && hasHeader ? 1 : 0;
}

export function rowCount(table: Table): number {
  return table.records.length - firstRow(table);
}

/** The records that hold data, each with its number in the file. */
export function* dataRecords(
  table: Pick<Table, "kind" | "records" | "lines" | "hasHeader">,
): Generator<[line: number, record: readonly string[]]> {
  for (let index = firstRow(table); index < table.records.length; index++)
    yield [table.lines[index] as number, table.records[index] as readonly string[]];
}

/** A grid of records whose first one may name the columns. */
export function gridOf(format: string, records: string[][], lines: number[]): Parsed {
  const hasHeader = looksLikeHeader(records);
  return {
    kind: "grid",
    format,
    records,
    lines,
    hasHeader,
    columns: columnNames(records, hasHeader),
    lists: [],
  };
}

/**
 * The number of records above the table that are shorter than it, or longer and above a known name: the title of an
 * export.
 */
export function titleLines(records: readonly (readonly string[])[]): number {
  const some = records.slice(0, EXAMINED);
  const width = usualWidth(some);
  const first = some.findIndex((record) => record.length === width && filledCells(record) > 1);
  if (width < 2 || first < 1 || first > TITLE_LINES) return 0;
  const below = some.slice(first);
  const regular = below.filter((record) => record.length === width).length;
  if (below.length < 2 || regular < REGULAR * below.length) return 0;
  const names = new Set([...TEXT_NAMES, ...LABEL_NAMES]);
  const above = some.slice(0, first);
  const isNamed = (record: readonly string[]) => record.some((cell) => names.has(cell.trim().toLowerCase()));
  const aboveNames = isNamed(some[first] ?? []);
  const titles = above.every(
    (record) =>
      record[0]?.trim() !== "" &&
      // A record of the table's width is a title only where several of its cells are empty.
      (record.length < width ||
        (record.length > width && aboveNames) ||
        (width > 2 && filledCells(record) === 1)) &&
      !isNamed(record),
  );
  return titles ? first : 0;
}

/** The number of cells that most records have. */
function usualWidth(records: readonly (readonly string[])[]): number {
  const counts = new Map<number, number>();
  for (const { length } of records) counts.set(length, (counts.get(length) ?? 0) + 1);
  let [width, most] = [0, 0];
  for (const [length, count] of counts) if (count > most) [width, most] = [length, count];
  return width;
}

export function filledCells(record: readonly string[]): number {
  return record.filter((cell) => cell.trim() !== "").length;
}

/** Takes out the headers of tables that were put one below the other, and says so. */
export function leaveOutHeaders(name: string, records: string[][], lines: number[], notices: Notice[]): void {
  const [header] = records;
  if (header === undefined || !namesBoth(header)) return;
  const names = header.map(nameIn);
  const where: number[] = [];
  let kept = 1;
  for (let at = 1; at < records.length; at++) {
    const [record, line] = [records[at] as string[], lines[at] as number];
    if (record.length === names.length && record.every((cell, column) => nameIn(cell) === names[column])) {
      where.push(line);
      continue;
    }
    records[kept] = record;
    lines[kept++] = line;
  }
  if (where.length === 0) return;
  records.length = kept;
  lines.length = kept;
  notices.push({ level: "note", text: (t) => t.parse.headers(name, where.length, where[0] ?? 0) });
}

/** A file that was put below another begins with UTF-8's mark, which is white space here, and keeps quotes from being read. */
function nameIn(cell: string): string {
  return cell.trim().replace(/^"(.*)"$/, "$1");
}

/** R writes numbered rows below a header that has no name for the numbers: then it gets an empty one. */
export function withNumberColumn(records: string[][]): void {
  const [header, ...others] = records.slice(0, EXAMINED);
  if (header === undefined || others.length === 0) return;
  const numbered = others.every(
    (record) => record.length === header.length + 1 && /^\d+$/.test(record[0] ?? ""),
  );
  if (numbered) header.unshift("");
}

/**
 * The first line is data, not names, if one of its cells occurs again further down its column. Some columns may have
 * no name: the index of a data frame, and columns from surplus commas.
 */
function looksLikeHeader(records: readonly (readonly string[])[]): boolean {
  const first = records[0];
  if (!first) return false;
  // A file may have its columns, and no row yet.
  if (records.length < 2) return namesBoth(first);
  const others = records.slice(1, EXAMINED);
  const names = first.map((cell) => cell.trim());
  if (names.length === 1) return isNameOf(names[0] ?? "", others);
  // Files may have been put together with their headers.
  if (namesBoth(first)) return true;
  return (
    names.filter((name) => name !== "").length >= Math.min(2, first.length) &&
    names.every((name, column) => name === "" || !others.some((record) => record[column]?.trim() === name))
  );
}

/** Whether a record has a usual name of a column of texts, and one of labels. */
export function namesBoth(record: readonly string[]): boolean {
  const names = record.map((cell) => cell.trim().toLowerCase());
  return [TEXT_NAMES, LABEL_NAMES].every((known) => names.some((name) => known.includes(name)));
}

/** The name of a single column is a usual one, or one word above longer texts. */
function isNameOf(name: string, others: readonly (readonly string[])[]): boolean {
  if ([...TEXT_NAMES, ...LABEL_NAMES].includes(name.toLowerCase())) return true;
  const texts = others.map((record) => record[0]?.trim() ?? "");
  const longer = texts.filter((text) => /\s/.test(text) || text.length > 2 * name.length).length;
  return /^[\p{L}\p{N}_-]+$/u.test(name) && !texts.includes(name) && 2 * longer > texts.length;
}

/** Column names from the first line, made unique, or numbers. */
function columnNames(records: readonly (readonly string[])[], hasHeader: boolean): string[] {
  const first = records[0] ?? [];
  const seen = new Set<string>();
  return first.map((cell, index) => {
    let name = hasHeader ? cell.trim() : "";
    while (name === "" || seen.has(name)) name = `${name || "#"}${index + 1}`;
    seen.add(name);
    return name;
  });
}
