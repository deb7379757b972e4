// Which line of a file names its columns, and which column holds text or label, held against files as people
// have them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { guessColumns } from "../../web/studio/data/reading/columns.ts";
import { readTable } from "../../web/studio/data/reading/parse.ts";
import { dataRecords } from "../../web/studio/data/reading/table.ts";

const ROWS = ["ham,See you at five", "spam,WINNER! Reply now", "ham,On my way, sir", "spam,Free entry"].map(
  (row) => row.replace(/,(.*)/, (_, text: string) => (text.includes(",") ? `,"${text}"` : `,${text}`)),
);

const FILES: [what: string, text: string, text: string, label: string, rows: number][] = [
  ["names in all columns", ["label,text", ...ROWS].join("\n"), "text", "label", 4],
  ["no names", ROWS.join("\n"), "#2", "#1", 4],
  [
    "the index of a data frame",
    [",label,text", ...ROWS.map((row, at) => `${at},${row}`)].join("\n"),
    "text",
    "label",
    4,
  ],
  ["commas too many", ["v1,v2,,,", ...ROWS.map((row) => `${row},,,`)].join("\r\n"), "v2", "v1", 4],
  ["names and no row yet", "text,label\n", "text", "label", 0],
  ["a first row without a label", [",Hello there", ...ROWS].join("\n"), "#2", "#1", 5],
];

for (const [what, content, text, label, rows] of FILES) {
  test(`a file with ${what}`, async () => {
    const table = await readTable(new File([content], "data.csv"));
    assert.deepEqual(guessColumns(table), { text, label });
    assert.equal([...dataRecords(table)].length, rows);
  });
}
