// What tells texts unlike the examples, as config.json keeps it: the same after as before, and refused where it is none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { rounded, scopeIn, withScope } from "../../web/src/worker/saved-scope.ts";
import { hasCode } from "../support/fake-classifier.ts";

/** As the engine writes it. */
const CONFIG = '{\n  "hidden_dropout_prob": 0.0,\n  "bertlet": {\n    "pooling": "mean"\n  }\n}\n';
const WIDTH = 4;
const bytes = (text: string) => new TextEncoder().encode(text);
const base64 = (...numbers: number[]) => Buffer.from(Int8Array.from(numbers)).toString("base64");

test("a saved scope is the one that was fitted, and the rest of config.json stays", () => {
  const states = rounded(Float32Array.of(0.6, -0.8, 0, 0, 0.001, 0.5, 0.5, -0.7), WIDTH);
  const scope = { states, neighbours: 1, width: WIDTH, threshold: 0.25, examples: 900 };
  const config = withScope(CONFIG, scope);
  assert.deepEqual(scopeIn(bytes(config), WIDTH), { ...scope, pooling: "mean" });
  assert.match(config, /"hidden_dropout_prob": 0\.0,/);
  const one = { ...scope, states: states.subarray(0, WIDTH), examples: 1 };
  assert.deepEqual(scopeIn(bytes(withScope(CONFIG, one)), WIDTH), { ...one, pooling: "mean" });
  assert.equal(withScope(CONFIG, undefined), CONFIG);
  assert.equal(scopeIn(bytes(CONFIG), WIDTH), undefined);
});

const good = { threshold: 0.5, neighbours: 5, examples: 2, states: base64(1, 0, 0, 0, 0, 1, 0, 0) };

for (const [what, scope, message] of [
  ["text", "here", /threshold/],
  ["a threshold over 1", { ...good, threshold: 1.5 }, /scope\.threshold must be a number from -1 to 1/],
  ["a threshold that is text", { ...good, threshold: "0.5" }, /found "0\.5"/],
  ["no threshold", { ...good, threshold: null }, /threshold/],
  ["no neighbours", { ...good, neighbours: 0 }, /neighbours/],
  ["half a neighbour", { ...good, neighbours: 1.5 }, /neighbours/],
  ["no example", { ...good, examples: 0 }, /examples/],
  ["no states", { ...good, states: undefined }, /states must be base64/],
  ["states that are no base64", { ...good, states: "§§" }, /states must be base64/],
  ["states of another width", { ...good, states: base64(1, 2, 3, 4, 5) }, /1 to 256 rows of 4 bytes/],
  ["no row of states", { ...good, states: "" }, /rows of 4 bytes, found "0 bytes"/],
  ["too many rows", { ...good, states: base64(...new Array(4 * 257).fill(1)) }, /1028 bytes/],
  ["a row of zeros", { ...good, states: base64(1, 0, 0, 0, 0, 0, 0, 0) }, /not all 0/],
] as const) {
  test(`refused: a scope of ${what}`, () => {
    const config = JSON.stringify({ bertlet: { pooling: "mean", scope } });
    assert.throws(() => scopeIn(bytes(config), WIDTH), hasCode("bad-config", message));
  });
}
