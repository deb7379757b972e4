// The table that the studio downloads: every cell quoted, and none a formula, whatever sign splits the lists there. And the
// limit on the columns of a table that it reads.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readTable } from "../../web/studio/data/parse.ts";
import { resultsCsv } from "../../web/studio/data/results-csv.ts";

const ATTACKS = [
  "=1+1",
  "b;=2+2;c",
  "b\t=2+2",
  "b|@SUM(A1)",
  "b\n+3+3",
  'b;"=4+4',
  "b; =5+5",
  "b;-6-6",
  "＝7",
  "b;＝8",
];

/** The cells as a reader splits them that takes quotes only where a cell begins with one, and text after them as it is. */
function cellsOf(csv: string, delimiter: string): string[] {
  const cells: string[] = [];
  let [cell, quoted] = ["", false];
  for (let at = 0; at < csv.length; at++) {
    const sign = csv[at] as string;
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (csv[at + 1] === '"') cell += csv[at++];
      else quoted = false;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === delimiter || sign === "\n" || sign === "\r") {
      cells.push(cell);
      cell = "";
    } else cell += sign;
  }
  return [...cells, cell];
}

test("every cell of a downloaded table is quoted, and none is a formula in any list separator", async () => {
  const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
  const lines = ATTACKS.map((cell, row) => `${quoted(`row ${row}`)},${quoted(cell)}`).join("\n");
  const table = await readTable(new File([`id,text\n${lines}\n`], "attack.csv"));
  const scores = [{ label: "=x;=y", score: 0.75 }];
  const results = ATTACKS.map(() => ({ label: "=x;=y", score: 0.75, scores }));
  const csv = (await resultsCsv(table, results as never, ["=x;=y"]).text()).replace(/^\ufeff/, "");
  assert.match(csv, /^("([^"]|"")*"(,"([^"]|"")*")*\r\n)*"([^"]|"")*"(,"([^"]|"")*")*$/);
  for (const delimiter of [",", ";", "\t", "|"])
    for (const cell of cellsOf(csv, delimiter))
      assert.doesNotMatch(cell, /^[\s"]*[=+\-@＝＋－＠]/, `split by ${JSON.stringify(delimiter)}`);
  assert.ok(csv.includes('"row 0","\'=1+1"'), csv);
});

test("a smiley is no formula", async () => {
  const table = await readTable(new File(["text,label\nso it goes ;-),a\nfine,b\n"], "a.csv"));
  const csv = await resultsCsv(table, [], []).text();
  assert.ok(csv.includes('"so it goes ;-)"'), csv);
});

test("a table of 65,000 columns is refused soon, with the limit", async () => {
  for (const name of ["wide.csv", "wide.json"]) {
    const names = Array.from({ length: 65_000 }, (_, at) => `c${at}`);
    const row = names.map((_, at) => String(at));
    const text = name.endsWith("csv")
      ? [names, row, row].map((cells) => cells.join(",")).join("\n")
      : JSON.stringify([Object.fromEntries(names.map((key) => [key, "x"]))]);
    const begun = performance.now();
    await assert.rejects(readTable(new File([text], name)), { code: "too-many-columns" });
    assert.ok(performance.now() - begun < 4000, `${name} took ${performance.now() - begun} ms`);
  }
});
