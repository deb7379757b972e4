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

export function guessColumns(table: Grid): { text: string | undefined; label: string | undefined } {
  const named = (names: readonly string[]): string | undefined =>
    names
      .map((name) => table.columns.find((column) => column.toLowerCase() === name))
      .find((column) => column !== undefined);
  const text = named(TEXT_NAMES) ?? longestColumn(table, named(LABEL_NAMES));
  return { text, label: named(LABEL_NAMES) ?? mostRepeatedColumn(table, text) };
}

function longestColumn(table: Grid, except: string | undefined): string | undefined {
  return bestColumn(table, except, (cells) => cells.reduce((sum, cell) => sum + cell.length, 0));
}

/** Labels repeat: this is the column with the fewest different values, but at least two. */
function mostRepeatedColumn(table: Grid, except: string | undefined): string | undefined {
  return bestColumn(table, except, (cells) => {
    const different = new Set(cells).size;
    return different < 2 ? -cells.length : -different;
  });
}

function bestColumn(
  table: Grid,
  except: string | undefined,
  rate: (cells: string[]) => number,
): string | undefined {
  const rows: (readonly string[])[] = [];
  for (const [, record] of dataRecords(table)) if (rows.push(record) >= LOOKED_AT) break;
  let best: string | undefined;
  let highest = Number.NEGATIVE_INFINITY;
  table.columns.forEach((column, index) => {
    const rating = rate(rows.map((row) => row[index] ?? ""));
    if (column !== except && rating > highest) [best, highest] = [column, rating];
  });
  return best;
}

/** Whether the file itself lists labels in a column, and one row at least has several. */
export function listsIn(table: Table, label: string | undefined): boolean {
  const at = label === undefined ? -1 : table.columns.indexOf(label);
  return (
    table.lists.includes(at) && table.records.some((record) => splitLabels(record[at] ?? "", LIST).length > 1)
  );
}
