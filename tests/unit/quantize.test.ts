// `quantize` by a fake engine: which layers stay in 32 bits, what the receipt says, and that a refusal changes nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Classifier } from "../../web/bertlet.d.ts";
import { hasCode, loadFake } from "../support/fake-classifier.ts";
import { install, type Script, script } from "../support/fake-engine.ts";

const data = [
  { text: "x", label: "a" },
  { text: "xyz", label: "b" },
];

/** A classifier of an engine that follows these instructions. */
async function given(to: Script): Promise<Classifier> {
  install(to);
  return loadFake();
}

test("where accuracy holds, every layer is rounded, and the receipt says so", async () => {
  const to = script();
  const classifier = await given(to);
  const receipt = await classifier.quantize({ data });
  assert.deepEqual(receipt.f32Layers, []);
  assert.equal(receipt.rows, 2);
  assert.equal(receipt.agreement, 1);
  assert.ok(Math.abs(receipt.maxChange - 0.01) < 1e-6 && Math.abs(receipt.meanChange - 0.005) < 1e-6);
  assert.deepEqual(
    to.calls.filter((call) => /^(snapshot|restore|drop|quantize)/.test(call)),
    ["snapshot", "restore", "quantize int8 ", "drop"],
  );
});

test("accuracy may fall by just as much as is allowed: of rows, not of rounded shares", async () => {
  const rows = Array.from({ length: 200 }, (_, at) => ({
    text: "x".repeat(1 + (at % 9)),
    label: "ab"[at % 2] as string,
  }));
  const exactly = await (await given({ ...script(), accuracies: [0.9, 0.895] })).quantize({ data: rows });
  assert.deepEqual(exactly.f32Layers, []);
  const more = (await given({ ...script(), accuracies: [0.9, 0.89] })).quantize({ data: rows, dtype: "f16" });
  await assert.rejects(more, hasCode("accuracy-fell"));
});

test("the most sensitive layers stay, as few as accuracy needs", async () => {
  const to = { ...script(), layers: 4, accuracies: [0.9, 0.5, 0, 0, 0, 0, 0.5, 0.896] };
  const receipt = await (await given(to)).quantize({ data });
  assert.deepEqual(receipt.f32Layers, [2, 3]);
  assert.deepEqual([receipt.before.accuracy, receipt.after.accuracy], [0.9, 0.896]);
  assert.ok(to.calls.includes("quantize int8 0,1,2"), "each layer was tried alone");
});

test("where even half of the layers do not help, the model is as it was", async () => {
  const to = { ...script(), layers: 4, accuracies: [0.9, 0.5, 0, 0, 0, 0, 0.5, 0.5] };
  const classifier = await given(to);
  await assert.rejects(classifier.quantize({ data }), hasCode("accuracy-fell"));
  assert.deepEqual(to.calls.slice(-3), ["restore", "drop", "free"]);
  assert.deepEqual((await classifier.quantize({ data, dtype: "f16" })).f32Layers, []);
});
