/**
 * Takes a parsed JSON value; gives the list of rows in it, whichever way round it was written. Arrays of objects, pages of
 * them, columns of equal length, pandas' orients, texts by label, and any of these inside of an object.
 */
import { LABEL_NAMES, TEXT_NAMES } from "./column-names.ts";
import { namesBoth } from "./table.ts";

export type Row = Record<string, unknown>;

export interface RowList {
  rows: readonly unknown[];
  /** Names of other lists beside it, which are not rows. */
  left: string[];
  /** Names of the lists that were read as one. */
  joined?: string[];
  /** Names of the lists that were read as the texts of a label each. */
  labels?: string[];
}

/** How deep in objects a list is looked for. */
const DEEPEST = 3;
/** Names of columns, however long the lists are. */
const COLUMN = new RegExp(
  `(?<![a-z])(${[...TEXT_NAMES, ...LABEL_NAMES].join("|")})s?(?![a-z])|^(id|index|name|title|body|date|premise|hypothesis)$`,
  "i",
);

/** Undefined where there is no list. `one` says that a single object may be a row: in JSONL. */
export function listOf(value: unknown, one: boolean, depth = 0): RowList | undefined {
  if (Array.isArray(value)) return { rows: withoutPages(value).map(unwrapped), left: [] };
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value);
  const { columns, data } = value;
  if (isNames(columns) && Array.isArray(data) && data.every((row) => Array.isArray(row)))
    return { rows: data.map((row) => named(columns.map(String), row as unknown[])), left: [] };
  const lists = entries.filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]));
  const ofRows = lists.filter(([, list]) => list.length > 0 && list.every((row) => isObject(row)));
  if (ofRows.length > 0) {
    const [name, rows] = ofRows.reduce((most, each) => (each[1].length > most[1].length ? each : most));
    // Lists of the same kind of rows, as train and test, are one list.
    const kind = keysOf(rows[0]);
    const same = ofRows.filter(([other, list]) => other === name || keysOf(list[0]) === kind);
    const left = lists.filter((list) => !same.includes(list)).map(([other]) => other);
    return {
      rows: same.flatMap(([, list]) => list.map(unwrapped)),
      left,
      joined: same.map(([name]) => name),
    };
  }
  if (one && lists.length < entries.length) return { rows: [value], left: [] };
  if (lists.length > 1 && lists.length === entries.length) return columnsOf(lists);
  if (lists.length === 1 && lists.length === entries.length) return { rows: lists[0]?.[1] ?? [], left: [] };
  const objects = entries.filter((entry): entry is [string, Row] => isObject(entry[1]));
  if (objects.length > 1 && objects.length === entries.length) return keyedObjects(objects);
  if (depth < DEEPEST)
    for (const [, inner] of objects) {
      const found = listOf(inner, false, depth + 1);
      if (found) return found;
    }
  return entries.length > 0 && lists.length === 0 && objects.length === 0
    ? { rows: [value], left: [] }
    : undefined;
}

/** A service that gives a list in pages leaves one array of rows after another. The last page may be empty. */
function withoutPages(values: readonly unknown[]): readonly unknown[] {
  if (!values.some((value) => Array.isArray(value) && isObject(value[0]))) return values;
  return values.flatMap((value) => (Array.isArray(value) && value.every(isObject) ? value : [value]));
}

/**
 * The rows of an object that is a batch of them: its columns, or the one list in it. Undefined where it is a row itself: the
 * words and tags of a text are lists of one length, too, and so are the turns of a conversation.
 */
export function batchOf(value: Row): readonly unknown[] | undefined {
  const lists = Object.values(value);
  if (!lists.every((list) => Array.isArray(list))) return undefined;
  const [list = []] = lists;
  if (lists.some(({ length }) => length !== list.length)) return undefined;
  const names = Object.keys(lists.length === 1 && isObject(list[0]) ? list[0] : value);
  return namesBoth(names) ? listOf(value, false)?.rows : undefined;
}

/** Columns of equal length; or else a list of texts for each label, or of rows for each part. */
function columnsOf(lists: readonly [string, unknown[]][]): RowList {
  if (lists.every(([, list]) => list.every((row) => Array.isArray(row))))
    return { rows: lists.flatMap(([, list]) => list), left: [], joined: lists.map(([name]) => name) };
  const length = lists[0]?.[1].length ?? 0;
  const names = lists.map(([name]) => name);
  const columns = names.some((name) => COLUMN.test(name)) || !lists.every(([, list]) => areTexts(list));
  if (columns && lists.every(([, list]) => list.length === length))
    return {
      rows: Array.from({ length }, (_, row) =>
        named(
          names,
          lists.map(([, list]) => list[row]),
        ),
      ),
      left: [],
    };
  const rows = lists.flatMap(([label, texts]) => texts.map((text) => ({ text, label })));
  return { rows, left: [], labels: names };
}

/** The cells of a column of labels repeat; the texts of a label do not, and are no numbers. */
function areTexts(list: readonly unknown[]): boolean {
  return (
    list.every((text) => typeof text === "string" && /\p{L}/u.test(text)) &&
    new Set(list).size === list.length
  );
}

/** pandas' orient "columns" has the same keys in each object and plain values; "index" has a row in each. */
function keyedObjects(objects: readonly [string, Row][]): RowList {
  const names = objects.map(([name]) => name);
  const keys = Object.keys(objects[0]?.[1] ?? {});
  const byNumber = keys.length > 0 && keys.every((key) => /^\d+$/.test(key));
  if (!byNumber || names.every((name) => /^\d+$/.test(name)))
    return { rows: objects.map(([, row]) => row), left: [] };
  const rows = keys.map((key) =>
    named(
      names,
      objects.map(([, column]) => column[key]),
    ),
  );
  return { rows, left: [] };
}

/** The data set viewer of Hugging Face puts each row into an object of its own. */
function unwrapped(row: unknown): unknown {
  return isObject(row) && isObject(row.row) && "row_idx" in row ? row.row : row;
}

function keysOf(row: unknown): string {
  return isObject(row) ? Object.keys(row).sort().join("\n") : "";
}

function named(names: readonly string[], cells: readonly unknown[]): Row {
  return Object.fromEntries(names.map((name, at) => [name, cells[at]]));
}

function isNames(value: unknown): value is (string | number)[] {
  return Array.isArray(value) && value.every((each) => ["string", "number"].includes(typeof each));
}

export function isObject(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
