// Bad calls of the public API in Chromium, each held to its error code; the classifier works on afterwards.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type BadCall, badCalls } from "../../support/bad-calls.ts";
import { suite } from "../../support/browser.ts";

const CALLS: BadCall[] = [
  [
    "another recipe than the automatic one",
    "bad-option",
    "classifier.finetune({ train: rows }, { recipe: 'best' }).result",
    /recipe.*"auto".*"best"/,
  ],
  [
    "the automatic recipe with a method",
    "bad-option",
    "classifier.finetune({ train: rows }, { recipe: 'auto', method: 'lora' }).result",
    /method.*chooses/,
  ],
  [
    "minutes without the automatic recipe",
    "bad-option",
    "classifier.plan({ train: rows }, { minutes: 3 })",
    /minutes.*"auto"/,
  ],
  ["no minutes", "bad-option", "classifier.plan({ train: rows }, { recipe: 'auto', minutes: 0 })", /over 0/],
  [
    "the head first where there is nothing after it",
    "bad-option",
    "classifier.finetune({ train: rows }, { method: 'head', headFirst: true }).result",
    /headFirst.*"head"/,
  ],
  [
    "a cross-validation of the automatic recipe",
    "bad-option",
    "classifier.crossValidate(rows, { recipe: 'auto' }).result",
    /recipe/,
  ],
  ["nothing to learn", "bad-row", "classifier.learn([]).result", /learn/],
  [
    "an unknown label to learn",
    "unknown-label",
    "classifier.learn([{ text: 'x', label: 'y' }]).result",
    /"y"/,
  ],
  ["a replay that is no list", "bad-option", "classifier.learn(rows, { replay: 'x' }).result", /replay/],
  ["a replay of no rows", "bad-row", "classifier.learn(rows, { replay: [] }).result", /replay/],
  [
    "an unknown label to replay",
    "unknown-label",
    "classifier.learn(rows, { replay: [...rows, { text: 'x', label: 'y' }], replayLimit: 1 }).result",
    /learn: replay: row 3 has the label "y"/,
  ],
  ["learning by LoRA", "bad-option", "classifier.learn(rows, { method: 'lora' }).result", /"head"/],
  ["learning with a journal", "bad-option", "classifier.learn(rows, { journal: 'x' }).result", /journal/],
  ["suggestions of nothing", "bad-option", "classifier.suggest(['a'], { count: 0 })", /count/],
  ["suggestions from a number", "bad-row", "classifier.suggest([1])", /text 0/],
  ["no rows to calibrate by", "bad-row", "classifier.calibrate([])", /at least one row/],
  ["no bins", "bad-option", "classifier.calibrate(rows, { bins: 0 })", /bins/],
  ["a scope of one example", "bad-row", "classifier.fitScope(['a'])", /at least 2/],
  ["a scope's share of all", "bad-option", "classifier.fitScope(['a', 'b'], { share: 1 })", /share/],
  ["a scope of nothing", "bad-row", "classifier.fitScope([], { dev: ['a'] })", /examples.*at least one text/],
  ["a scope without dev texts", "bad-row", "classifier.fitScope(['a', 'b'], { dev: [] })", /dev/],
  ["no choice of what to prune", "bad-option", "classifier.prune({})", /vocabulary or layers/],
  ["heads to prune", "bad-option", "classifier.prune({ heads: 0.5 })", /heads cannot be dropped/],
  ["a layer that is not there", "bad-option", "classifier.prune({ layers: [0, 2] })", /from 0 to 1/],
  ["layers by an untrained head", "bad-state", "classifier.prune({ layers: 1, data: rows })", /trained/],
  ["a text to prune by that is none", "bad-row", "classifier.prune({ vocabulary: ['x', 1] })", /text 1/],
  ["no text to prune by", "bad-row", "classifier.prune({ vocabulary: [] })", /vocabulary.*at least one text/],
  ["all layers to keep", "bad-option", "classifier.prune({ layers: [0, 1] })", /fewer than.*found all/],
  ["a teacher that is none", "bad-option", "Classifier.distill({}, { train: rows })", /teacher/],
  [
    "a teacher without a trained head",
    "bad-state",
    "Classifier.distill(classifier, { train: rows })",
    /trained/,
  ],
  [
    "a distillation with a journal",
    "bad-option",
    "Classifier.distill(classifier, { train: rows }, { journal: 'x' })",
    /journal/,
  ],
  ["an empty training set", "bad-row", "classifier.finetune({ train: [] }).result", /train/],
  ["an empty dev set", "bad-row", "classifier.finetune({ train: rows, dev: [] }).result", /dev/],
  [
    "a training set of one label",
    "bad-row",
    "classifier.finetune({ train: rows.slice(0, 1) }).result",
    /two labels/,
  ],
  [
    "an unknown label in train",
    "unknown-label",
    "classifier.finetune({ train: [...rows, { text: 'x', label: 'y' }] }).result",
    /train: row 3.*"y"/,
  ],
  [
    "an unknown label in dev",
    "unknown-label",
    "classifier.finetune({ train: rows, dev: [{ text: 'x', label: 'y' }] }).result",
    /dev: row 0/,
  ],
  [
    "an unknown label in test",
    "unknown-label",
    "classifier.finetune({ train: rows, test: [rows[0], { text: 'x', label: '' }] }).result",
    /test: row 1/,
  ],
  [
    "a row without a text",
    "bad-row",
    "classifier.finetune({ train: [rows[0], { label: rows[1].label }] }).result",
    /row 1.*text/,
  ],
  [
    "a row with a number for its label",
    "bad-row",
    "classifier.evaluate([rows[0], { text: 'x', label: 1 }])",
    /row 1.*label.*found 1/,
  ],
  ["a row that is null", "bad-row", "classifier.evaluate([null])", /row 0/],
  ["no rows to evaluate", "bad-row", "classifier.evaluate([])"],
  ["data that is no object", "bad-row", "classifier.finetune('train.csv').result"],
  ["a split of another name", "bad-row", "classifier.finetune({ train: rows, valid: rows }).result", /valid/],
  ["a number for a text", "bad-row", "classifier.classify(['a', 1])", /text 1.*found 1/],
  ["a hole among the texts", "bad-row", "classifier.embed(['a', , 'b'])", /text 1.*undefined/],
  ["no texts at all", "bad-row", "classifier.classify()"],
  ["a pair without its other text", "bad-row", "classifier.classify({ text: 'a' })", /textPair/],
  [
    "a number for the other text of a pair",
    "bad-row",
    "classifier.embed([{ text: 'a', textPair: 1 }])",
    /text 0.*textPair/,
  ],
  [
    "a row whose other text is null",
    "bad-row",
    "classifier.evaluate([{ text: 'a', textPair: null, label: 'a' }])",
    /row 0.*textPair.*null/,
  ],
  [
    "an option that is not known",
    "bad-option",
    "classifier.finetune({ train: rows }, { epoch: 1 }).result",
    /"epoch"/,
  ],
  ["no epochs", "bad-option", "classifier.finetune({ train: rows }, { epochs: 0 }).result", /epochs/],
  [
    "half a batch",
    "bad-option",
    "classifier.finetune({ train: rows }, { batchSize: 0.5 }).result",
    /batchSize.*0\.5/,
  ],
  [
    "a negative learning rate",
    "bad-option",
    "classifier.finetune({ train: rows }, { learningRate: -1 }).result",
    /learningRate/,
  ],
  [
    "a learning rate that is no number",
    "bad-option",
    "classifier.finetune({ train: rows }, { learningRate: NaN }).result",
    /learningRate.*NaN/,
  ],
  [
    "a negative weight decay",
    "bad-option",
    "classifier.finetune({ train: rows }, { weightDecay: -0.1 }).result",
    /weightDecay/,
  ],
  [
    "a warm-up over the whole",
    "bad-option",
    "classifier.finetune({ train: rows }, { warmupRatio: 1.5 }).result",
    /warmupRatio/,
  ],
  [
    "an unknown schedule",
    "bad-option",
    "classifier.finetune({ train: rows }, { schedule: 'step' }).result",
    /schedule.*"step"/,
  ],
  [
    "a beta of one",
    "bad-option",
    "classifier.finetune({ train: rows }, { adamBeta1: 1 }).result",
    /adamBeta1/,
  ],
  [
    "a negative beta",
    "bad-option",
    "classifier.finetune({ train: rows }, { adamBeta2: -0.5 }).result",
    /adamBeta2/,
  ],
  [
    "an epsilon of zero",
    "bad-option",
    "classifier.finetune({ train: rows }, { adamEpsilon: 0 }).result",
    /adamEpsilon/,
  ],
  [
    "a negative norm",
    "bad-option",
    "classifier.finetune({ train: rows }, { maxGradNorm: -1 }).result",
    /maxGradNorm/,
  ],
  [
    "a dropout of one",
    "bad-option",
    "classifier.finetune({ train: rows }, { dropout: 1 }).result",
    /dropout/,
  ],
  ["a negative seed", "bad-option", "classifier.finetune({ train: rows }, { seed: -1 }).result", /seed/],
  [
    "a method of explaining that is none",
    "bad-option",
    "classifier.explain('a', { method: 'lime' })",
    /method.*"lime"/,
  ],
  [
    "no steps",
    "bad-option",
    "classifier.explain('a', { steps: 0 })",
    /steps must be.*from 1 to 1000, found 0/,
  ],
  ["too many steps", "bad-option", "classifier.explain('a', { steps: 1001 })", /steps/],
  [
    "steps of occlusion",
    "bad-option",
    "classifier.explain('a', { method: 'occlusion', steps: 5 })",
    /steps.*occlusion/,
  ],
  [
    "a label to explain that is none",
    "bad-option",
    "classifier.explain('a', { label: 'z' })",
    /"a", "b", "c"; found "z"/,
  ],
  [
    "the nearest of nothing",
    "bad-option",
    "classifier.explain('a', { nearest: 3 })",
    /nearest needs the option examples/,
  ],
  ["no examples", "bad-row", "classifier.explain('a', { examples: [] })", /examples.*at least one row/],
  [
    "an example without a text",
    "bad-row",
    "classifier.explain('a', { examples: [rows[0], { label: 'a' }] })",
    /row 1.*text/,
  ],
  ["examples that are no array", "bad-option", "classifier.explain('a', { examples: 'rows' })", /examples/],
  ["nothing to explain", "bad-row", "classifier.explain()", /text 0.*undefined/],
  ["texts to explain", "bad-row", "classifier.explain(['a'])", /text 0.*an array of 1/],
  ["an aborted explanation", "aborted", "classifier.explain('a', { signal: AbortSignal.abort() })"],
  ["options that are no object", "bad-option", "classifier.classify('a', 3)"],
  ["topK of zero", "bad-option", "classifier.classify('a', { topK: 0 })", /topK/],
  ["a signal that is none", "bad-option", "classifier.embed(['a'], { signal: true })", /signal/],
  ["an unknown dtype", "bad-option", "classifier.save({ dtype: 'bf16' })", /dtype/],
  [
    "ONNX in 16 bits",
    "bad-option",
    "classifier.save({ as: 'onnx', dtype: 'f16' })",
    /dtype must be "f32", "int8" with as: "onnx", found "f16"/,
  ],
  [
    "ONNX by transformers.js' name of a dtype",
    "bad-option",
    "classifier.save({ as: 'onnx', dtype: 'q8' })",
    /dtype.*"q8"/,
  ],
  ["an option besides", "bad-option", "classifier.save({ as: 'onnx', opset: 17 })", /opset/],
  [
    "8 bits of the masked-LM head",
    "bad-option",
    "classifier.save({ as: 'masked-lm', dtype: 'int8' })",
    /int8/,
  ],
  [
    "a device that is not known",
    "bad-option",
    "Classifier.load(folder, { device: 'cuda' })",
    /device.*"cuda"/,
  ],
  ["two threads", "bad-option", "Classifier.load(folder, { threads: 2 })", /threads/],
  ["no labels", "bad-option", "Classifier.load(folder, { labels: [] })", /labels/],
  ["a label twice", "bad-option", "Classifier.load(folder, { labels: ['a', 'a'] })", /"a" twice/],
  ["an empty label", "bad-option", "Classifier.load(folder, { labels: ['a', ''] })", /index 1/],
  [
    "too many labels",
    "bad-option",
    "Classifier.load(folder, { labels: Array.from({ length: 1001 }, String) })",
  ],
  [
    "a length of two tokens",
    "bad-option",
    "Classifier.load(folder, { device: 'wasm', maxLength: 2 })",
    /maxLength/,
  ],
  [
    "more tokens than positions",
    "bad-option",
    "Classifier.load(folder, { device: 'wasm', maxLength: 65 })",
    /maxLength.*64/,
  ],
  ["a revision without hub", "bad-option", "Classifier.load(folder, { revision: 'main' })", /revision/],
  [
    "headers for bytes",
    "bad-option",
    "Classifier.load(new Blob(['PK'], { type: 'application/zip' }), { headers: { Authorization: 'x' } })",
    /headers must come with a source that is fetched/,
  ],
  [
    "a header without a text",
    "bad-option",
    "Classifier.load(folder, { headers: { a: 1 } })",
    /option headers/,
  ],
  ["a fetch that is no function", "bad-option", "Classifier.load(folder, { fetch: '/x' })", /a function/],
  ["assets that are no folder", "bad-option", "Classifier.load(folder, { assets: 'data:x' })", /assets/],
  ["no source", "bad-option", "Classifier.load()", /source/],
  ["a source of numbers", "bad-option", "Classifier.load({ config: 1, tokenizer: 2, weights: 3 })", /config/],
  ["a URL that is none", "bad-option", "Classifier.load('http://')", /http/],
  ["a folder that is not there", "fetch-failed", "Classifier.load('org/name', { device: 'wasm' })", /404/],
];

suite("a bad call", (stage) => {
  badCalls(stage, CALLS);

  test("leaves the classifier as it was", async () => {
    const reason = await stage.page.evaluate(async () => {
      const rows = ["a", "b", "c"].map((label) => ({ text: `a text for ${label}`, label }));
      return (await window.kept.good?.finetune({ train: rows, dev: rows }, { epochs: 1 }).result)?.reason;
    });
    assert.equal(reason, "finished");
  });

  test("is not: an empty text, a megabyte, unpaired surrogates, control characters", async () => {
    const labels = await stage.page.evaluate(async () => {
      const texts = [
        "",
        "the box was late ".repeat(62_000),
        "\ud800 late \udc00",
        "\u0000\u0007\ufffe",
        "x".repeat(1e6),
      ];
      const predictions = await window.kept.good?.classify(texts);
      return predictions?.map(({ score }) => score > 0 && score <= 1);
    });
    assert.deepEqual(labels, [true, true, true, true, true]);
  });
});
