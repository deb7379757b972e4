/**
 * Takes a table; guesses which column holds the text and which the label. The page shows the guess, and the person
 * may choose otherwise.
 */
import { LABEL_NAMES, TEXT_NAMES } from "./column-names.ts";
import { LIST, splitLabels } from "./separator.ts";
import { dataRecords, type Table } from "./table.ts";

type Grid = Pick<Table, "kind" | "records" | "lines" | "hasHeader" | "columns">;

/** Rows that are examined if the names say nothing. */
const LOOKED_AT = 500;
/** Characters of a label, at most, on average. */
const SHORT = 40;
/** The share of different cells, of the most that a column has, below which cells repeat as labels do. */
const DIFFERENT = 0.7;
/** A number, a date or an id. */
const WORDLESS = /^([^\p{L}]*|[\w.:/+-]*\d[\w.:/+-]*)$/u;

/** The share of texts among the items of lists. */
const LONG = 0.1;

type Column = [name: string, cells: readonly string[]];

export function guessColumns(table: Grid): { text: string | undefined; label: string | undefined } {
  const named = (names: readonly string[]): string | undefined =>
    names
      .map((name) => table.columns.find((column) => column.toLowerCase() === name))
      .find((column) => column !== undefined);
  const text = named(TEXT_NAMES) ?? longestColumn(columnsOf(table, named(LABEL_NAMES)));
  return { text, label: named(LABEL_NAMES) ?? mostRepeatedColumn(columnsOf(table, text)) };
}

/** Labels may be longer than the texts, but they repeat, where another column of words does not. */
function longestColumn(columns: readonly Column[]): string | undefined {
  const words = columns.filter(([, cells]) => !cells.every((cell) => WORDLESS.test(cell)));
  const most = Math.max(0, ...words.map(([, cells]) => different(cells)));
  const repeats = (cells: readonly string[]): boolean =>
    lengthOf(cells) < SHORT * cells.length && different(cells) < DIFFERENT * most;
  return bestColumn(
    columns.filter(([, cells]) => !repeats(cells)),
    lengthOf,
  );
}

function lengthOf(cells: readonly string[]): number {
  return cells.reduce((sum, cell) => sum + cell.length, 0);
}

function different(cells: readonly string[]): number {
  return new Set(cells).size;
}

/** Labels repeat: this is the column with the fewest different values, but at least two. */
function mostRepeatedColumn(columns: readonly Column[]): string | undefined {
  return bestColumn(columns, (cells) => (different(cells) < 2 ? -cells.length : -different(cells)));
}

function columnsOf(table: Grid, except: string | undefined): Column[] {
  const rows: (readonly string[])[] = [];
  for (const [, record] of dataRecords(table)) if (rows.push(record) >= LOOKED_AT) break;
  return table.columns
    .map((column, index): Column => [column, rows.map((row) => row[index] ?? "")])
    .filter(([column]) => column !== except);
}

function bestColumn(
  columns: readonly Column[],
  rate: (cells: readonly string[]) => number,
): string | undefined {
  let best: string | undefined;
  let highest = Number.NEGATIVE_INFINITY;
  for (const [column, cells] of columns) {
    const rating = rate(cells);
    if (rating > highest) [best, highest] = [column, rating];
  }
  return best;
}

/** Whether a column lists texts, as the examples of an intent, and not the words of one text: these hold no spaces. */
export function listsTexts(table: Table, text: string): boolean {
  const at = table.columns.indexOf(text);
  if (!table.lists.includes(at)) return false;
  const items = table.records.slice(0, LOOKED_AT).flatMap((record) => splitLabels(record[at] ?? "", LIST));
  const long = items.filter((item) => /\s|\p{Script=Han}{5}/u.test(item)).length;
  return items.length > 0 && long >= LONG * items.length;
}

/** Whether the file itself lists labels in a column, and one row at least has several. */
export function listsIn(table: Table, label: string | undefined): boolean {
  const at = label === undefined ? -1 : table.columns.indexOf(label);
  return (
    table.lists.includes(at) && table.records.some((record) => splitLabels(record[at] ?? "", LIST).length > 1)
  );
}
