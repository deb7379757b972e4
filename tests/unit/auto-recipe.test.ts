// `recipe: "auto"` on a fake engine: stopped while it plans, and options that do not go with what it chooses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { alternatingRows, eventsOf, hasCode, loadFake } from "../support/fake-classifier.ts";
import { install, script } from "../support/fake-engine.ts";

test("a run that is stopped while it plans has ended, and the model answers", async () => {
  for (const wait of [0, 1]) {
    install(script());
    const classifier = await loadFake();
    const run = classifier.finetune({ train: alternatingRows(8) }, { recipe: "auto" });
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    run.stop();
    assert.equal((await run.result).reason, "stopped");
    assert.equal((await classifier.classify("x")).scores.length, 2);
  }
});

test("an option that does not go with the method that it chooses is left out, and told", async () => {
  install(script());
  const classifier = await loadFake();
  // One row a label trains the head alone.
  const run = classifier.finetune({ train: alternatingRows(2) }, { recipe: "auto", augment: { drop: 0.1 } });
  const [start] = (await eventsOf(run)).filter((event) => event.type === "start");
  assert.equal(start?.recipe?.options.method, "head");
  assert.match(start?.recipe?.why ?? "", /leaves out augment/);
});

test("what was given is none of its choice", async () => {
  install(script());
  const classifier = await loadFake();
  const rows = { train: alternatingRows(200) };
  const { recipe: all } = await classifier.plan(rows, { recipe: "auto" });
  assert.ok(all !== undefined && all.options.epochs !== 2 && "learningRate" in all.options);
  const { recipe } = await classifier.plan(rows, { recipe: "auto", epochs: 2, learningRate: 1e-3 });
  const { epochs: _, learningRate: __, ...others } = all.options;
  assert.deepEqual(recipe?.options, others);
});

test("learns one correction, of a label that the head knows", async () => {
  install({ ...script(), newHead: false });
  const classifier = await loadFake();
  const rows = [{ text: "xx", label: "b" }];
  assert.equal((await classifier.learn(rows).result).reason, "finished");
  // A wrong label is told by its own place, drawn or not.
  const replay = [...rows, { text: "x", label: "y" }, { text: "xxx", label: "a" }];
  await assert.rejects(
    classifier.learn(rows, { replay, replayLimit: 1 }).result,
    hasCode("unknown-label", /^learn: replay: row 1 has the label "y"/),
  );
});
