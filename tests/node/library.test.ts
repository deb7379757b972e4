// The page's own files in Node.js, on the CPU and on WebGPU as Dawn has it: 30 losses against torch, then saving and
// loading; and what is said where WebGPU is missing. Takes the built site.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import type * as Bertlet from "../../web/bertlet.d.ts";
import { difference, readJson } from "../support/checkpoints.ts";
import { root } from "../support/serve.ts";

/** Absolute difference of each of 30 losses from torch's in f64, as in Chromium. */
const LOSS_TOLERANCE = 1e-3;

interface Reference {
  recipe: {
    checkpoint: string;
    learning_rate: number;
    warmup_ratio: number;
    max_grad_norm: number;
    batch_size: number;
  };
  steps: { loss: number }[];
}
interface Rows {
  max_length: number;
  rows: { text: string; label: number }[];
}

const { Classifier }: typeof Bertlet = await import(pathToFileURL(join(root, "web/dist/node.js")).href);
const { rows, max_length: maxLength } = readJson<Rows>("training/rows.json");
const checkpoint = (name: string) => pathToFileURL(join(root, "tests/reference/data/checkpoints", name)).href;

for (const device of ["wasm", "webgpu"] as const) {
  test(`fine-tunes as torch does in Node.js, then saves and loads as the same model (${device})`, async () => {
    const { recipe, steps } = readJson<Reference>("training/in_order.json");
    const classifier = await Classifier.load(checkpoint(recipe.checkpoint), { device, maxLength });
    assert.equal(classifier.info.device, device);
    const { labels } = classifier.info;
    const train = rows.map(({ text, label }) => ({ text, label: labels[label] as string }));
    const run = classifier.finetune(
      { train },
      {
        epochs: steps.length / Math.ceil(train.length / recipe.batch_size),
        batchSize: recipe.batch_size,
        learningRate: recipe.learning_rate,
        warmupRatio: recipe.warmup_ratio,
        maxGradNorm: recipe.max_grad_norm,
        dropout: 0,
        shuffle: false,
      },
    );
    const losses: number[] = [];
    for await (const event of run) if (event.type === "step") losses.push(event.loss);
    const expected = steps.map(({ loss }) => loss);
    assert.equal(losses.length, expected.length);
    const worst = difference(losses, expected);
    assert.ok(worst <= LOSS_TOLERANCE, `the losses differ by ${worst}`);

    const texts = train.slice(0, 4).map(({ text }) => text);
    const before = await classifier.classify(texts);
    const saved = await classifier.save();
    await classifier.dispose();
    const files = {
      config: saved["config.json"],
      tokenizer: saved["tokenizer.json"],
      weights: saved["model.safetensors"],
    };
    const again = await Classifier.load(files, { device, maxLength });
    assert.deepEqual(await again.classify(texts), before);
    await again.dispose();
  });
}

test("says what is missing where no adapter answers", async () => {
  const { VK_DRIVER_FILES: driver } = process.env;
  process.env.VK_DRIVER_FILES = "/nowhere.json";
  try {
    const loading = Classifier.load(checkpoint("sequence_classification_f32"), { device: "webgpu" });
    await assert.rejects(loading, { code: "no-webgpu" });
  } finally {
    process.env.VK_DRIVER_FILES = driver;
  }
});

test("a file that is not there is an error with its name", async () => {
  const loading = Classifier.load(checkpoint("nowhere"), { device: "wasm" });
  await assert.rejects(
    loading,
    ({ code, message }) => code === "fetch-failed" && message.includes("config.json"),
  );
});
