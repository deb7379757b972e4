// The delimiter of a file, guessed from its text, held against files as spreadsheets write them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { delimiterOf } from "../../web/studio/data/reading/delimiter.ts";

const TEXTS = [
  "Well, it came late, it was broken, and nobody cared",
  "Good; cheap; quick",
  'She said "fine", twice',
  "Two lines,\nof which, one, two",
  "a | b | c",
  "",
];
const rows = (count: number): string[][] =>
  Array.from({ length: count }, (_, row) => [TEXTS[row % TEXTS.length] as string, row % 2 ? "ham" : "spam"]);

/** As Python's csv module and spreadsheets write it: quotes where they are needed, or around all. */
function written(records: string[][], delimiter: string, all: boolean): string {
  const quoted = (cell: string) =>
    all || [delimiter, '"', "\n"].some((special) => cell.includes(special))
      ? `"${cell.replaceAll('"', '""')}"`
      : cell;
  return records.map((record) => `${record.map(quoted).join(delimiter)}\r\n`).join("");
}

for (const delimiter of [",", ";", "\t", "|"] as const) {
  test(`${JSON.stringify(delimiter)} is found among prose, in short files and long ones`, () => {
    for (const count of [3, 6, 40, 4000])
      for (const all of [false, true])
        for (const records of [[["text", "label"], ...rows(count)], rows(count)]) {
          const text = written(records, delimiter, all);
          assert.equal(delimiterOf(text), delimiter, text.slice(0, 200));
        }
  });
}

test("one column is one column", () => {
  assert.equal(delimiterOf("hello\nworld\n"), undefined);
  assert.equal(delimiterOf("text\nWell, yes\nNo, thanks\nIt broke, twice\n"), undefined, "commas of prose");
  assert.equal(delimiterOf(""), undefined);
});
