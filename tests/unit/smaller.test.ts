// Pruning and distillation on a fake engine: which layers are chosen, what the engine is asked, and what is refused before it.

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import type { DistillOptions, PruneOptions } from "../../web/bertlet.d.ts";
import { Classifier } from "../../web/src/index.ts";
import { spreadLayers } from "../../web/src/shared/layers.ts";
import { eventsOf, hasCode, loadFake } from "../support/fake-classifier.ts";
import { install, type Script, script } from "../support/fake-engine.ts";

let to: Script;
const rows = [
  { text: "x", label: "a" },
  { text: "xx", label: "b" },
];

beforeEach(() => {
  to = { ...script(), layers: 4, newHead: false };
  install(to);
});

describe("prune", () => {
  test("is given up by an abort that comes before it changes anything", async () => {
    const classifier = await loadFake();
    const controller = new AbortController();
    const pruning = classifier.prune({ vocabulary: ["x"], layers: [0], signal: controller.signal });
    controller.abort();
    await assert.rejects(pruning, hasCode("aborted"));
    assert.ok(!to.calls.some((call) => call.startsWith("prune")));
  });

  test("drops the layer of the least loss first, and tells each", async () => {
    const classifier = await loadFake();
    // All four; without 0, 1, 2, 3; without 2 and 0, 1, 3.
    to.losses = [1, 5, 4, 2, 6, 9, 3, 7];
    const receipt = await classifier.prune({ layers: 2, data: rows });
    assert.deepEqual(receipt.keptLayers, [0, 3]);
    assert.equal(receipt.loss, 1);
    assert.deepEqual(receipt.dropped, [
      { layer: 2, loss: 2 },
      { layer: 1, loss: 3 },
    ]);
    assert.equal(receipt.before.layers, 4);
    assert.equal(receipt.after.layers, 2);
    assert.equal(classifier.info.layers, 2);
    assert.equal(to.calls.filter((call) => call.startsWith("by layers")).length, 8);
    assert.equal(to.calls.at(-1), "pruneLayers 0,3");
  });

  test("takes named layers and texts, of pairs both", async () => {
    const classifier = await loadFake();
    await classifier.prune({ vocabulary: ["x y", { text: "z", textPair: "\ud800w" }], layers: [1, 3] });
    assert.deepEqual(to.calls.slice(1), ["pruneVocabulary x y|z|\ufffdw", "pruneLayers 1,3"]);
  });

  test("leaves everything as it was where one part of it cannot be done", async () => {
    const classifier = await loadFake();
    await assert.rejects(classifier.prune({ vocabulary: ["x"], layers: [1, 4] }), hasCode("bad-option"));
    await assert.rejects(
      classifier.prune({ vocabulary: ["x"], layers: 4, data: rows }),
      hasCode("bad-option"),
    );
    await assert.rejects(
      classifier.prune({ vocabulary: ["x"], layers: [0, 1, 2, 3] }),
      hasCode("bad-option", /fewer than the model's 4 layers, found all/),
    );
    await assert.rejects(classifier.prune({ vocabulary: [], layers: [0] }), hasCode("bad-row", /vocabulary/));
    to.newHead = true;
    await classifier.setLabels(["a", "b"]);
    await assert.rejects(classifier.prune({ layers: 2, data: rows }), hasCode("bad-state"));
    assert.ok(!to.calls.some((call) => call.startsWith("prune")));
  });

  test("can be aborted while layers are measured", async () => {
    const classifier = await loadFake();
    const stop = new AbortController();
    const pruning = classifier.prune({
      layers: 1,
      data: rows,
      signal: stop.signal,
      onProgress: ({ stage }) => stage === "infer" && stop.abort(),
    });
    await assert.rejects(pruning, hasCode("aborted"));
    await classifier.classify("x");
    assert.ok(!to.calls.some((call) => call.startsWith("pruneLayers")));
  });

  const bad: [string, unknown, RegExp][] = [
    ["nothing", undefined, /vocabulary or layers/],
    ["no choice", {}, /vocabulary or layers/],
    ["heads", { heads: 0.5, layers: [0] }, /heads cannot be dropped/],
    ["another option", { layer: [0] }, /no option "layer"/],
    ["a number without rows", { layers: 2 }, /needs the option data/],
    ["rows without a number", { layers: [0], data: rows }, /goes with a number of layers/],
    ["rows without layers", { vocabulary: ["x"], data: rows }, /goes with a number of layers/],
    ["no layers", { layers: [] }, /option layers must be/],
    ["layers out of order", { layers: [1, 0] }, /ascending/],
    ["a layer twice", { layers: [1, 1] }, /ascending/],
    ["half a layer", { layers: [0.5] }, /option layers must be/],
    ["0 layers", { layers: 0, data: rows }, /option layers must be/],
    ["a text for texts", { vocabulary: "x" }, /option vocabulary must be an array/],
  ];
  for (const [name, options, message] of bad) {
    test(`refuses ${name}`, async () => {
      const classifier = await loadFake();
      const failure = await classifier.prune(options as PruneOptions).catch((error) => error);
      assert.equal(failure.code, "bad-option", failure);
      assert.match(failure.message, message);
    });
  }
});

describe("distill", () => {
  test("saves the teacher, and its copy teaches in a worker of its own", async () => {
    const teacher = await loadFake();
    to.losses = [0.5, 0.6, 7, 8, 0.1, 0.2];
    const data = { train: rows, dev: rows, test: rows };
    const { classifier, run } = await Classifier.distill(teacher, data, { epochs: 2, batchSize: 2 });
    const events = await eventsOf(run);
    assert.deepEqual(
      events.map(({ type }) => type),
      ["start", "step", "epoch", "step", "epoch", "end"],
    );
    const end = await run.result;
    assert.equal(end.teacher.dev?.loss, 0.5);
    assert.equal(end.teacher.test?.loss, 0.6);
    assert.equal(end.dev?.loss, 0.1);
    assert.equal(end.test?.loss, 0.2);
    assert.equal(classifier.info.layers, 2);
    assert.equal(teacher.info.layers, 4);
    assert.deepEqual(to.calls.slice(0, 3), ["load", "save f32", "load"]);
    assert.ok(to.calls.includes("distill 0,3"), to.calls.join());
    await teacher.classify("x");
  });

  test("spreads layers from the first to the last", () => {
    assert.deepEqual(spreadLayers(12, 6), [0, 2, 4, 7, 9, 11]);
    assert.deepEqual(spreadLayers(6, 3), [0, 3, 5]);
    assert.deepEqual(spreadLayers(6, 1), [5]);
    for (let of = 1; of <= 24; of++) {
      for (let count = 1; count <= of; count++) {
        const layers = spreadLayers(of, count);
        assert.equal(new Set(layers).size, count);
        assert.ok(layers.every((layer) => layer >= 0 && layer < of));
      }
    }
  });

  const bad: [string, unknown, RegExp][] = [
    ["a journal", { journal: "x" }, /no option "journal"/],
    ["another method", { method: "lora" }, /no option "method"/],
    ["augmentation", { augment: { drop: 0.1 } }, /no option "augment"/],
    ["more layers than there are", { layers: 5 }, /4 layers/],
    ["a layer that is not there", { layers: [0, 4] }, /4 layers/],
    ["a temperature in words", { temperature: "hot" }, /option temperature must be/],
  ];
  for (const [name, options, message] of bad) {
    test(`refuses ${name}`, async () => {
      const teacher = await loadFake();
      const failure = await Classifier.distill(teacher, { train: rows }, options as DistillOptions).catch(
        (e) => e,
      );
      assert.equal(failure.code, "bad-option", failure);
      assert.match(failure.message, message);
      assert.deepEqual(to.calls, ["load"]);
    });
  }

  test("that is aborted says so, and why, whatever is under way", async () => {
    for (const under of ["nothing", "save f32", "load"]) {
      to = script();
      install(to);
      to.layers = 4;
      to.newHead = false;
      const teacher = await loadFake();
      const stop = new AbortController();
      if (under === "nothing") stop.abort("late");
      to.calls.push = (call) => {
        if (call === under) stop.abort("late");
        return 0;
      };
      await assert.rejects(Classifier.distill(teacher, { train: rows }, { signal: stop.signal }), {
        code: "aborted",
        message: "distill was aborted",
        cause: "late",
      });
    }
  });

  test("refuses a teacher that is none, or has learned nothing, or bad rows", async () => {
    await assert.rejects(Classifier.distill({} as Classifier, { train: rows }), hasCode("bad-option"));
    const teacher = await loadFake();
    const around = new Proxy(teacher, {});
    await assert.rejects(Classifier.distill(around, { train: rows }), hasCode("bad-option"));
    await assert.rejects(Classifier.distill(teacher, { train: [] }), hasCode("bad-row"));
    to.newHead = true;
    await teacher.setLabels(["a", "b"]);
    await assert.rejects(Classifier.distill(teacher, { train: rows }), hasCode("bad-state"));
  });
});
