/**
 * Takes a table or texts; gives the first with letters beyond ASCII, which show whether an encoding is right.
 */
import { dataRecords, type Table } from "./table.ts";

/** Rows that are searched. */
const SEARCHED = 20_000;
const BEYOND_ASCII = /[^\p{ASCII}]/u;

export function unusualRecords(table: Table, most: number): (readonly string[])[] {
  const records: (readonly string[])[] = [];
  let seen = 0;
  for (const [, record] of dataRecords(table)) {
    if (++seen > SEARCHED) break;
    if (record.some((cell) => BEYOND_ASCII.test(cell)) && records.push(record) >= most) break;
  }
  return records;
}

export function unusualText(texts: readonly string[]): string | undefined {
  return texts.slice(0, SEARCHED).find((text) => BEYOND_ASCII.test(text));
}

/** The first such cell of a table, in one column if there is one. */
export function unusualCell(table: Table, column: string | undefined): string | undefined {
  const [record] = unusualRecords(table, 1);
  const inColumn = record?.[table.columns.indexOf(column ?? "")];
  return unusualText([inColumn ?? "", ...(record ?? [])]);
}
