/**
 * Labels that a person adds to a table which has none: a column of their own, empty at first.
 */
import { rowCount, type Table } from "./reading/table.ts";

const NAME = "label";

/** The table with an empty column for labels. Its first record then names the columns. */
export function withLabelColumn(table: Table): Table {
  const columns = [...table.columns, table.columns.includes(NAME) ? `${NAME}#` : NAME];
  const data = table.records.slice(table.records.length - rowCount(table));
  const records = data.map((record) => [...table.columns.map((_, at) => record[at] ?? ""), ""]);
  const lines = table.lines.slice(table.lines.length - data.length);
  return {
    ...table,
    kind: "grid",
    hasHeader: true,
    records: [columns, ...records],
    lines: [0, ...lines],
    columns,
    objects: undefined,
    labelledByHand: true,
  };
}

/** The table with one label set. `row` counts the data rows from 0. */
export function withLabel(table: Table, row: number, label: string): Table {
  const at = table.records.length - rowCount(table) + row;
  const record = table.records[at];
  if (record === undefined) return table;
  const records = [...table.records];
  records[at] = [...record.slice(0, -1), label];
  return { ...table, records };
}

export function handLabels(table: Table): string[] {
  const labels = new Set<string>();
  for (const record of table.records.slice(1)) labels.add(record.at(-1)?.trim() ?? "");
  labels.delete("");
  return [...labels];
}
