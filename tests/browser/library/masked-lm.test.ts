// Masked-language modelling, pairs of texts and models made from text, through the public API in Chromium.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FilledMask, LabelledText, Prediction } from "../../../web/bertlet.d.ts";
import { type BadCall, badCalls } from "../../support/bad-calls.ts";
import { type DeviceName, suite } from "../../support/browser.ts";
import {
  difference,
  floats,
  integers,
  logSoftmax,
  readJson,
  readSafetensors,
  type Tensor,
} from "../../support/checkpoints.ts";

const FOLDER = "data/checkpoints/";
const CHECKPOINTS = ["masked_lm_bf16", "pretraining_f32"];
/** Of a score, from transformers' in f64. */
const FORWARD: Record<DeviceName, number> = { wasm: 1e-4, webgpu: 1e-3 };
/** Norm of a gradient's difference over the gradient's norm. */
const GRADIENT: Record<DeviceName, number> = { wasm: 1e-3, webgpu: 5e-3 };

const { rows } = readJson<{ rows: { text: string; label: number }[] }>("training/rows.json");
const texts = rows.map(({ text }) => text);

suite.each("masked words", (stage, device) => {
  for (const name of CHECKPOINTS) {
    test(`are filled as transformers fills them: ${name}`, async () => {
      const { sentences } = readJson<{ sentences: { text: string; top: FilledMask[] }[] }>(
        `mlm/${name}_fill.json`,
      );
      assert.equal(sentences.length, 50);
      const found = await stage.page.evaluate(
        async ({ folder, device, texts }) => {
          const classifier = await window.bertlet.Classifier.load(folder, { device, maskedLm: true });
          const found: FilledMask[][][] = [];
          for (const text of texts) found.push(await classifier.fillMask(text));
          await classifier.dispose();
          return found;
        },
        { folder: `${FOLDER}${name}/`, device, texts: sentences.map(({ text }) => text) },
      );
      for (const [at, { text, top }] of sentences.entries()) {
        assert.deepEqual(
          found[at]?.map((mask) => mask.map(({ token, token_str }) => [token, token_str])),
          [top.map(({ token, token_str }) => [token, token_str])],
          text,
        );
        const scores = (list: FilledMask[] = []) => list.map(({ score }) => score);
        const off = difference(scores(found[at]?.[0]), scores(top));
        assert.ok(off <= FORWARD[device], `${text}: ${off}`);
      }
    });

    test(`have transformers' loss and gradients: ${name}`, async () => {
      const reference = readSafetensors(`mlm/${name}.safetensors`);
      const [ids, mask, labels] = ["input_ids", "attention_mask", "labels"].map((key) =>
        integers(reference, key),
      ) as [number[], number[], number[]];
      const [batch, seqLen] = (reference.header.input_ids as Tensor).shape as [number, number];
      const lengths = Array.from({ length: batch }, (_, row) =>
        mask.slice(row * seqLen, (row + 1) * seqLen).reduce((sum, one) => sum + one, 0),
      );
      const real = (values: number[]) => values.filter((_, at) => mask[at] === 1);
      await stage.page.reload();
      const found = await stage.page.evaluate(
        async ({ folder, device, ids, labels, lengths }) => {
          const file = async (name: string) =>
            new Uint8Array(await (await fetch(`${folder}${name}`)).arrayBuffer());
          const engine = await window.openEngine(device);
          const files = ["config.json", "tokenizer.json", "model.safetensors"];
          await engine.load(...(await Promise.all(files.map(file))), { maskedLm: true, seed: 42 });
          const found: { name: string; values: Float32Array }[] = await engine.maskedGradients(
            Uint32Array.from(ids),
            Int32Array.from(labels),
            Uint32Array.from(lengths),
          );
          return found.map(({ name, values }): [string, number[]] => [name, [...values]]);
        },
        { folder: `${FOLDER}${name}/`, device, ids: real(ids), labels: real(labels), lengths },
      );
      const names = Object.keys(reference.header).filter((name) => name.startsWith("grad."));
      assert.equal(found.length, names.length + 1);
      for (const [name, values] of found) {
        const key = name === "loss" ? name : `grad.${name}`;
        const expected = [...floats(reference, key)];
        const off = Math.hypot(...values.map((value, at) => value - (expected[at] ?? Number.NaN)));
        const allowed = name.endsWith("key.bias") ? 1e-5 : GRADIENT[device] * Math.hypot(...expected);
        assert.ok(off <= allowed, `${name}: ${off}, allowed ${allowed}`);
      }
    });
  }

  test("are learned from texts without labels, and fine-tuning goes on from there", async () => {
    const { events, before, after, filled, saved } = await stage.page.evaluate(
      async ({ folder, device, texts }) => {
        const options = { device, maskedLm: true, labels: ["a", "b"], maxLength: 24 } as const;
        const classifier = await window.bertlet.Classifier.load(folder, options);
        const before = await classifier.classify(texts[0] as string);
        const run = classifier.pretrain(
          { train: texts, dev: texts },
          { epochs: 8, learningRate: 2e-3, maskProbability: 0.3, wholeWords: true },
        );
        const events: { type: string; dev?: { loss: number; perplexity: number; maskedTokens: number } }[] =
          [];
        for await (const event of run) events.push(event);
        const after = await classifier.classify(texts[0] as string);
        const rows = texts.map((text, at) => ({ text, label: at % 2 ? "a" : "b" }));
        await classifier.finetune({ train: rows }, { epochs: 1 }).result;
        const files = await classifier.save({ as: "masked-lm" });
        const source = {
          config: files["config.json"],
          tokenizer: files["tokenizer.json"],
          weights: files["model.safetensors"],
        };
        const again = await window.bertlet.Classifier.load(source, { device, maskedLm: true, maxLength: 24 });
        const asked = "the [MASK] is late";
        const filled = [await classifier.fillMask(asked), await again.fillMask(asked)];
        const { newTensors, architecture } = again.info;
        await classifier.dispose();
        await again.dispose();
        return { events, before, after, filled, saved: { newTensors, architecture } };
      },
      { folder: `${FOLDER}sequence_classification_f32/`, device, texts },
    );
    const types = events.map(({ type }) => type);
    const epoch = [...Array(3).fill("step"), "epoch"];
    assert.deepEqual(types, ["start", ...Array(8).fill(epoch).flat(), "end"]);
    const reports = events.flatMap(({ dev }) => (dev === undefined ? [] : [dev]));
    assert.equal(reports.length, 10, "before, after each epoch, and at the end");
    for (const { loss, perplexity, maskedTokens } of reports) {
      assert.ok(Math.abs(perplexity - Math.exp(loss)) < 1e-6 * perplexity);
      assert.equal(maskedTokens, reports[0]?.maskedTokens, "the same tokens each time");
    }
    const [first, last] = [reports[0], reports.at(-1)].map((report) => report?.perplexity ?? Number.NaN) as [
      number,
      number,
    ];
    assert.ok(last < 0.8 * first, `${first} -> ${last}`);
    assert.notDeepEqual(before, after);
    assert.deepEqual(saved, { newTensors: [], architecture: "BertForMaskedLM" });
    const scores = filled.map(([mask = []]) => mask.map(({ score }) => score)) as [number[], number[]];
    assert.ok(difference(...scores) <= FORWARD[device]);
  });
});

suite.each("a pair of texts", (stage, device) => {
  test("gets transformers' logits, alone and among texts", async () => {
    const about = readJson<{
      pairs: [string, string][];
      batch: number[];
      max_lengths: Record<string, number>;
    }>("choosing/pairs.json");
    const reference = readSafetensors("choosing/pairs_batch.safetensors");
    const pairs = about.batch.map((at) => about.pairs[at] as [string, string]);
    const maxLength = about.max_lengths.sequence_classification_f32 as number;
    const { all, one, mixed } = await stage.page.evaluate(
      async ({ folder, device, maxLength, pairs }) => {
        const classifier = await window.bertlet.Classifier.load(folder, { device, maxLength });
        const texts = pairs.map(([text, textPair]) => ({ text, textPair }));
        const all = await classifier.classify(texts);
        const one = await classifier.classify(texts[1] as { text: string; textPair: string });
        const mixed = await classifier.classify(["alone", ...texts.slice(1, 2)]);
        await classifier.dispose();
        return { all, one, mixed };
      },
      { folder: `${FOLDER}sequence_classification_f32/`, device, maxLength, pairs },
    );
    const expected = logSoftmax(floats(reference, "logits"), 3);
    const labels = ["delivery", "billing", "praise"];
    const logs = ({ scores }: Prediction) =>
      labels.map((label) => Math.log(scores.find((score) => score.label === label)?.score ?? Number.NaN));
    assert.ok(difference(all.flatMap(logs), expected) <= FORWARD[device]);
    for (const same of [one, mixed[1] as Prediction])
      assert.ok(difference(logs(same), expected.slice(3, 6)) <= FORWARD[device]);
  });

  test("trains, and is evaluated, embedded and inspected", async () => {
    const { losses, report, vectors, findings } = await stage.page.evaluate(
      async ({ folder, device }) => {
        const labels = ["mine", "yours"];
        const classifier = await window.bertlet.Classifier.load(folder, { device, labels, maxLength: 24 });
        const words = ["the box", "my card", "a refund", "good service"];
        // The second text alone tells the label.
        const rows: LabelledText[] = words.flatMap((text) =>
          words.map((textPair) => ({ text, textPair, label: /my|good/.test(textPair) ? "mine" : "yours" })),
        );
        const losses: number[] = [];
        const run = classifier.finetune({ train: rows, dev: rows }, { epochs: 20, learningRate: 3e-3 });
        for await (const event of run) if (event.type === "epoch") losses.push(event.dev?.loss ?? Number.NaN);
        const report = await classifier.evaluate(rows);
        const vectors = await classifier.embed([{ text: "a", textPair: "b" }, "a"]);
        // Only the pairs as wholes tell these rows apart.
        const { findings } = await classifier.inspect({ train: [...rows, rows[0] as LabelledText] });
        await classifier.dispose();
        return {
          losses,
          report,
          vectors: vectors.map((vector) => [...vector]),
          findings: findings.filter(({ code }) => /duplicate|conflict/.test(code)),
        };
      },
      { folder: `${FOLDER}sequence_classification_f32/`, device },
    );
    assert.ok((losses.at(-1) as number) < (losses[0] as number) / 2, `${losses}`);
    assert.equal(report.loss.toFixed(4), losses.at(-1)?.toFixed(4));
    assert.notDeepEqual(vectors[0], vectors[1]);
    assert.deepEqual(
      findings.map(({ code, count }) => [code, count]),
      [["duplicate", 1]],
    );
  });
});

suite.each("a model made from text", (stage, device) => {
  test("learns its vocabulary and its words, the same for a seed", async () => {
    const { info, again, reports, unknown, label } = await stage.page.evaluate(
      async ({ device, texts }) => {
        const shape = { vocabSize: 150, layers: 1, hiddenSize: 32, heads: 2, maxLength: 32 };
        const options = { texts, ...shape, labels: ["a", "b"], device } as const;
        const stages: string[] = [];
        const classifier = await window.bertlet.Classifier.create({
          ...options,
          onProgress: ({ stage }) => stages.push(stage),
        });
        if (!stages.includes("model")) throw new Error("no progress");
        const again = await window.bertlet.Classifier.create(options);
        const vectors = [await classifier.embed(texts[0] as string), await again.embed(texts[0] as string)];
        await again.dispose();
        const untrained = await window.failure(() => classifier.fillMask("a [MASK]"));
        if (untrained?.code !== "bad-state") throw new Error("a head that has learned nothing answers");
        const run = classifier.pretrain({ train: texts, dev: texts }, { epochs: 10, learningRate: 3e-3 });
        const reports: number[] = [];
        for await (const event of run) {
          if ("dev" in event && event.dev !== undefined) reports.push(event.dev.perplexity);
        }
        await classifier.fillMask("a [MASK]");
        const { unknownTokens } = await classifier.inspect({
          train: texts.map((text) => ({ text, label: "a" })),
        });
        const { label } = await classifier.classify(texts[0] as string);
        const { info } = classifier;
        await classifier.dispose();
        return { info, again: vectors.map((vector) => [...vector]), reports, unknown: unknownTokens, label };
      },
      { device, texts },
    );
    assert.deepEqual(again[0], again[1]);
    assert.ok(info.vocabSize <= 150 && info.maskedLm && info.newHead && info.checkpointBytes === 0);
    assert.ok((reports.at(-1) as number) < 0.8 * (reports[0] as number), `${reports}`);
    assert.ok(unknown < texts.length, `${unknown} unknown tokens`);
    assert.ok(["a", "b"].includes(label));
  });
});

const WITH_HEAD = "Classifier.load('data/checkpoints/masked_lm_bf16/', { device: 'wasm', maskedLm: true })";

const CALLS: BadCall[] = [
  ["filling without the head", "bad-state", "classifier.fillMask('a [MASK]')", /maskedLm|masked-LM/],
  ["pretraining without the head", "bad-state", "classifier.pretrain(['a text']).result", /masked-LM/],
  [
    "a masked-LM folder without the head",
    "bad-state",
    "classifier.save({ as: 'masked-lm' })",
    /masked-LM head/,
  ],
  ["a folder of both heads without one", "bad-state", "classifier.save({ as: 'both' })", /masked-LM head/],
  ["a folder of no known class", "bad-option", "classifier.save({ as: 'bert' })", /as.*"bert"/],
  ["a text without a mask", "bad-row", `(await ${WITH_HEAD}).fillMask('a text')`, /\[MASK\]/],
  ["a mask beyond the last token", "bad-row", `(await ${WITH_HEAD}).fillMask('a '.repeat(500) + '[MASK]')`],
  ["filling a number", "bad-row", `(await ${WITH_HEAD}).fillMask(1)`, /found 1/],
  ["no best token", "bad-option", `(await ${WITH_HEAD}).fillMask('[MASK]', { topK: 0 })`, /topK/],
  ["no text to learn from", "bad-row", `(await ${WITH_HEAD}).pretrain([]).result`, /train/],
  ["texts of no word", "bad-row", `(await ${WITH_HEAD}).pretrain(['', ' ']).result`, /word/],
  ["a dev of no word", "bad-row", `(await ${WITH_HEAD}).pretrain({ train: ['a'], dev: [''] }).result`, /dev/],
  ["rows in place of texts", "bad-row", `(await ${WITH_HEAD}).pretrain([{ text: 'a' }]).result`, /text 0/],
  [
    "a test split",
    "bad-row",
    `(await ${WITH_HEAD}).pretrain({ train: ['a'], test: ['a'] }).result`,
    /"test"/,
  ],
  [
    "a mask on nothing",
    "bad-option",
    `(await ${WITH_HEAD}).pretrain(['a'], { maskProbability: 0 }).result`,
    /maskProbability/,
  ],
  [
    "an option of fine-tuning",
    "bad-option",
    `(await ${WITH_HEAD}).pretrain(['a'], { method: 'lora' }).result`,
    /method/,
  ],
  ["creating from nothing", "bad-row", "Classifier.create({ device: 'wasm' })", /create/],
  ["creating from no words", "bad-row", "Classifier.create({ texts: [''], device: 'wasm' })", /word/],
  ["creating from numbers", "bad-row", "Classifier.create({ texts: [1] })", /text 0.*found 1/],
  [
    "heads that do not divide the width",
    "bad-option",
    "Classifier.create({ texts: ['a'], heads: 3, device: 'wasm' })",
    /heads/,
  ],
  [
    "a vocabulary of nothing",
    "bad-option",
    "Classifier.create({ texts: ['a'], vocabSize: 10, device: 'wasm' })",
    /vocabSize/,
  ],
  ["an unknown shape", "bad-option", "Classifier.create({ texts: ['a'], depth: 2 })", /"depth"/],
  [
    "a head that is no yes or no",
    "bad-option",
    "Classifier.load(folder, { device: 'wasm', maskedLm: 1 })",
    /maskedLm/,
  ],
];

suite("bad calls about words", (stage) => badCalls(stage, CALLS));
