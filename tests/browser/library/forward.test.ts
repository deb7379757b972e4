// Pooled hidden states and class probabilities in Chromium against transformers, on every path; labels and
// heads.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type DeviceName, type Stage, suite } from "../../support/browser.ts";
import { difference, floats, logSoftmax, readJson, readSafetensors } from "../../support/checkpoints.ts";
import { root } from "../../support/serve.ts";

/** The greatest absolute difference from transformers, whose numbers were computed in f64. */
const TOLERANCE: Record<DeviceName, number> = { wasm: 1e-4, webgpu: 1e-3 };
/** Absolute difference that a batch, its order and its padding may cause. */
const ROUNDING: Record<DeviceName, number> = { wasm: 1e-5, webgpu: 1e-4 };

const CHECKPOINTS = readdirSync(join(root, "tests/reference/data/forward"))
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.replace(".json", ""));

interface Forward {
  max_length: number;
  poolings: ("pooler" | "cls" | "mean" | "max")[];
  texts: string[];
}

/** A test that embeds the reference's texts, and classifies them where the checkpoint has a head. */
function holds(stage: Stage, device: DeviceName, name: string, pooling: Forward["poolings"][number]): void {
  const { max_length, texts } = readJson<Forward>(`forward/${name}.json`);
  const reference = readSafetensors(`forward/${name}.safetensors`);
  test(`${name}, pooled by ${pooling}`, async () => {
    const found = await stage.page.evaluate(
      async ({ name, device, pooling, texts, maxLength }) => {
        const classifier = await window.bertlet.Classifier.load(`data/checkpoints/${name}/`, {
          device,
          pooling,
          maxLength,
        });
        const vectors = await classifier.embed(texts, { normalize: false });
        const { info } = classifier;
        const scores = info.labels.length === 0 ? [] : await classifier.classify(texts);
        await classifier.dispose();
        const ordered = scores.map(({ scores }) =>
          info.labels.map((label) => scores.find((one) => one.label === label)?.score ?? Number.NaN),
        );
        return { pooled: vectors.flatMap((vector) => [...vector]), scores: ordered.flat(), info };
      },
      { name, device, pooling, texts, maxLength: max_length },
    );
    assert.equal(found.info.device, device);
    assert.equal(found.info.pooling, pooling);
    const expected = floats(reference, `pooled.${pooling}`);
    assert.ok(
      difference(found.pooled, expected) <= TOLERANCE[device],
      `pooled: ${difference(found.pooled, expected)}`,
    );
    if (!name.startsWith("sequence_classification")) {
      assert.deepEqual(found.info.labels, []);
      return;
    }
    // Equal log probabilities mean equal logits up to a constant.
    const logits = logSoftmax(floats(reference, `logits.${pooling}`), found.info.labels.length);
    const worst = difference(found.scores.map(Math.log), logits);
    assert.ok(worst <= TOLERANCE[device], `log probabilities: ${worst}`);
    assert.equal(found.info.newHead, false);
  });
}

/**
 * Each load compiles every shader, which a software adapter does for ten seconds: on WebGPU these stand for all. The
 * others' states are held in hidden-states.test.ts, on one device, and all of it in the native tests.
 */
const ON_WEBGPU: [string, Forward["poolings"][number]][] = [
  ["sequence_classification_f32", "pooler"],
  ["sequence_classification_f16", "pooler"],
  ["masked_lm_bf16", "max"],
];

suite.each("a checkpoint computes what transformers computes", (stage, device) => {
  if (device === "webgpu") for (const [name, pooling] of ON_WEBGPU) holds(stage, device, name, pooling);
  else {
    for (const name of CHECKPOINTS) {
      const { poolings } = readJson<Forward>(`forward/${name}.json`);
      for (const pooling of poolings) holds(stage, device, name, pooling);
    }
  }

  test("a padded batch gives each text what it gets alone", async () => {
    const worst = await stage.page.evaluate(async (device) => {
      const folder = "data/checkpoints/sequence_classification_f32/";
      window.kept.both ??= await window.bertlet.Classifier.load(folder, { device });
      const classifier = window.kept.both;
      const texts = ["late", "", "The parcel was late, and the box was bad", "thank you"];
      const together = await classifier.embed(texts);
      let worst = 0;
      for (const [row, text] of texts.entries()) {
        const alone = await classifier.embed(text);
        alone.forEach((value, i) => {
          worst = Math.max(worst, Math.abs(value - (together[row]?.[i] ?? Number.NaN)));
        });
      }
      return worst;
    }, device);
    assert.ok(worst <= ROUNDING[device], `${worst}`);
  });

  test("a report agrees with the predictions it is made of", async () => {
    const { report, predictions, rows, labels } = await stage.page.evaluate(async (device) => {
      const folder = "data/checkpoints/sequence_classification_f32/";
      window.kept.both ??= await window.bertlet.Classifier.load(folder, { device });
      const classifier = window.kept.both;
      const { labels } = classifier.info;
      const words = [
        "late",
        "charged twice",
        "thank you",
        "我的包裹",
        "the box was bad",
        "",
        "pay",
        "Love it",
      ];
      // The last label has no rows.
      const rows = words.map((text, i) => ({ text, label: labels[i % 2] as string }));
      const report = await classifier.evaluate(rows, { batchSize: 3 });
      const predictions = await classifier.classify(words);
      return { report, predictions, rows, labels };
    }, device);
    const right = rows.filter(({ label }, i) => predictions[i]?.label === label).length;
    assert.ok(Math.abs(report.accuracy - right / rows.length) < 1e-6);
    const loss = rows.reduce((sum, { label }, i) => {
      const score = predictions[i]?.scores.find((one) => one.label === label)?.score ?? Number.NaN;
      return sum - Math.log(score) / rows.length;
    }, 0);
    assert.ok(Math.abs(report.loss - loss) < TOLERANCE[device], `${report.loss} and ${loss}`);
    const confusion = labels.map((is) =>
      labels.map(
        (said) => rows.filter(({ label }, i) => label === is && predictions[i]?.label === said).length,
      ),
    );
    assert.deepEqual(report.confusion, confusion);
    assert.deepEqual(
      report.perLabel.map(({ label, support }) => [label, support]),
      labels.map((label) => [label, rows.filter((row) => row.label === label).length]),
    );
    assert.equal(report.perLabel.at(-1)?.f1, 0);
    const mean = report.perLabel.reduce((sum, { f1 }) => sum + f1, 0) / labels.length;
    assert.ok(Math.abs(report.macroF1 - mean) < 1e-6);
  });
});

suite("labels and heads", (stage) => {
  test("labels equal to the checkpoint's keep its head, others make a new one", async () => {
    const [own, same, other] = await stage.page.evaluate(async () => {
      const folder = "data/checkpoints/sequence_classification_f32/";
      const infoWith = async (labels?: readonly string[]) => {
        const options = { device: "wasm", ...(labels && { labels }) } as const;
        const classifier = await window.bertlet.Classifier.load(folder, options);
        await classifier.dispose();
        return classifier.info;
      };
      const own = await infoWith();
      return [own, await infoWith(own.labels), await infoWith(["x", "y"])] as const;
    });
    assert.deepEqual(same, own);
    assert.deepEqual([own.newHead, own.newTensors], [false, []]);
    assert.deepEqual([other.newHead, other.labels], [true, ["x", "y"]]);
    assert.deepEqual([...other.newTensors].sort(), ["classifier.bias", "classifier.weight"]);
  });

  test("a checkpoint without a head says what is new and what is unused", async () => {
    const info = await stage.page.evaluate(async () => {
      const classifier = await window.bertlet.Classifier.load("data/checkpoints/pretraining_f32/", {
        device: "wasm",
        labels: ["a", "b"],
      });
      await classifier.dispose();
      return classifier.info;
    });
    assert.equal(info.architecture, "BertForPreTraining");
    assert.deepEqual([...info.newTensors].sort(), ["classifier.bias", "classifier.weight"]);
    assert.ok(
      info.unusedTensors.some((name) => name.startsWith("cls.")),
      info.unusedTensors.join(),
    );
    assert.ok(info.checkpointBytes > 150_000 && info.parameters > 10_000);
  });

  test("files given as Blob, buffers and URLs are one checkpoint, which stays the caller's", async () => {
    const [bytes, first, second] = await stage.page.evaluate(async () => {
      const folder = "data/checkpoints/sequence_classification_f32/";
      const get = async (name: string) => (await fetch(folder + name)).arrayBuffer();
      const padded = new Uint8Array(await get("model.safetensors"));
      const weights = new Uint8Array(padded.length + 64).subarray(32, -32);
      weights.set(padded);
      const source = {
        config: new Blob([await get("config.json")]),
        tokenizer: `${folder}tokenizer.json`,
        weights,
      };
      const scores = async () => {
        const classifier = await window.bertlet.Classifier.load(source, { device: "wasm" });
        const { scores } = await classifier.classify("The parcel was late!");
        await classifier.dispose();
        return scores;
      };
      return [weights.length, await scores(), await scores()] as const;
    });
    assert.ok(bytes > 0);
    assert.deepEqual(first, second);
  });
});
