// Calls that overlap, on a fake engine: each answer has the labels of its own turn, and each row is checked then.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { Prediction } from "../../web/bertlet.d.ts";
import { alternatingRows, hasCode, loadFake } from "../support/fake-classifier.ts";
import { install, type Script, script } from "../support/fake-engine.ts";

let to: Script;
const NEW = ["p", "q", "r"];
const names = ({ scores }: Prediction) => scores.map(({ label }) => label).sort();
const sound = ({ scores }: Prediction) =>
  scores.every(({ label, score }) => label !== undefined && Number.isFinite(score));

beforeEach(() => {
  to = script();
  install(to);
});

test("an answer has the labels of its turn, not those of the time of the call", async () => {
  const classifier = await loadFake();
  const [before, , after, , last] = await Promise.all([
    classifier.classify("x"),
    classifier.setLabels(NEW),
    classifier.classify("x"),
    classifier.setLabels(["only"]),
    classifier.classify("x"),
  ]);
  assert.deepEqual([before, after, last].map(names), [["a", "b"], NEW, ["only"]]);
  assert.ok([before, after, last].every(sound));
});

test("rows are checked against the labels of their turn", async () => {
  const classifier = await loadFake();
  const rows = alternatingRows(4);
  const renamed = rows.map(({ text, label }) => ({ text, label: label === "a" ? "p" : "q" }));
  const unknown = hasCode("unknown-label", /the model's labels are "p", "q", "r"/);
  const changed = classifier.setLabels(NEW);
  await Promise.all([
    changed,
    classifier.evaluate(renamed),
    assert.rejects(classifier.evaluate(rows), unknown),
    assert.rejects(classifier.plan({ train: rows }), unknown),
    assert.rejects(classifier.finetune({ train: rows }).result, unknown),
  ]);
  const again = classifier.setLabels(["a", "b"]);
  const run = classifier.crossValidate(rows, { folds: 2 });
  await Promise.all([again, run.result]);
  const runs = [
    () => classifier.crossValidate(rows, { folds: 2 }).result,
    () => classifier.search({ train: rows, dev: rows }, { trials: 1 }).result,
  ];
  for (const start of runs) {
    const labels = classifier.setLabels(NEW);
    await assert.rejects(start(), unknown);
    await labels;
  }
  await classifier.finetune({ train: renamed }).result;
});

test("a run waits for an adapter whose files are still read", async (t) => {
  const classifier = await loadFake();
  // Of a slow disk.
  const slowly = () => new Promise<ArrayBuffer>((resolve) => setTimeout(resolve, 50, new ArrayBuffer(2)));
  t.mock.method(Blob.prototype, "arrayBuffer", slowly);
  const files = { config: new Blob(["{}"]), weights: new Blob(["{}"]) };
  const rows = alternatingRows(4);
  for (const run of [
    () => classifier.finetune({ train: rows }),
    () => classifier.crossValidate(rows, { folds: 2 }),
  ]) {
    to.calls = [];
    const added = classifier.addAdapter("one", files);
    await Promise.all([added, run().result]);
    const came = to.calls.indexOf("addAdapter one");
    const begun = to.calls.findIndex((call) => /^(begin|snapshot)/.test(call));
    assert.ok(came >= 0 && came < begun, to.calls.join(", "));
  }
});

test("options that depend on the head are checked in the turn, too", async () => {
  const classifier = await loadFake();
  to.threshold = 0.5;
  const changed = classifier.setLabels(NEW);
  const { labels } = await classifier.classify("x", { threshold: 0.75 });
  assert.ok(Array.isArray(labels));
  await changed;
  to.threshold = undefined;
  const other = classifier.setLabels(["a", "b"]);
  await assert.rejects(
    classifier.classify("x", { threshold: 0.75 }),
    hasCode("bad-option", /threshold needs a multi-label/),
  );
  await other;
});
