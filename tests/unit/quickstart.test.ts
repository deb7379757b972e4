// The quick start's reading of CSV files, held against files as people have them.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileTask, rowsOf } from "../../web/scripts/task.ts";
import recorded from "../../web/studio/views/bench/recorded.json" with { type: "json" };
import { root } from "../support/serve.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "bertlet-task-"));
});
after(() => rm(folder, { recursive: true }));

const csv = (rows: number): string =>
  `text,label\n${Array.from({ length: rows }, (_, row) => `row ${row},${row % 2 ? "odd" : "even"}`).join("\n")}\n`;

test("columns are found by name, in any case and order, quotes and byte-order mark included", () => {
  assert.deepEqual(rowsOf("a.csv", '\uFEFFid, Label ,TEXT\n1,x ,"a, ""b""\nc"\n\n2,y,\n'), [
    { text: 'a, "b"\nc', label: "x" },
    { text: "", label: "y" },
  ]);
  assert.deepEqual(rowsOf("a.csv", "text;label\nWell, late, broken, and lost;x\n"), [
    { text: "Well, late, broken, and lost", label: "x" },
  ]);
});

test("what is missing is named", () => {
  assert.throws(() => rowsOf("a.csv", "text,lable\na,b\n"), /a\.csv: .*columns text and label.*text,lable/);
  assert.throws(() => rowsOf("a.csv", ""), /an empty file/);
  assert.throws(() => rowsOf("a.csv", "text,label\na,b\nc,\n"), /row 2 after the header/);
  assert.throws(() => rowsOf("a.csv", "text,label\na\n"), /row 1 after the header/);
});

test("a single file is split in three, the same way each time", async () => {
  const path = join(folder, "all.csv");
  await writeFile(path, csv(100));
  const task = await fileTask(path);
  assert.deepEqual([task.train.length, task.dev.length, task.test.length], [80, 10, 10]);
  assert.equal(task.dev.filter((row) => row.label === "odd").length, 5);
  assert.deepEqual(task.labels, ["even", "odd"]);
  assert.deepEqual(await fileTask(path), task);
});

test("train.csv brings dev.csv and test.csv along", async () => {
  const path = join(folder, "train.csv");
  await writeFile(path, csv(10));
  assert.equal((await fileTask(path)).train.length, 6);
  await writeFile(join(folder, "dev.csv"), csv(2));
  await writeFile(join(folder, "test.csv"), csv(4));
  const task = await fileTask(path);
  assert.deepEqual([task.train.length, task.dev.length, task.test.length], [10, 2, 4]);
});

test("one label is nothing to learn", async () => {
  const path = join(folder, "one.csv");
  await writeFile(path, "text,label\na,x\nb,x\n");
  await assert.rejects(fileTask(path), /at least two labels.*2 rows of the label "x"/);
});

test("the first screen's recorded answers have the sample's labels, and are of texts that are not in it", async () => {
  const name = join(root, "web/studio/sample/sample-en.csv");
  const rows = rowsOf(name, await readFile(name, "utf8"));
  const labels = [...new Set(rows.map(({ label }) => label))].sort();
  for (const { text, scores } of recorded) {
    assert.ok(!rows.some((row) => row.text === text), text);
    assert.deepEqual(scores.map(({ label }) => label).sort(), labels);
    const [sum, best] = [scores.reduce((sum, { score }) => sum + score, 0), scores[0]?.score ?? 0];
    assert.ok(Math.abs(sum - 1) < 0.01 && scores.every(({ score }) => score <= best), text);
  }
});
