// Multi-label rows on a fake engine: the label indices that the engine gets, and the decision threshold after
// a run. Also their splits, folds, comparisons and data reports.

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import type { LabelledText } from "../../web/bertlet.d.ts";
import { compare, splitRows } from "../../web/src/index.ts";
import { checkRows } from "../../web/src/page/rows.ts";
import { foldsOf } from "../../web/src/page/split.ts";
import { labelKey, selectRows, targetsOf } from "../../web/src/shared/labels.ts";
import { targetRows } from "../../web/src/worker/targets.ts";
import { readJson } from "../support/checkpoints.ts";
import { hasCode, loadFake } from "../support/fake-classifier.ts";
import { install, type Script, script } from "../support/fake-engine.ts";

let to: Script;
const head = { labels: ["a", "b", "c"], problemType: "multi_label_classification" } as const;

const WORDS = ["red", "green", "blue", "grey", "pink", "gold", "teal", "lime"];
const words = (n: number) => [n, n >> 3, n >> 6, n >> 9].map((digit) => WORDS[digit & 7]).join(" ");
const SETS: (string | string[])[] = [["a"], "b", ["b", "a"], [], ["a", "b"]];
const rows = (count: number, from = 0): LabelledText[] =>
  Array.from({ length: count }, (_, row) => ({
    text: words(from + row),
    label: SETS[row % SETS.length] as string[],
  }));

beforeEach(() => {
  to = script();
  to.threshold = 0.5;
  install(to);
});

describe("rows of several labels", () => {
  test("become indices that ascend, whatever the order of the names", () => {
    const given = [["c", "a"], "b", [], ["a"]].map((label) => ({ text: "x", label }));
    const checked = targetRows("train", checkRows("train", given), head);
    assert.deepEqual([...checked.targets], [0, 2, 1, 0]);
    assert.deepEqual([...(checked.ends ?? [])], [2, 3, 3, 4]);
    const of = (row: number) => [...targetsOf(checked, row)];
    assert.deepEqual([of(0), of(1), of(2), of(3)], [[0, 2], [1], [], [0]]);
    const chosen = selectRows(checked, (row) => row !== 1);
    assert.deepEqual(
      [[...chosen.targets], [...(chosen.ends ?? [])]],
      [
        [0, 2, 0],
        [2, 2, 3],
      ],
    );
  });

  test("of one label each stay as they were for a model of one", () => {
    const one = { ...head, problemType: "single_label_classification" } as const;
    const checked = targetRows("train", checkRows("train", [{ text: "x", label: "c" }]), one);
    assert.deepEqual([[...checked.targets], checked.ends], [[2], undefined]);
    const several = () => targetRows("train", checkRows("train", [{ text: "x", label: ["c"] }]), one);
    assert.throws(several, hasCode("bad-row", /row 0 has an array of 1.*one label each/));
  });

  test("are the same whatever the order", () => {
    assert.equal(labelKey(["b", "a"]), labelKey(["a", "b"]));
    assert.equal(labelKey(["a"]), labelKey("a"));
    const all = [[], ["a"], ["b"], ["a", "b"], ["a,b"], ["a", "b,c"], ["a,b", "c"]].map(labelKey);
    assert.equal(new Set(all).size, all.length);
  });
});

describe("a run on them", () => {
  test("leaves the threshold that suits dev after its last epoch, and tests with it", async () => {
    to.thresholds = [0.1, 0.2, 0.3];
    const classifier = await loadFake();
    assert.equal(classifier.info.threshold, 0.5);
    const data = { train: rows(10), dev: rows(5), test: rows(5) };
    const end = await classifier.finetune(data, { epochs: 3, batchSize: 10 }).result;
    assert.deepEqual([end.threshold, classifier.info.threshold, end.test?.threshold], [0.3, 0.3, 0.3]);
    assert.equal((await classifier.evaluate(rows(5))).threshold, 0.3);
    assert.equal((await classifier.evaluate(rows(5), { threshold: 0.9 })).threshold, 0.9);
    const [one] = await classifier.classify(["x"]);
    // Its scores are those of logits 0 and 1.
    assert.deepEqual([one?.label, one?.labels], ["b", ["b", "a"]]);
    assert.deepEqual((await classifier.classify("x", { threshold: 0.6 })).labels, ["b"]);
    assert.deepEqual((await classifier.classify("x", { threshold: 0.9, topK: 1 })).labels, []);
  });

  test("that takes back the best epoch takes back its threshold", async () => {
    to.thresholds = [0.1, 0.2, 0.3];
    to.losses = [3, 1, 2];
    const classifier = await loadFake();
    const options = { epochs: 3, batchSize: 10, restoreBest: true };
    const end = await classifier.finetune({ train: rows(10), dev: rows(5) }, options).result;
    assert.deepEqual([end.bestEpoch, end.threshold, classifier.info.threshold], [2, 0.2, 0.2]);
  });

  test("without dev, without tuneThreshold, or stopped leaves it as it was", async () => {
    const classifier = await loadFake();
    const train = rows(10);
    await classifier.finetune({ train }, { epochs: 1 }).result;
    await classifier.finetune({ train, dev: train }, { epochs: 1, tuneThreshold: false }).result;
    const run = classifier.finetune({ train, dev: train }, { epochs: 50, batchSize: 10 });
    for await (const event of run) if (event.type === "epoch") run.stop();
    const end = await run.result;
    assert.deepEqual([end.reason, end.threshold, classifier.info.threshold], ["stopped", undefined, 0.5]);
    assert.ok(!to.calls.some((call) => call.startsWith("setThreshold")));
  });

  test("needs rows that differ, and a method that takes several", async () => {
    const classifier = await loadFake();
    const alike = (label: string[]) => [1, 2].map((n) => ({ text: words(n), label }));
    for (const [label, found] of [
      [["a", "b"], /only "a", "b" in all 2/],
      [[], /found none in all 2/],
    ] as const) {
      const { result } = classifier.finetune({ train: alike([...label]) });
      await assert.rejects(result, hasCode("bad-row", found));
    }
    for (const method of ["centroid", "contrastive"] as const) {
      const { result } = classifier.finetune({ train: rows(5) }, { method });
      await assert.rejects(result, hasCode("bad-option", new RegExp(`"${method}" takes rows of one label`)));
    }
  });

  test("over folds holds out every row once, with all of its labels", async () => {
    const classifier = await loadFake();
    const result = await classifier.crossValidate(rows(20), { folds: 4, epochs: 1 }).result;
    assert.deepEqual([result.folds.length, result.microF1], [4, { mean: 1, std: 0 }]);
    // The fake tells of each report how many labels were true.
    const labels = rows(20).reduce((sum, { label }) => sum + [label].flat().length, 0);
    const reports = to.calls.flatMap((call) => (call.startsWith("report") ? [Number(call.slice(7))] : []));
    assert.equal(
      reports.reduce((a, b) => a + b, 0),
      labels,
    );
  });
});

describe("splits of them", () => {
  const many = rows(200);
  const shares = (part: readonly LabelledText[] = []) => {
    const counts: Record<string, number> = {};
    for (const { label } of part) counts[labelKey(label)] = (counts[labelKey(label)] ?? 0) + 1;
    return counts;
  };

  test("keep the share of every labelKey", () => {
    const { dev, test: held } = splitRows(many, { dev: 0.2, test: 0.1 });
    assert.deepEqual(shares(dev), { a: 8, b: 8, '["a","b"]': 16, "[]": 8 });
    assert.deepEqual(shares(held), { a: 4, b: 4, '["a","b"]': 8, "[]": 4 });
    const fold = foldsOf(many, 5, 42);
    for (const at of [0, 1, 2, 3, 4]) {
      assert.deepEqual(shares(many.filter((_, row) => fold[row] === at)), {
        a: 8,
        b: 8,
        '["a","b"]': 16,
        "[]": 8,
      });
    }
  });

  test("hold out rows of rare combinations too", () => {
    const rare = Array.from({ length: 60 }, (_, row) => ({ text: words(row), label: ["a", `${row}`] }));
    const { train, dev = [], test: held = [] } = splitRows(rare);
    assert.deepEqual([train.length, dev.length, held.length], [48, 6, 6]);
    const single = rare.map(({ text }, row) => ({ text, label: [`${row}`] }));
    const parts = splitRows(single);
    assert.deepEqual([parts.train.length, parts.dev?.length, parts.test?.length], [48, 6, 6]);
  });
});

describe("a comparison on them", () => {
  test("counts a row as right with all of its labels and no others", () => {
    const truth = [["a", "b"], [], "a", ["c"]].map((label) => ({ text: "x", label }));
    const first = [["b", "a"], [], ["a"], []].map((labels) => ({ label: "a", labels }));
    const second = [["a"], ["a"], ["a", "b"], ["c"]].map((labels) => ({ label: "a", labels }));
    const { both, onlyFirst, onlySecond, neither } = compare(truth, first, second);
    assert.deepEqual([both, onlyFirst, onlySecond, neither], [0, 3, 1, 0]);
  });

  test("agrees with scikit-learn's subset accuracy", () => {
    const set = readJson<{
      several_labels: { truth: number[][]; predicted: number[][]; subset_accuracy: number };
    }>("model_selection/scores.json").several_labels;
    const names = (indices: number[]) => indices.map((index) => `${index}`);
    const truth = set.truth.map((own) => ({ text: "x", label: names(own) }));
    const predicted = set.predicted.map((own) => ({ label: "0", labels: names(own) }));
    const perfect = set.truth.map((own) => ({ label: "0", labels: names(own).reverse() }));
    const { both, onlySecond, difference } = compare(truth, predicted, perfect);
    assert.ok(Math.abs(both / truth.length - set.subset_accuracy) < 1e-12);
    assert.equal(both + onlySecond, truth.length);
    assert.ok(Math.abs(difference - (1 - set.subset_accuracy)) < 1e-12);
  });
});

describe("a data report on them", () => {
  test("counts a row for each of its labels, and tells other labels from others in order", async () => {
    const classifier = await loadFake();
    assert.deepEqual((await classifier.inspect({ train: rows(60), dev: rows(20, 100) })).findings, []);
    const text = words(2);
    const again = async (label: string | string[]) => {
      const { findings } = await classifier.inspect({ train: [...rows(60), { text, label }] });
      return findings.map(({ code }) => code);
    };
    assert.deepEqual(await again(["a", "b"]), ["duplicate"], "row 2 has them the other way around");
    assert.deepEqual(await again("a"), ["conflicting-labels"]);
    const dev = [{ text: words(300), label: ["a", "x", "y"] }];
    const { findings } = await classifier.inspect({ train: rows(60), dev });
    assert.deepEqual(
      findings.map(({ code, count, labels }) => [code, count, labels.map(({ label }) => label)]),
      [["missing-label", 1, ["x", "y"]]],
    );
    const few = await classifier.inspect({ train: [...rows(60), { text: words(300), label: ["a", "z"] }] });
    assert.deepEqual(
      few.findings.map(({ code, labels }) => [code, labels]),
      [
        ["imbalance", [{ label: "z", rows: 1 }]],
        ["few-rows", [{ label: "z", rows: 1 }]],
      ],
    );
  });
});
