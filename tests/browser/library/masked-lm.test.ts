// Masked-language modelling in Chromium against transformers: filled blanks, gradients, and pretraining.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FilledMask } from "../../../web/bertlet.d.ts";
import { type DeviceName, decodeFloats, onEngine, suite } from "../../support/browser.ts";
import {
  difference,
  floats,
  integers,
  readJson,
  readSafetensors,
  type Tensor,
} from "../../support/checkpoints.ts";

const FOLDER = "data/checkpoints/";
const CHECKPOINTS = ["masked_lm_bf16", "pretraining_f32"];
/** Absolute difference of a score from transformers' in f64. */
const FORWARD: Record<DeviceName, number> = { wasm: 1e-4, webgpu: 1e-3 };
/** Norm of a gradient's difference over the gradient's norm. */
const GRADIENT: Record<DeviceName, number> = { wasm: 1e-3, webgpu: 5e-3 };

const { rows } = readJson<{ rows: { text: string; label: number }[] }>("training/rows.json");
const texts = rows.map(({ text }) => text);

suite("masked words", (stage, device) => {
  for (const name of CHECKPOINTS) {
    test(`are filled as transformers fills them: ${name}`, async () => {
      const { sentences } = readJson<{ sentences: { text: string; top: FilledMask[] }[] }>(
        `masked_lm/${name}_fill.json`,
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
      const reference = readSafetensors(`masked_lm/${name}.safetensors`);
      const [ids, mask, labels] = ["input_ids", "attention_mask", "labels"].map((key) =>
        integers(reference, key),
      ) as [number[], number[], number[]];
      const [batch, seqLen] = (reference.header.input_ids as Tensor).shape as [number, number];
      const lengths = Array.from({ length: batch }, (_, row) =>
        mask.slice(row * seqLen, (row + 1) * seqLen).reduce((sum, one) => sum + one, 0),
      );
      const real = (values: number[]) => values.filter((_, at) => mask[at] === 1);
      const found = await onEngine(stage, (page) =>
        page.evaluate(
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
            return found.map(({ name, values }) => [name, window.encodeFloats(values)] as const);
          },
          { folder: `${FOLDER}${name}/`, device, ids: real(ids), labels: real(labels), lengths },
        ),
      );
      const names = Object.keys(reference.header).filter((name) => name.startsWith("grad."));
      assert.equal(found.length, names.length + 1);
      for (const [name, encoded] of found) {
        const values = [...decodeFloats(encoded)];
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
