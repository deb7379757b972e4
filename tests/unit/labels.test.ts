// The order of labels, labels that look alike and their joining, and the rows that a table with labels by hand gives.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { handLabels, withLabel, withLabelColumn } from "../../web/studio/data/by-hand.ts";
import { newFile } from "../../web/studio/data/parts.ts";
import { compareLabels } from "../../web/studio/data/reading/label-order.ts";
import { type Joins, joined, lookAlikes, spelledOut } from "../../web/studio/data/reading/look-alikes.ts";
import { readTable } from "../../web/studio/data/reading/parse.ts";
import { LIST, type Separator } from "../../web/studio/data/reading/separator.ts";
import type { Table } from "../../web/studio/data/reading/table.ts";
import { assemble, rowsOfFiles } from "../../web/studio/data/rows.ts";

const read = (content: string, name = "a.csv"): Promise<Table> => readTable(new File([content], name));
const NO_JOINS: Joins = new Map();
const parts = async (table: Table, joins = NO_JOINS, separator?: Separator, label = "label") => {
  const columns = { text: "text", pair: undefined, label, separator, joins };
  return assemble(await rowsOfFiles([newFile(table, "train")], columns, { splitSeed: 42, sample: false }));
};

describe("the order of labels", () => {
  for (const [what, labels] of [
    ["numbers", ["0", "1", "2", "3", "9", "10", "11", "100"]],
    ["negative and decimal numbers", ["-10", "-1", "-0.5", "0", "0.25", "3", "1e2"]],
    ["numbers before names", ["1", "2", "10", "other"]],
    ["numbers in names", ["1 star", "2 stars", "10 stars", "step 2", "step 10"]],
    ["names", ["Loans", "books", "loans", "rooms", "你好", "再见"].sort()],
  ] as [string, string[]][])
    test(what, () => {
      assert.deepEqual(labels.toReversed().sort(compareLabels), labels);
      assert.deepEqual(labels.toSorted(compareLabels), labels);
    });

  test("the parts of a table have it", async () => {
    const rows = Array.from({ length: 48 }, (_, row) => `text ${row},${row % 12}`);
    const made = await parts(await read(`text,label\n${rows.join("\n")}\n`));
    assert.deepEqual(
      made.parts?.labels,
      Array.from({ length: 12 }, (_, label) => String(label)),
    );
  });
});

describe("labels that look alike", () => {
  for (const [what, kept, ...others] of [
    ["case", "spam", "Spam", "SPAM"],
    ["spaces", "not spam", "not  spam", "not\u00a0spam"],
    ["composed and decomposed letters", "café", "cafe\u0301"],
    ["zero-width characters", "x", "x\u200b", "\ufeffx", "x\u2060"],
    ["full-width letters", "abc", "ａｂｃ"],
    ["hyphens and dashes", "sci-fi", "sci\u2010fi", "sci\u2011fi", "sci\u2013fi", "sci\u2212fi"],
    ["apostrophes", "don't", "don\u2019t", "don\u2018t", "don\u02bct"],
    ["control characters", "x", "x\u0007", "\u0001x"],
    ["all at once", "über uns", "U\u0308ber\u00a0UNS\u200b"],
  ] as [string, string, ...string[]][])
    test(what, () => {
      const counts = new Map([
        ...others.map((label): [string, number] => [label, 2]),
        [kept, 2],
        ["other", 5],
      ]);
      counts.set(kept, 3);
      const found = lookAlikes(counts);
      assert.equal(found.length, 1);
      assert.equal(found[0]?.[0]?.label, kept, "the most frequent comes first");
      const joins = joined(found, NO_JOINS);
      assert.deepEqual([...joins.keys()].sort(), [...others].sort());
      assert.ok([...joins.values()].every((to) => to === kept));
    });

  test("labels that differ otherwise are left alone", () => {
    const labels = ["cafe", "café", "x", "y", "1", "10", "a b", "ab", "+", "-", "\u200b"];
    assert.deepEqual(lookAlikes(new Map(labels.map((label) => [label, 1]))), []);
  });

  test("spellings can be told apart by eye", () => {
    assert.equal(spelledOut("x\u200b"), "x⟨U+200B⟩");
    assert.equal(spelledOut("cafe\u0301"), "cafe⟨U+0301⟩");
    assert.equal(spelledOut("a\u2010b\u2019s\u0007"), "a⟨U+2010⟩b⟨U+2019⟩s⟨U+0007⟩");
    assert.equal(spelledOut("not spam"), "not spam");
  });

  test("joined rows have one label; no row is lost", async () => {
    const cells = ["x", "x\u200b", "X", "y", "y", "y "];
    const rows = Array.from({ length: 24 }, (_, row) => `text ${row},${cells[row % cells.length]}`);
    const table = await read(`text,label\n${rows.join("\n")}\n`);
    const apart = await parts(table);
    assert.deepEqual(apart.parts?.labels, ["X", "x", "x\u200b", "y"]);
    const made = await parts(table, joined(apart.alike, NO_JOINS));
    assert.deepEqual(made.alike, []);
    assert.equal(made.parts?.labels.length, 2);
    const { train = [], dev = [], test: held = [] } = made.parts ?? {};
    assert.equal(train.length + dev.length + held.length, 24);
  });

  test("in rows of several labels, too", async () => {
    const rows = ["a", "A", "b"].flatMap((label) =>
      Array.from({ length: 8 }, (_, row) => JSON.stringify({ text: `${label} ${row}`, label: [label, "c"] })),
    );
    const table = await read(rows.join("\n"), "a.jsonl");
    const apart = await parts(table, NO_JOINS, LIST);
    assert.equal(apart.alike.length, 1);
    const made = await parts(table, joined(apart.alike, NO_JOINS), LIST);
    assert.equal(made.parts?.labels.length, 3);
  });
});

test("labels added by hand make rows; texts without one are left out, and said", async () => {
  let table = withLabelColumn(await read("text\none a\ntwo b\nthree c\nfour d\nfive e\n"));
  assert.deepEqual(table.columns, ["text", "label"]);
  for (const [row, label] of ["x", "y", "x", "y"].entries()) table = withLabel(table, row, label);
  assert.deepEqual(handLabels(table), ["x", "y"]);
  const made = await parts(table);
  assert.deepEqual(made.parts?.labels, ["x", "y"]);
  assert.equal(made.notices.filter(({ level }) => level === "warning").length, 1);
});
