// What the bench does to rows: typed rows beside those of files, moved, renamed, joined and removed, and their undoing.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Edits,
  noEdits,
  withCards,
  withMoved,
  withoutLabel,
  withoutRows,
  withRenamed,
  withRows,
} from "../../web/studio/data/edits.ts";
import { newFile } from "../../web/studio/data/parts.ts";
import { readTable } from "../../web/studio/data/reading/parse.ts";
import { assemble, type FileRows, noRows, rowsOfFiles } from "../../web/studio/data/rows.ts";

const typed = (text: string, label: string) => ({ text, label });
const COLUMNS = { text: "text", pair: undefined, label: "label", separator: undefined, joins: new Map() };

async function fileOf(rows: readonly [string, string][]): Promise<FileRows> {
  const lines = rows.map(([text, label]) => `${text},${label}`).join("\n");
  const table = await readTable(new File([`text,label\n${lines}\n`], "a.csv"));
  return rowsOfFiles([newFile(table, "train")], COLUMNS, { splitSeed: 42, sample: false });
}

/** All rows as they stand, as "text>label". */
async function shown(edits: Edits, found: FileRows = noRows): Promise<string[]> {
  const { examples } = await assemble(found, edits);
  return examples.map(({ row }) => `${row.text}>${row.label}`);
}

describe("examples that are typed", () => {
  test("make parts once two labels have rows", async () => {
    const one = withRows(noEdits, [typed("hooray", "happy")], "typed");
    assert.equal((await assemble(noRows, one)).parts, undefined);
    const two = withRows(one, [typed("oh no", "sad")], "typed");
    const { parts } = await assemble(noRows, two);
    assert.deepEqual(parts?.labels, ["happy", "sad"]);
    assert.deepEqual(parts?.train, [typed("hooray", "happy"), typed("oh no", "sad")]);
    assert.deepEqual(two.cards, ["happy", "sad"]);
  });

  test("a correction takes the place of the row before", async () => {
    const one = withRows(noEdits, [typed("fine", "sad"), typed("fine", "happy")], "typed");
    assert.deepEqual(await shown(withRows(one, [typed("fine", "calm")], "corrected")), ["fine>calm"]);
  });

  test("keep their numbers apart after one was removed", () => {
    const three = withRows(noEdits, [typed("a", "x"), typed("b", "x"), typed("c", "y")], "typed");
    const more = withRows(withoutRows(three, new Set(["own/2"])), [typed("d", "y")], "typed");
    assert.deepEqual(
      more.own.map(({ key }) => key),
      ["own/1", "own/3", "own/4"],
    );
  });

  test("moved, renamed, joined and removed, each state before is as it was", async () => {
    const before = withRows(noEdits, [typed("a", "x"), typed("b", "y"), typed("c", "z")], "typed");
    const moved = withMoved(before, before.own.slice(0, 1), "x", "y");
    assert.deepEqual(await shown(moved), ["a>y", "b>y", "c>z"]);
    const renamed = withRenamed(moved, "y", "why");
    assert.deepEqual(renamed.cards, ["x", "why", "z"]);
    const joined = withRenamed(renamed, "z", "why");
    assert.deepEqual(await shown(joined), ["a>why", "b>why", "c>why"]);
    assert.deepEqual(await shown(withoutLabel(joined, "why", joined.own)), []);
    assert.deepEqual(await shown(before), ["a>x", "b>y", "c>z"]);
    assert.deepEqual(withCards(before, ["x"]), before);
  });
});

describe("changes over the rows of a file", () => {
  const rows = Array.from({ length: 40 }, (_, at): [string, string] => [
    `text ${at}`,
    at % 2 ? "odd" : "even",
  ]);

  test("leave each row in its part, and rename labels there and back", async () => {
    const found = await fileOf(rows);
    const { parts: before, examples } = await assemble(found);
    const first = examples.find(({ part, row }) => part === "train" && row.label === "even");
    assert.ok(first && before);
    const moved = withMoved(noEdits, [first], "even", "odd");
    const { parts } = await assemble(found, withRenamed(moved, "odd", "uneven"));
    assert.deepEqual(parts?.labels, ["even", "uneven"]);
    assert.equal(parts?.train.length, before.train.length);
    assert.equal(parts?.train.find(({ text }) => text === first.row.text)?.label, "uneven");
    assert.deepEqual(
      parts?.test.map(({ text }) => text),
      before.test.map(({ text }) => text),
    );
    const back = withRenamed(withRenamed(noEdits, "odd", "uneven"), "uneven", "odd");
    assert.deepEqual((await assemble(found, back)).parts, before);
  });

  test("a text that is learned from is no test any more", async () => {
    const found = await fileOf(rows);
    const { parts: before } = await assemble(found);
    const held = before?.test[0];
    assert.ok(before && held);
    const { parts } = await assemble(found, withRows(noEdits, [typed(held.text, "even")], "corrected"));
    assert.equal(parts?.test.length, before.test.length - 1);
    assert.equal(parts?.train.length, before.train.length + 1);
    assert.ok(!parts?.test.some(({ text }) => text === held.text));
  });

  test("typed rows take the form of the file's rows", async () => {
    const table = await readTable(new File(["text,more,label\na,b,x;y\nc,d,y\n"], "pairs.csv"));
    const columns = { ...COLUMNS, pair: "more", separator: ";" as const };
    const found = await rowsOfFiles([newFile(table, "train")], columns, { splitSeed: 42, sample: false });
    const { parts } = await assemble(found, withRows(noEdits, [typed("e", "x")], "typed"));
    assert.deepEqual(parts?.train.at(-1), { text: "e", textPair: "", label: ["x"] });
  });
});
