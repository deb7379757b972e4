/**
 * Takes the text of a JSON or JSONL file; gives its rows. Forms: one object or batch a line; objects or arrays of them one
 * after another; an array of objects, arrays or texts; an object of columns; an object that holds one of these, as
 * {"data": [...]}.
 */

import { nextTurn } from "../../../src/shared/next-turn.ts";
import { type Notice, PageError } from "../../i18n/messages.ts";
import { ROWS, SLICE } from "../slices.ts";
import { batchOf, isObject, listOf, type Row } from "./json-shapes.ts";
import { isScalar, listCell } from "./lists.ts";
import { gridOf, leaveOutHeaders, type Parsed } from "./table.ts";

const EXAMPLES = 20;
/** Lines that are tried before a file counts as no JSONL. */
const TRIED = 3;

export async function parseJson(name: string, text: string, notices: Notice[]): Promise<Parsed> {
  const value = wholeValue(text);
  if (value !== undefined) {
    const found = listOf(value, /\.(jsonl|ndjson)$/i.test(name));
    if (found === undefined) throw unknownForm(name, "");
    const { left, joined = [], labels = [] } = found;
    if (joined.length > 1)
      notices.push({ level: "note", text: (t) => t.parse.joinedLists(name, joined.join(", ")) });
    if (left.length > 0)
      notices.push({ level: "note", text: (t) => t.parse.otherLists(name, left.join(", ")) });
    if (labels.length > 0)
      notices.push({ level: "note", text: (t) => t.parse.listsOfLabels(name, labels.join(", ")) });
    return fromValues(name, "JSON", found.rows, notices);
  }
  if (!lineByLine(text)) {
    const whole = mended(text);
    const again = wholeValue(whole);
    if (again !== undefined) return parseJson(name, whole, notices);
    const values = valuesOf(whole);
    if (values === undefined) throw unknownForm(name, faultOf(text));
    return fromValues(name, "JSON", batchesOf(values) ?? listOf(values, false)?.rows ?? [], notices);
  }
  return fromLines(name, text, notices);
}

function unknownForm(name: string, fault: string): PageError {
  return new PageError(
    "bad-json",
    (t) => t.parse.badJson(name, fault),
    (t) => t.parse.jsonHint,
  );
}

/** JSON's numbers are rounded from 16 digits on: of ids, which are so long, each digit counts. */
const LONG = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

function parsed(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return JSON.parse(text.replace(LONG, (part) => (part.startsWith('"') ? part : `"${part}"`)));
}

function wholeValue(text: string): unknown {
  try {
    return parsed(text);
  } catch {
    return undefined;
  }
}

/** Python writes NaN and Infinity, and people leave commas at the end: neither is JSON. */
function mended(text: string): string {
  const parts = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\bInfinity\b|\bNaN\b|,(?=\s*[\]}])/g;
  return text.replace(parts, (part) => (part.startsWith('"') ? part : part === "," ? "" : "null"));
}

function faultOf(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether one of the first lines is an object by itself, or none looks like the beginning of a longer one. */
function lineByLine(text: string): boolean {
  const lines = text
    .slice(0, SLICE)
    .split(/\r\n?|\n/)
    .filter((line) => line.trim() !== "");
  const first = lines.slice(0, TRIED);
  return (
    first.some((line) => typeof objectOf(line) !== "string") || !/^\s*(\[|\{\s*($|"))/.test(first[0] ?? "")
  );
}

/** Values one after another, each over several lines. Undefined where they are none. */
function valuesOf(text: string): unknown[] | undefined {
  const values: unknown[] = [];
  let [depth, start, quoted] = [0, -1, false];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === "\\") at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "{" || character === "[") {
      if (depth++ === 0) start = at;
    } else if ((character === "}" || character === "]") && --depth === 0) {
      const value = wholeValue(text.slice(start, at + 1));
      if (value === undefined) return undefined;
      values.push(value);
    }
  }
  return depth === 0 && values.length > 0 ? values : undefined;
}

/** The rows of all values where each is a batch. */
function batchesOf(values: readonly unknown[]): unknown[] | undefined {
  const batches = values.map((value) => (isObject(value) ? batchOf(value) : undefined));
  return batches.every((batch) => batch !== undefined) ? batches.flat() : undefined;
}

async function fromLines(name: string, text: string, notices: Notice[]): Promise<Parsed> {
  const rows = new Rows();
  const broken: string[] = [];
  let batches: (readonly unknown[])[] | undefined = [];
  let [bad, number, since] = [0, 0, 0];
  for (const line of text.split(/\r\n?|\n/)) {
    number++;
    since += line.length;
    if (since > SLICE) {
      since = 0;
      await nextTurn();
    }
    if (line.trim() === "") continue;
    const row = objectOf(line);
    if (typeof row !== "string") {
      rows.add(row, number);
      const batch = batches && batchOf(row);
      if (batch) batches?.push(batch);
      else batches = undefined;
    } else if (bad++ < EXAMPLES) broken.push(`${number}: ${row}`);
  }
  if (bad > 0 && rows.records.length === 0)
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
  return batches ? fromValues(name, "JSONL", batches.flat(), notices) : rows.parsed("JSONL");
}

async function fromValues(
  name: string,
  format: string,
  values: readonly unknown[],
  notices: Notice[],
): Promise<Parsed> {
  if (values.length > 0 && values.every((value) => Array.isArray(value))) {
    const records = values.map((value) => (value as unknown[]).map((cell) => cellOf(cell)));
    const lines = records.map((_, index) => index + 1);
    leaveOutHeaders(name, records, lines, notices);
    return gridOf(format, records, lines);
  }
  const rows = new Rows();
  const other: string[] = [];
  let left = 0;
  for (const [index, value] of values.entries()) {
    if (index % ROWS === ROWS - 1) await nextTurn();
    if (isScalar(value)) rows.add({ text: value }, index + 1);
    else if (isObject(value)) rows.add(value, index + 1);
    else if (left++ < EXAMPLES) other.push(`${index + 1}: ${JSON.stringify(value).slice(0, 80)}`);
  }
  if (left > 0)
    notices.push({ level: "warning", text: (t) => t.parse.noObjects(name, left), details: other });
  return rows.parsed(format);
}

/** The object of one line, or the fault of the line. */
function objectOf(line: string): Row | string {
  try {
    const value: unknown = wholeValue(line) ?? parsed(mended(line));
    if (isObject(value)) return value;
    return `{…} ≠ ${line.slice(0, 80)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Collects rows of named values into records of one width. */
class Rows {
  readonly columns: string[] = [];
  readonly records: string[][] = [];
  readonly lines: number[] = [];
  readonly objects: (Row | undefined)[] = [];
  readonly #places = new Map<string, number>();
  /** Columns that have held a list. Where one also holds plain values, each is a list of one. */
  readonly #lists = new Set<number>();

  add(row: Row, line: number): void {
    const record: string[] = this.columns.map(() => "");
    for (const [key, value] of Object.entries(row)) {
      let place = this.#places.get(key);
      if (place === undefined) {
        place = this.columns.push(key) - 1;
        this.#places.set(key, place);
      }
      const list = listCell(value);
      record[place] = list ?? cellOf(value);
      if (list !== undefined) this.#lists.add(place);
    }
    this.records.push(record);
    this.lines.push(line);
    const values = Object.values(row);
    const areTexts = values.length === record.length && values.every((value) => typeof value === "string");
    this.objects.push(areTexts ? undefined : row);
  }

  parsed(format: string): Parsed {
    const { columns, records, lines, objects } = this;
    const lists = [...this.#lists];
    return { kind: "keyed", format, records, lines, objects, hasHeader: true, columns, lists };
  }
}

/** A nested value stays as JSON, so that nothing is lost. */
function cellOf(value: unknown): string {
  if (isScalar(value)) return String(value);
  return value === null || value === undefined ? "" : JSON.stringify(value);
}
