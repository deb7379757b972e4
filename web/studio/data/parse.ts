/**
 * Takes a dropped or picked file (CSV, TSV or JSONL); gives its rows as a plain table of strings. It reads in
 * slices, so that the page keeps responding over a large file. Knows nothing of labels or models.
 */
import Papa from "papaparse";
import { type Notice, PageError } from "../i18n/messages.ts";
import { delimiterOf } from "./delimiter.ts";

const LARGEST_BYTES = 50 * 1024 * 1024;
/** Characters parsed before the page gets a turn to draw. */
const SLICE = 512 * 1024;
const EXAMPLES = 20;

export interface Table {
  name: string;
  kind: "csv" | "jsonl";
  /** Every record as it stands in the file, the header line included. */
  records: readonly (readonly string[])[];
  /** The number of each record in the file, from 1. */
  lines: readonly number[];
  /** JSONL names its columns in each line. In CSV the first line may name them. */
  hasHeader: boolean;
  columns: readonly string[];
  notices: readonly Notice[];
}

export async function readTable(file: File): Promise<Table> {
  const { text, encoding } = await decode(file);
  const notices: Notice[] = [];
  if (encoding !== "utf-8")
    notices.push({ level: "note", text: (t) => t.parse.encoding(file.name, encoding) });
  const table =
    /\.(jsonl|ndjson)$/i.test(file.name) || (text.startsWith("{") && !/\.(csv|tsv)$/i.test(file.name))
      ? await parseJsonLines(file.name, text, notices)
      : await parseDelimited(file.name, text, notices);
  if (table.records.length === 0) throw new PageError("empty-file", (t) => t.parse.empty(file.name));
  return table;
}

/** The same table with its first record read as column names, or as data. */
export function withHeader(table: Table, hasHeader: boolean): Table {
  return { ...table, hasHeader, columns: columnNames(table.records, hasHeader) };
}

/** The records that hold data, each with its number in the file. */
export function* dataRecords(table: Table): Generator<[line: number, record: readonly string[]]> {
  for (let index = table.kind === "csv" && table.hasHeader ? 1 : 0; index < table.records.length; index++)
    yield [table.lines[index] as number, table.records[index] as readonly string[]];
}

/** UTF-8 unless the bytes say otherwise. Spreadsheets in China often save GB18030, older ones Windows-1252. */
export async function decode(file: File): Promise<{ text: string; encoding: string }> {
  if (file.size > LARGEST_BYTES)
    throw new PageError(
      "file-too-large",
      (t) => t.parse.tooLarge(file.name, file.size / 1024 / 1024, LARGEST_BYTES / 1024 / 1024),
      (t) => t.parse.tooLargeHint,
    );
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3)
    throw new PageError(
      "not-text",
      (t) => t.parse.spreadsheet(file.name),
      (t) => t.parse.spreadsheetHint,
    );
  const candidates =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? ["utf-16le"]
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? ["utf-16be"]
        : ["utf-8", "gb18030", "windows-1252"];
  for (const encoding of candidates) {
    try {
      const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
      if (text.includes("\0")) break;
      return { text, encoding };
    } catch {
      // Not this encoding: the next one is tried.
    }
  }
  throw new PageError(
    "not-text",
    (t) => t.parse.binary(file.name),
    (t) => t.parse.spreadsheetHint,
  );
}

async function parseDelimited(name: string, text: string, notices: Notice[]): Promise<Table> {
  const records: string[][] = [];
  const lines: number[] = [];
  const broken: string[] = [];
  let line = 0;
  await new Promise<void>((resolve) => {
    Papa.parse<string[]>(text, {
      delimiter: /\.tsv$/i.test(name) ? "\t" : delimiterOf(text),
      chunkSize: SLICE,
      chunk: (results: Papa.ParseResult<string[]>, parser: Papa.Parser) => {
        for (const error of results.errors)
          if (error.type === "Quotes" && broken.length < EXAMPLES)
            broken.push(`${line + (error.row ?? 0) + 1}: ${error.message}`);
        for (const record of results.data) {
          line++;
          if (record.every((cell) => cell.trim() === "")) continue;
          records.push(record);
          lines.push(line);
        }
        // Parsing a string is synchronous: the pause gives the page a turn.
        parser.pause();
        setTimeout(() => parser.resume(), 0);
      },
      complete: () => resolve(),
      // The types allow chunks for files only, but strings take them too. A file is not passed as it is, since
      // Papa Parse cuts it by bytes, through the middle of characters.
    } as Papa.ParseConfig<string[]>);
  });
  if (broken.length > 0)
    notices.push({ level: "warning", text: (t) => t.parse.quotes(name), details: broken });
  const width = records[0]?.length ?? 0;
  const shifted: string[] = [];
  const kept = records.filter((record, index) => {
    const extra = record.slice(width).some((cell) => cell.trim() !== "");
    if (extra && shifted.length < EXAMPLES)
      shifted.push(`${lines[index]}: ${record.join(" | ").slice(0, 200)}`);
    if (extra) lines[index] = -1;
    return !extra;
  });
  const dropped = records.length - kept.length;
  if (dropped > 0)
    notices.push({ level: "warning", text: (t) => t.parse.shifted(name, dropped, width), details: shifted });
  const hasHeader = looksLikeHeader(kept);
  return {
    name,
    kind: "csv",
    records: kept,
    lines: lines.filter((number) => number > 0),
    hasHeader,
    columns: columnNames(kept, hasHeader),
    notices,
  };
}

async function parseJsonLines(name: string, text: string, notices: Notice[]): Promise<Table> {
  const columns: string[] = [];
  const places = new Map<string, number>();
  const records: string[][] = [];
  const lines: number[] = [];
  const broken: string[] = [];
  let bad = 0;
  let number = 0;
  let since = 0;
  for (const line of text.split(/\r?\n/)) {
    number++;
    since += line.length;
    if (since > SLICE) {
      since = 0;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    if (line.trim() === "") continue;
    const row = objectOf(line);
    if (typeof row === "string") {
      bad++;
      if (broken.length < EXAMPLES) broken.push(`${number}: ${row}`);
      continue;
    }
    const record: string[] = [];
    for (const [key, value] of Object.entries(row)) {
      let place = places.get(key);
      if (place === undefined) {
        place = columns.length;
        places.set(key, place);
        columns.push(key);
      }
      record[place] = cellOf(value);
    }
    records.push(Array.from(record, (cell) => cell ?? ""));
    lines.push(number);
  }
  if (bad > 0 && records.length === 0)
    throw new PageError(
      "bad-jsonl",
      (t) => t.parse.badLines(name, bad, broken[0] ?? ""),
      (t) => t.parse.jsonHint,
    );
  if (bad > 0)
    notices.push({
      level: "warning",
      text: (t) => t.parse.badLines(name, bad, broken[0] ?? ""),
      details: broken,
    });
  return { name, kind: "jsonl", records, lines, hasHeader: true, columns, notices };
}

/** The object of one line, or the fault of the line. */
function objectOf(line: string): Record<string, unknown> | string {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
    return `{…} ≠ ${line.slice(0, 80)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A text, number or boolean as a cell; an array of texts as the labels in one cell. Anything else is empty. */
function cellOf(value: unknown): string {
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value.join("|");
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : "";
}

/**
 * The first line is data, not names, if one of its cells occurs again further down its column. Some columns may have
 * no name: the index of a data frame, and columns from surplus commas.
 */
function looksLikeHeader(records: readonly (readonly string[])[]): boolean {
  const first = records[0];
  if (!first || records.length < 2) return false;
  const others = records.slice(1, 2000);
  const names = first.map((cell) => cell.trim());
  return (
    names.filter((name) => name !== "").length >= Math.min(2, first.length) &&
    names.every((name, column) => name === "" || !others.some((record) => record[column]?.trim() === name))
  );
}

/** Column names from the first line, made unique, or numbers. */
function columnNames(records: readonly (readonly string[])[], hasHeader: boolean): string[] {
  const first = records[0] ?? [];
  const seen = new Set<string>();
  return first.map((cell, index) => {
    let name = hasHeader ? cell.trim() : "";
    if (name === "" || seen.has(name)) name = `${name || "#"}${index + 1}`;
    seen.add(name);
    return name;
  });
}
