// What the bench computes by itself: nearest means and what they say of held-out rows, rows that are pasted, and the rows that a
// remedy takes out.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { randomFrom } from "../../web/src/shared/random.ts";
import {
  centroidsOf,
  heldOut,
  mostAlike,
  type Placed,
  rightOf,
  scoresOf,
} from "../../web/studio/data/centroids.ts";
import type { Example } from "../../web/studio/data/edits.ts";
import { readPasted } from "../../web/studio/data/pasted.ts";
import { surplus } from "../../web/studio/data/surplus.ts";

const HIDDEN = 8;

/** Rows around a corner each, with noise. */
function clouds(each: number, noise: number, seed = 1): Placed[] {
  const random = randomFrom(seed);
  return [0, 1, 2].flatMap((target) =>
    Array.from({ length: each }, () => ({
      target,
      state: Float32Array.from(
        { length: HIDDEN },
        (_, at) => Number(at === target) + noise * (random() - 0.5),
      ),
    })),
  );
}

describe("nearest means", () => {
  const labels = ["a", "b", "c"];

  test("answer by the nearest, with scores that are together 1", () => {
    const rows = clouds(10, 0.5);
    const means = centroidsOf(labels, rows);
    const scores = scoresOf(
      means,
      Float32Array.from({ length: HIDDEN }, (_, at) => Number(at === 1)),
    );
    assert.ok(Math.abs(scores.reduce((sum, score) => sum + score, 0) - 1) < 1e-9);
    assert.equal(scores.indexOf(Math.max(...scores)), 1);
    assert.equal(rightOf(means, clouds(10, 0.5, 2)), 30);
    assert.equal(mostAlike(rows, rows[12]?.state as Float32Array), 12);
  });

  test("held-out rows are judged as if each had been left out and the rest done again", () => {
    const rows = clouds(6, 3);
    const { right, of } = heldOut(centroidsOf(labels, rows), rows);
    const again = rows.filter((row) => {
      const others = centroidsOf(
        labels,
        rows.filter((each) => each !== row),
      );
      // The spread that corrects the distances is that of all rows, in both.
      const { spread } = centroidsOf(labels, rows);
      const scores = scoresOf({ ...others, spread }, row.state);
      return scores.indexOf(Math.max(...scores)) === row.target;
    }).length;
    assert.deepEqual([right, of], [again, 18]);
    assert.ok(right < 18, "so much noise leaves some wrong");
  });

  test("a label without rows has no score, and one row is not judged by none", () => {
    const rows = clouds(1, 0).slice(0, 2);
    const means = centroidsOf(labels, rows);
    assert.equal(scoresOf(means, rows[0]?.state as Float32Array)[2], 0);
    assert.deepEqual(heldOut(means, rows), { right: 0, of: 0 });
  });
});

describe("pasted rows", () => {
  for (const [what, pasted, rows] of [
    [
      "two columns",
      "hooray\thappy\noh no\tsad",
      [
        ["hooray", "happy"],
        ["oh no", "sad"],
      ],
    ],
    [
      "the label first",
      "happy\tHooray for us\nsad\tOh no, not again\nsad\tWhat a pity",
      [
        ["Hooray for us", "happy"],
        ["Oh no, not again", "sad"],
        ["What a pity", "sad"],
      ],
    ],
    ["a line of names", "text\tlabel\r\nhooray\thappy\r\n", [["hooray", "happy"]]],
    ["a CSV with names", 'text,label\n"well, well",happy\n', [["well, well", "happy"]]],
    [
      "a cell of two lines",
      '"one\ntwo"\thappy\nthree\tsad',
      [
        ["one\ntwo", "happy"],
        ["three", "sad"],
      ],
    ],
  ] as [string, string, [string, string][]][])
    test(what, () => {
      const read = readPasted(pasted);
      assert.deepEqual(
        read.rows.map(({ text, label }) => [text, label]),
        rows,
      );
      assert.deepEqual(read.texts, []);
    });

  test("a text a line; a comma is part of it", () => {
    const read = readPasted("Well, well\n\n  We won \n");
    assert.deepEqual([read.rows, read.texts], [[], ["Well, well", "We won"]]);
    assert.deepEqual(readPasted(" \n").texts, []);
  });

  test("one column of a spreadsheet: a cell of several lines is one text, and a stray quote stays", () => {
    assert.deepEqual(readPasted('"two ""big""\r\nlines"\r\nother\r\n').texts, ['two "big"\nlines', "other"]);
    const stray = ['"Great" film', '"so so', "fine"];
    assert.deepEqual(readPasted(stray.join("\n")).texts, stray);
  });

  test("lines without text or label are counted", () => {
    assert.equal(readPasted("a\tx\n\tx\nb\t").left, 2);
  });
});

describe("rows that a remedy takes out", () => {
  const example = (key: string, text: string, label: string, part: Example["part"] = "train"): Example => ({
    key,
    row: { text, label },
    origin: "file",
    part,
  });
  const rows = [
    example("1/1", "Hello", "x"),
    example("1/2", "Hello", "x"),
    example("1/3", "hello!", "x"),
    example("1/4", "Hello", "y"),
    example("1/5", "HELLO", "x", "test"),
    example("1/6", "Bye", "x", "test"),
  ];
  for (const [code, keys] of [
    ["duplicate", ["1/2"]],
    ["near-duplicate", ["1/2", "1/3"]],
    ["leakage", ["1/5"]],
  ] as const)
    test(code, () => {
      assert.deepEqual(
        surplus(rows, code).map(({ key }) => key),
        keys,
      );
    });
});
