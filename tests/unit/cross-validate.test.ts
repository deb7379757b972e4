// Cross-validation on a fake engine: what it asks of the engine, fold by fold, and how it ends.

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { alternatingRows, eventsOf, hasCode, loadFake } from "../support/fake-classifier.ts";
import { install, type Script, script } from "../support/fake-engine.ts";

let to: Script;

beforeEach(() => {
  to = script();
  install(to);
});

describe("a cross-validation", () => {
  test("begins each fold from the same weights, holds each row out once, and leaves the model as it was", async () => {
    const classifier = await loadFake();
    to.losses = [1, 2, 4];
    const run = classifier.crossValidate(alternatingRows(9), { folds: 3, epochs: 1, batchSize: 2 });
    const events = await eventsOf(run);
    const found = await run.result;
    assert.deepEqual(events.at(-1), found);
    assert.deepEqual(
      found.folds.map(({ loss }) => loss),
      [1, 2, 4],
    );
    assert.ok(Math.abs(found.loss.mean - 7 / 3) < 1e-12);
    assert.ok(Math.abs(found.loss.std - Math.sqrt(((4 / 3) ** 2 + (1 / 3) ** 2 + (5 / 3) ** 2) / 2)) < 1e-12);
    assert.equal(found.reason, "finished");
    const ends = events.flatMap((event) => (event.type === "end" ? [[event.fold, event.test?.loss]] : []));
    assert.deepEqual(ends, [
      [1, 1],
      [2, 2],
      [3, 4],
    ]);
    const told = to.calls.filter((call) => /^(snapshot|begin|report|restore|drop)/.test(call));
    const fold = ["restore", "begin 3", "report 3"];
    assert.deepEqual(told, ["snapshot", ...fold, ...fold, ...fold, "restore", "drop"]);
  });

  test("that is stopped gives the folds so far, that diverges those before, that fails its failure", async () => {
    const classifier = await loadFake();
    const run = classifier.crossValidate(alternatingRows(9), { folds: 3, epochs: 1, batchSize: 2 });
    for await (const event of run) if (event.type === "start" && event.fold === 2) run.stop();
    const stopped = await run.result;
    assert.deepEqual([stopped.reason, stopped.folds.length, stopped.loss.std], ["stopped", 1, 0]);
    assert.equal(to.calls.at(-2), "restore");
    to.throws.set("step 2", { code: "diverged", message: "not finite" });
    const diverged = await classifier.crossValidate(alternatingRows(9), { folds: 3, batchSize: 2 }).result;
    assert.deepEqual([diverged.reason, diverged.folds.length], ["diverged", 0]);
    to.throws.set("step 2", { code: "bad-row", message: "made up" });
    await assert.rejects(
      classifier.crossValidate(alternatingRows(9), { folds: 3 }).result,
      hasCode("bad-row"),
    );
    assert.equal(to.calls.at(-1), "drop");
    await assert.doesNotReject(
      classifier.crossValidate(alternatingRows(9), { folds: 2, epochs: 1, batchSize: 9 }).result,
    );
  });

  test("keeps other runs out while it lasts", async () => {
    const classifier = await loadFake();
    const run = classifier.crossValidate(alternatingRows(9), { folds: 3 });
    await assert.rejects(classifier.finetune({ train: alternatingRows(4) }).result, hasCode("busy"));
    await assert.rejects(
      classifier.search({ train: alternatingRows(4), dev: alternatingRows(2) }).result,
      hasCode("busy"),
    );
    await run.result;
  });
});
