// The tables that the studio downloads: every cell of a CSV quoted, and none a formula, whatever sign splits the lists there;
// JSONL and spreadsheets; the order and counts of results. And the limit on the columns of a table that it reads.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readTable } from "../../web/studio/data/reading/parse.ts";
import { sheetsOf } from "../../web/studio/data/reading/workbook.ts";
import {
  byDoubt,
  gridRows,
  labelCounts,
  type Outcome,
  resultRows,
  resultsCsv,
  resultsJsonl,
} from "../../web/studio/data/results.ts";
import { workbookOf } from "../../web/studio/data/workbook-writer.ts";

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

function outcome(results: Outcome["results"], labels: string[], others: Partial<Outcome> = {}): Outcome {
  return { results, labels, leaveOpen: 0, checked: new Map(), ...others };
}

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
  const csv = (await resultsCsv(resultRows(table, outcome(results, ["=x;=y"]))).text()).replace(
    /^\ufeff/,
    "",
  );
  assert.match(csv, /^("([^"]|"")*"(,"([^"]|"")*")*\r\n)*"([^"]|"")*"(,"([^"]|"")*")*$/);
  for (const delimiter of [",", ";", "\t", "|"])
    for (const cell of cellsOf(csv, delimiter))
      assert.doesNotMatch(cell, /^[\s"]*[=+\-@＝＋－＠]/, `split by ${JSON.stringify(delimiter)}`);
  assert.ok(csv.includes('"row 0","\'=1+1"'), csv);
});

const two = (score: number) => ({
  label: "a",
  score,
  scores: [
    { label: "a", score },
    { label: "b", score: 1 - score },
  ],
});

test("JSONL and a spreadsheet: every column, numbers as numbers, what was left open and checked; no formula runs", async () => {
  const table = await readTable(new File(["text,predicted_label\n=1+1,old\nfine,old\n"], "a.csv"));
  const results = [two(0.55), two(0.9)];
  const made = resultRows(
    table,
    outcome(results, ["a", "b"], { leaveOpen: 0.6, checked: new Map([[0, "b"]]) }),
  );
  const [first] = (await resultsJsonl(made).text()).split("\n").map((line) => line && JSON.parse(line));
  assert.deepEqual(first, {
    text: "=1+1",
    predicted_label: "old",
    "predicted_label (2)": "a",
    predicted_score: 0.55,
    "score: a": 0.55,
    "score: b": 0.45,
    left_open: "yes",
    checked_label: "b",
  });
  const [sheet] = sheetsOf(workbookOf(gridRows(made)));
  assert.deepEqual(sheet?.records[0], made.fields);
  assert.deepEqual(sheet?.records[1]?.slice(0, 4), ["=1+1", "old", "a", "0.55"]);
});

test("lists stay lists in JSONL, and are one cell elsewhere", async () => {
  const lines = ['{"text":"a","tags":["x","y"]}', '{"text":"b","tags":[]}'].join("\n");
  const table = await readTable(new File([lines], "a.jsonl"));
  const results = [["a", "b"], ["a"]].map((labels) => ({ ...two(0.9), labels }));
  const made = resultRows(table, outcome(results, ["a", "b"], { checked: new Map([[0, ["b"]]]) }));
  const read = (await resultsJsonl(made).text()).trim().split("\n");
  assert.deepEqual(
    read.map((line) => JSON.parse(line)).map((row) => [row.tags, row.predicted_labels, row.checked_label]),
    [
      [["x", "y"], ["a", "b"], ["b"]],
      [[], ["a"], ""],
    ],
  );
  assert.match(await resultsCsv(made).text(), /"a","x\|y","a\|b"/);
});

test("JSONL gives back the values of a file of JSON: numbers, booleans, null, and values in values", async () => {
  const rows = [
    { text: "a", id: 7, ok: true, none: null, nest: { a: [1, { b: 2 }] }, tags: [1, 2], __proto: "p" },
    { text: "b", id: "8" },
    { text: "c", id: 0.1, late: "x" },
    { text: "d", id: "9", ok: "no", none: "", nest: "", tags: "t", __proto: "", late: "y" },
  ];
  const given = rows.map((row) => JSON.stringify(row).replace("__proto", "__proto__"));
  for (const content of [given.join("\n"), `[${given.join()}]`]) {
    const table = await readTable(new File([content], content.startsWith("[") ? "a.json" : "a.jsonl"));
    const made = resultRows(
      table,
      outcome(
        rows.map(() => two(0.9)),
        ["a", "b"],
      ),
    );
    const added = '"predicted_label":"a","predicted_score":0.9,"score: a":0.9,"score: b":0.1}';
    const lines = given.map((line) => line.replace(/}$/, `,${added}`));
    assert.equal(await resultsJsonl(made).text(), `${lines.join("\n")}\n`);
  }
});

test("what a CSV's apostrophe kept from being a formula is read again as it was", async () => {
  const texts = ["=1+1", "+44 20 x", "-five", "@user", "\tx", "'tis", "don't", "plain", "-5", "＝7"];
  const table = await readTable(
    new File([texts.map((text) => JSON.stringify({ text, label: "x" })).join("\n")], "a.jsonl"),
  );
  const csv = await resultsCsv(resultRows(table, outcome([], []))).text();
  assert.ok(csv.includes(`"'=1+1"`) && csv.includes(`"'tis"`), csv);
  const again = await readTable(new File([csv], "a.csv"));
  assert.deepEqual(
    again.records.slice(1).map(([text]) => text),
    texts,
  );
});

test("rows in order of doubt, and the counts of labels without what is left open", () => {
  const results = [two(0.9), two(0.55), two(0.7)];
  assert.deepEqual(byDoubt(results), [1, 2, 0]);
  const unlike = { ...two(0.95), unsure: true };
  assert.deepEqual(byDoubt([...results, unlike]), [3, 1, 2, 0]);
  assert.equal(labelCounts(outcome([unlike], ["a", "b"])).open, 1);
  assert.deepEqual(labelCounts(outcome(results, ["a", "b"], { leaveOpen: 0.6 })), {
    counts: [
      ["a", 2],
      ["b", 0],
    ],
    open: 1,
  });
  const several = [0.9, 0.4].map((score) => ({ ...two(score), labels: score > 0.5 ? ["a"] : [] }));
  assert.deepEqual(byDoubt(several, 0.5), [0, 1].reverse());
});

test("a row without a text has no answer, and is neither counted nor shown", () => {
  const prediction = { label: "a", score: 0.7, scores: [{ label: "a", score: 0.7 }] };
  const some = outcome([prediction, undefined], ["a"], { leaveOpen: 0.9 });
  assert.deepEqual(labelCounts(some), { counts: [["a", 0]], open: 1 });
  assert.deepEqual(byDoubt(some.results), [0]);
  const records = [["one"], [""]];
  const table = {
    kind: "grid",
    records,
    lines: [1, 2],
    hasHeader: false,
    columns: ["text"],
    notices: [],
    name: "a",
  };
  const { rows } = resultRows(table as never, some);
  assert.deepEqual(rows, [
    ["one", "a", 0.7, 0.7, "yes"],
    ["", "", "", "", "no"],
  ]);
});

test("a smiley is no formula", async () => {
  const table = await readTable(new File(["text,label\nso it goes ;-),a\nfine,b\n"], "a.csv"));
  const csv = await resultsCsv(resultRows(table, outcome([], []))).text();
  assert.ok(csv.includes('"so it goes ;-)"'), csv);
});

test("a table of 65,000 columns is refused soon, with the limit", async () => {
  for (const name of ["wide.csv", "wide.json"]) {
    const names = Array.from({ length: 65_000 }, (_, at) => `c${at}`);
    const row = names.map((_, at) => String(at));
    const text = name.endsWith("csv")
      ? [names, row, row].map((cells) => cells.join(",")).join("\n")
      : JSON.stringify([Object.fromEntries(names.map((key) => [key, "x"]))]);
    const begun = process.cpuUsage();
    await assert.rejects(readTable(new File([text], name)), { code: "too-many-columns" });
    const { user } = process.cpuUsage(begun);
    assert.ok(user < 4_000_000, `${name} took ${user} µs of computing`);
  }
});
