// Calibration and neighbours as plain arithmetic: against a search of all temperatures, and against the same sums written
// out another way.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answersOf,
  calibrationError,
  type Decision,
  decisionsOf,
  fitTemperature,
  meanLoss,
  reliability,
} from "../../web/src/shared/calibration.ts";
import { farApart, quantile, similaritiesTo } from "../../web/src/shared/neighbours.ts";
import { randomFrom } from "../../web/src/shared/random.ts";

/** Decisions of three answers whose logits are too large by `factor`. */
function tooSure(factor: number, count: number): Decision[] {
  const random = randomFrom(7);
  return Array.from({ length: count }, () => {
    const honest = [2 * random(), 2 * random(), 2 * random()];
    const odds = honest.map((logit) => Math.exp(logit));
    const total = odds.reduce((sum, each) => sum + each, 0);
    let left = random() * total;
    const truth = odds.findIndex((each) => {
      left -= each;
      return left < 0;
    });
    return { logits: honest.map((logit) => factor * logit), truth: Math.max(0, truth) };
  });
}

test("the temperature is that of the least loss of all", () => {
  const decisions = tooSure(4, 3000);
  const found = fitTemperature(decisions) as number;
  assert.ok(Math.abs(found - 4) < 0.6, `${found}`);
  const loss = meanLoss(decisions, found);
  for (const other of [found * 0.98, found * 1.02, 1, 20]) assert.ok(meanLoss(decisions, other) > loss);
});

test("rows that are all right, or all wrong, fit no temperature", () => {
  const logits = [3, 1];
  assert.equal(fitTemperature([{ logits, truth: 0 }]), undefined);
  assert.equal(fitTemperature([{ logits, truth: 1 }]), undefined);
});

test("bins count each answer once, and the error weighs them by that", () => {
  const at = (score: number, truth: number): Decision => ({
    logits: [Math.log(score / (1 - score)), 0],
    truth,
  });
  const decisions = [at(0.95, 0), at(0.93, 1), at(0.62, 0), at(0.68, 0)];
  const bins = reliability(answersOf(decisions), 10);
  assert.deepEqual(
    bins.map(({ count }) => count),
    [0, 0, 0, 0, 0, 0, 2, 0, 0, 2],
  );
  const expected = (2 * Math.abs(0.65 - 1) + 2 * Math.abs(0.94 - 0.5)) / 4;
  assert.ok(Math.abs(calibrationError(bins) - expected) < 1e-9);
  assert.ok(calibrationError(reliability(answersOf(tooSure(4, 3000)), 15)) > 0.2);
  assert.ok(calibrationError(reliability(answersOf(tooSure(4, 3000), 4), 15)) < 0.03);
});

test("each label of a multi-label row is an answer of its own", () => {
  const decisions = decisionsOf(Float32Array.of(2, -1, 0.5, 3), 2, (row) => (row === 0 ? [0] : [0, 1]), true);
  assert.deepEqual(
    decisions.map(({ truth }) => truth),
    [1, 0, 1, 1],
  );
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const loss =
    -(Math.log(sigmoid(2)) + Math.log(1 - sigmoid(-1)) + Math.log(sigmoid(0.5)) + Math.log(sigmoid(3))) / 4;
  assert.ok(Math.abs(meanLoss(decisions) - loss) < 1e-9);
});

test("a text is compared with its nearest examples, an example with the others", () => {
  const turn = (degrees: number) => [
    Math.cos((degrees * Math.PI) / 180),
    Math.sin((degrees * Math.PI) / 180),
  ];
  const states = Float32Array.from([0, 10, 90].flatMap(turn));
  const known = { states, neighbours: 2, width: 2 };
  const near = (found: Float32Array, expected: number[]) =>
    expected.forEach((value, row) => {
      assert.ok(Math.abs((found[row] as number) - value) < 1e-6, `${row}: ${found[row]}`);
    });
  const cos = (degrees: number) => Math.cos((degrees * Math.PI) / 180);
  near(similaritiesTo(known, Float32Array.from(turn(5))), [cos(5)]);
  near(similaritiesTo(known, states, "itself"), [
    (cos(10) + cos(90)) / 2,
    (cos(10) + cos(80)) / 2,
    (cos(80) + cos(90)) / 2,
  ]);
  assert.equal(quantile(Float32Array.of(3, 1, 2, 4), 0.25), 2);
  assert.deepEqual(farApart(Float32Array.from([0, 10, 90, 180].flatMap(turn)), 2, 3), [0, 3, 2]);
});
