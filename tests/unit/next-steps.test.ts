// What to do next after a run, in its order; and slips of labelling, found among rows where some were planted.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Report } from "../../web/src/index.ts";
import { nextSteps } from "../../web/studio/data/next-steps.ts";
import { likelySlips } from "../../web/studio/data/slips.ts";

const labels = ["a", "b", "c"];

function known(confusion: number[][]): Parameters<typeof nextSteps>[0] {
  const texts = confusion.flat().reduce((sum, count) => sum + count, 0);
  const right = confusion.reduce((sum, line, at) => sum + (line[at] ?? 0), 0);
  const report = { confusion, accuracy: right / texts } as Report;
  const rows = new Map(labels.map((label) => [label, 20]));
  return { report, labels, texts, rows, wrongScores: [] };
}

const kinds = (given: Parameters<typeof nextSteps>[0]): string[] => nextSteps(given).map(({ kind }) => kind);

test("causes come in their order: unknown words, never said, few rows, slips, ambiguity", () => {
  const given = known([
    [8, 2, 0],
    [3, 7, 0],
    [1, 0, 0],
  ]);
  const all = {
    ...given,
    rows: new Map([...given.rows, ["b", 3]]),
    unknownShare: 0.65,
    wrongScores: [0.95, 0.5],
  };
  assert.deepEqual(kinds(all), ["unknown-words", "never-said", "few-rows", "sure-but-wrong", "ambiguous"]);
  assert.deepEqual(nextSteps(all)[1], { kind: "never-said", labels: ["c"] });
});

test("nothing wrong, and too few texts", () => {
  const given = known([
    [3, 0, 0],
    [0, 3, 0],
    [0, 0, 3],
  ]);
  assert.deepEqual(kinds({ ...given, unknownShare: 0.9 }), ["few-held", "all-right"]);
});

test("one mistake in one direction is no ambiguity", () => {
  assert.deepEqual(
    kinds(
      known([
        [9, 1, 0],
        [0, 9, 0],
        [0, 0, 9],
      ]),
    ),
    [],
  );
});

test("planted slips are found, each with its label, and few others", () => {
  let state = 7;
  const next = (): number => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
  const truth = Array.from({ length: 120 }, (_, row) => row % 3);
  const states = truth.map((label) => {
    const vector = Float32Array.from(
      { length: 16 },
      (_, at) => (at === label ? 1.5 : 0) + 0.8 * (next() - 0.5),
    );
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  });
  const planted = [5, 40, 77, 101];
  const given = truth.map((label, row) => labels[planted.includes(row) ? (label + 1) % 3 : label] ?? "");
  const slips = likelySlips(states, given);
  assert.deepEqual(
    slips
      .slice(0, 4)
      .map(({ row }) => row)
      .sort((a, b) => a - b),
    planted,
  );
  for (const { row, likely } of slips.slice(0, 4)) assert.equal(likely, labels[truth[row] ?? 0]);
  assert.ok(slips.length <= 6, `${slips.length}`);
  assert.deepEqual(likelySlips(states.slice(0, 3), given.slice(0, 3)), [], "too few rows tell nothing");
});
