// The studio's own arithmetic, without a browser: splits.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stratifiedSplit } from "../../web/studio/split.ts";

const rows = Array.from({ length: 200 }, (_, index) => ({
  text: `row ${index}`,
  label: index < 150 ? "often" : index < 198 ? "seldom" : "twice",
}));
const shares = (part: readonly { label: string }[]) =>
  ["often", "seldom", "twice"].map((label) => part.filter((row) => row.label === label).length);

describe("the split", () => {
  test("keeps every label's share, and every row once", () => {
    const { train, dev, test: held } = stratifiedSplit(rows, 42);
    assert.deepEqual(shares(dev), [15, 5, 0]);
    assert.deepEqual(shares(held), [15, 5, 0]);
    assert.deepEqual(shares(train), [120, 38, 2], "a label of two rows stays in train");
    assert.equal(new Set([...train, ...dev, ...held]).size, rows.length);
  });

  test("is the same for the same seed, and another for another", () => {
    assert.deepEqual(stratifiedSplit(rows, 7), stratifiedSplit(rows, 7));
    assert.notDeepEqual(stratifiedSplit(rows, 7).dev, stratifiedSplit(rows, 8).dev);
  });

  test("any whole number is a seed", () => {
    for (const seed of [0, -1, 2 ** 31, 0x9e3779b9 | 0])
      assert.equal(stratifiedSplit(rows, seed).dev.length, 20, `${seed}`);
  });
});
