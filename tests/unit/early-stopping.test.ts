// Early stopping on a fake engine: when a run ends, and which epoch's weights it keeps; and class weights by
// label.

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { classWeightsOf } from "../../web/src/shared/methods.ts";
import { alternatingRows, hasCode, loadFake } from "../support/fake-classifier.ts";
import { install, type Script, script } from "../support/fake-engine.ts";

let to: Script;

beforeEach(() => {
  to = script();
  install(to);
});

describe("class weights", () => {
  test("are of the labels named, whatever an object has by nature", () => {
    const labels = ["a", "constructor", "toString", "__proto__"];
    const weights = (classWeights: Record<string, number>) =>
      classWeightsOf("finetune", classWeights, labels);
    assert.deepEqual(weights({ a: 2 }), [2, 1, 1, 1]);
    assert.deepEqual(weights(JSON.parse('{"__proto__": 3, "toString": 4}')), [1, 1, 4, 3]);
  });
});

describe("early stopping", () => {
  const data = { train: alternatingRows(4), dev: alternatingRows(2), test: alternatingRows(3) };

  test("waits `patience` epochs for a lower dev loss, then takes back the best epoch's weights", async () => {
    to.losses = [3, 2, 2, 2.5, 9];
    const classifier = await loadFake();
    const run = classifier.finetune(data, { epochs: 9, batchSize: 4, earlyStopping: { patience: 2 } });
    const end = await run.result;
    assert.deepEqual([end.reason, end.bestEpoch, end.steps, end.test?.loss], ["early-stopping", 2, 4, 9]);
    const told = to.calls.filter((call) => /^(step|snapshot|drop|restore|end|report)/.test(call));
    assert.deepEqual(told, [
      ...["step 1", "report 2", "snapshot"],
      ...["step 2", "report 2", "drop", "snapshot"],
      ...["step 3", "report 2", "step 4", "report 2"],
      ...["end", "restore", "drop", "report 3"],
    ]);
  });

  test("does not come where the loss falls in time, or the epochs end first", async () => {
    const classifier = await loadFake();
    for (const [losses, bestEpoch] of [
      [[3, 4, 2, 3, 1], 5],
      [[1, 2], 1],
    ] as const) {
      to.losses = [...losses];
      const options = { epochs: losses.length, batchSize: 4, earlyStopping: { patience: 2 } };
      const end = await classifier.finetune({ train: data.train, dev: data.dev }, options).result;
      assert.deepEqual([end.reason, end.bestEpoch], ["finished", bestEpoch]);
    }
  });

  test("keeps the last weights where told to, and the best without stopping", async () => {
    const classifier = await loadFake();
    to.losses = [1, 2, 3];
    const stopping = { epochs: 5, batchSize: 4, earlyStopping: { patience: 1 }, restoreBest: false };
    const last = await classifier.finetune({ train: data.train, dev: data.dev }, stopping).result;
    assert.deepEqual([last.reason, last.bestEpoch, last.steps], ["early-stopping", 1, 2]);
    assert.ok(!to.calls.some((call) => /snapshot|restore/.test(call)));
    to.losses = [1, 2, 3];
    const keeping = { epochs: 3, batchSize: 4, restoreBest: true };
    const best = await classifier.finetune({ train: data.train, dev: data.dev }, keeping).result;
    assert.deepEqual([best.reason, best.bestEpoch, best.steps], ["finished", 1, 3]);
    assert.equal(to.calls.filter((call) => call === "restore").length, 1);
  });

  test("takes a loss that is no number for none", async () => {
    to.losses = [2, Number.NaN, 3];
    const classifier = await loadFake();
    const options = { epochs: 9, batchSize: 4, earlyStopping: { patience: 2 } };
    const end = await classifier.finetune({ train: data.train, dev: data.dev }, options).result;
    assert.deepEqual([end.reason, end.bestEpoch], ["early-stopping", 1]);
  });

  test("a run that diverges keeps its best epoch, one that is stopped or fails its last weights", async () => {
    const options = { epochs: 50, batchSize: 4, restoreBest: true };
    const splits = { train: data.train, dev: data.dev };
    to.throws.set("step 3", { code: "diverged", message: "not finite" });
    const classifier = await loadFake();
    const end = await classifier.finetune(splits, options).result;
    assert.deepEqual([end.reason, end.bestEpoch], ["diverged", 1]);
    assert.deepEqual(to.calls.slice(-5, -2), ["end", "restore", "drop"]);
    to.throws.clear();
    to.calls.length = 0;
    const run = classifier.finetune(splits, options);
    for await (const event of run) if (event.type === "epoch") run.stop();
    assert.equal((await run.result).reason, "stopped");
    to.throws.set("step 3", { code: "bad-row", message: "made up" });
    await assert.rejects(classifier.finetune(splits, options).result, hasCode("bad-row"));
    assert.ok(!to.calls.includes("restore"));
    const count = (name: string) => to.calls.filter((call) => call === name).length;
    assert.ok(count("snapshot") >= 2 && count("snapshot") === count("drop"), "no weights are left lying");
  });
});
