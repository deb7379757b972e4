// Numbers as the studio writes them: what is nearly all or nothing is not all or nothing, and a number in a CSV stays one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { csvFile } from "../../web/studio/data/csv.ts";
import { percents, pValue } from "../../web/studio/i18n/shares.ts";

test("shares and p-values are not rounded to certainty", () => {
  const cases: [share: number, decimals: number, written: string][] = [
    [1, 1, "100.0"],
    [0.9996, 1, ">99.9"],
    [0.996, 0, ">99"],
    [0.5, 0, "50"],
    [0.0004, 1, "<0.1"],
    [0, 0, "0"],
  ];
  for (const [share, decimals, written] of cases) assert.equal(percents(share, decimals), written);
  assert.deepEqual([0.0001, 0.0496, 0.05, 0.3].map(pValue), [
    "p < 0.001",
    "p = 0.0496",
    "p = 0.050",
    "p = 0.300",
  ]);
});

test("a number in a CSV stays a number, and a formula does not run", async () => {
  const cells = ["-1", "+1", " -2.5e-3 ", "-1,5", "-1+1", "=1", "@x", "- 1", "-1\t=2"];
  const text = await csvFile(
    ["label"],
    cells.map((cell) => [cell]),
  ).text();
  const found = text.replace("\ufeff", "").split("\r\n").slice(1);
  assert.deepEqual(found, [
    '"-1"',
    '"+1"',
    '" -2.5e-3 "',
    '"-1,5"',
    `"'-1+1"`,
    `"'=1"`,
    `"'@x"`,
    `"'- 1"`,
    `"'-1\t'=2"`,
  ]);
});
