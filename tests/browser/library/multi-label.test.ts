// Multi-label models and augmentation in Chromium: reports are computed again from scores and
// labels; the decision threshold is found, saved and loaded; a seed fixes a run.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LabelledText, Prediction } from "../../../web/bertlet.d.ts";
import { suite } from "../../support/browser.ts";
import { readJson, trainingRows } from "../../support/checkpoints.ts";

const MODEL = "data/checkpoints/sequence_classification_f32/";
const training = trainingRows();
const { recipe } = readJson<{ recipe: { labels: number[][] } }>("model_selection/several_labels.json");
const rows: LabelledText<string[]>[] = training.rows.map(({ text }, row) => ({
  text,
  label: (recipe.labels[row] as number[]).map((label) => training.labels[label] as string),
}));
const dev = rows.filter((_, row) => row % 3 === 0);
const train = rows.filter((_, row) => row % 3 !== 0);

/** Subset accuracy and micro F1, as scikit-learn defines them. */
function scoresOf(truth: readonly LabelledText<string[]>[], predicted: (readonly string[])[]) {
  let [hits, own, said, right] = [0, 0, 0, 0];
  for (const [row, { label }] of truth.entries()) {
    const found = predicted[row] as readonly string[];
    const common = found.filter((name) => label.includes(name)).length;
    hits += common;
    own += label.length;
    said += found.length;
    right += Number(common === label.length && common === found.length);
  }
  return { accuracy: right / truth.length, microF1: own + said === 0 ? 0 : (2 * hits) / (own + said) };
}

const atOrOver = ({ scores }: Prediction, threshold: number) =>
  scores.filter(({ score }) => score >= threshold).map(({ label }) => label);

suite("several labels a row", (stage, device) => {
  test("train, and leave the threshold that suits dev best; it is saved and loaded", async () => {
    const found = await stage.page.evaluate(
      async ({ model, device, train, dev }) => {
        const { Classifier } = window.bertlet;
        const problemType = "multi_label_classification" as const;
        const classifier = await Classifier.load(model, { device, problemType });
        const before = classifier.info;
        const options = { epochs: 12, learningRate: 1e-2, batchSize: 8, dropout: 0 };
        const run = classifier.finetune({ train, dev, test: dev }, options);
        const losses: number[] = [];
        for await (const event of run) if (event.type === "epoch") losses.push(event.trainLoss);
        const end = await run.result;
        const texts = dev.map(({ text }) => text);
        const predictions = await classifier.classify(texts);
        const reports = [await classifier.evaluate(dev), await classifier.evaluate(dev, { threshold: 0.3 })];
        const atThird = await classifier.classify(texts, { threshold: 0.3, topK: 1 });
        const info = classifier.info;
        const saved = await classifier.save();
        await classifier.dispose();
        const files = {
          config: saved["config.json"],
          tokenizer: saved["tokenizer.json"],
          weights: saved["model.safetensors"],
        };
        const again = await Classifier.load(files, { device });
        const config = JSON.parse(await saved["config.json"].text());
        const reloaded = { info: again.info, predictions: await again.classify(texts) };
        await again.dispose();
        const other = await Classifier.load(files, { device, labels: ["x", "y"] });
        const { threshold } = other.info;
        await other.dispose();
        return { before, losses, end, predictions, reports, atThird, info, config, reloaded, threshold };
      },
      { model: MODEL, device, train, dev },
    );
    assert.deepEqual([found.before.problemType, found.before.threshold], ["multi_label_classification", 0.5]);
    assert.ok((found.losses.at(-1) as number) < 0.7 * (found.losses[0] as number), `${found.losses}`);
    const { threshold = Number.NaN } = found.info;
    assert.equal(found.end.threshold, threshold);
    assert.deepEqual(found.end.test, found.reports[0], "test is evaluated with the threshold found");

    // Scores are independent; labels are those at or over the threshold, best first.
    for (const prediction of found.predictions) {
      assert.deepEqual(prediction.labels, atOrOver(prediction, threshold));
      assert.equal(prediction.label, prediction.scores[0]?.label);
    }
    const sums = found.predictions.map(({ scores }) => scores.reduce((sum, { score }) => sum + score, 0));
    assert.ok(sums.some((sum) => Math.abs(sum - 1) > 0.05));

    for (const [place, predictions] of [found.predictions, found.atThird].entries()) {
      const labels = predictions.map(({ labels = [] }) => labels);
      const report = found.reports[place];
      const expected = scoresOf(dev, labels);
      assert.ok(Math.abs((report?.accuracy ?? -1) - expected.accuracy) < 1e-9);
      assert.ok(Math.abs((report?.microF1 ?? -1) - expected.microF1) < 1e-9);
      assert.equal(report?.threshold, place === 0 ? threshold : 0.3);
      assert.deepEqual(report?.confusion, []);
      const [low, high] = report?.intervals.microF1 ?? [2, 2];
      assert.ok(low <= expected.microF1 && expected.microF1 <= high);
    }

    // No other threshold does better on dev.
    const all = found.predictions.flatMap(({ scores }) => scores.map(({ score }) => score));
    const micro = (at: number) =>
      scoresOf(
        dev,
        found.predictions.map((prediction) => atOrOver(prediction, at)),
      ).microF1;
    const best = Math.max(...all.map(micro), micro(0.5));
    assert.ok(Math.abs(micro(threshold) - best) < 1e-9, `${threshold}: ${micro(threshold)}, ${best}`);

    assert.equal(found.config.problem_type, "multi_label_classification");
    assert.equal(found.config.bertlet.threshold, threshold);
    assert.equal(found.reloaded.info.threshold, threshold);
    assert.deepEqual(
      found.reloaded.predictions.map(({ labels }) => labels),
      found.predictions.map(({ labels }) => labels),
    );
    assert.equal(found.threshold, 0.5, "a new head has none of its own yet");
  });

  test("a run that is stopped while its test rows are evaluated tells the threshold that it has set", async () => {
    const found = await stage.page.evaluate(
      async ({ model, device, train, dev }) => {
        const problemType = "multi_label_classification" as const;
        const classifier = await window.bertlet.Classifier.load(model, { device, problemType });
        let stop = (): void => undefined;
        const run = classifier.finetune(
          { train, dev, test: Array.from({ length: 8 }, () => train).flat() },
          {
            ...{ epochs: 1, learningRate: 1e-2, batchSize: 8, dropout: 0 },
            onProgress: ({ stage }) => {
              if (stage === "test") stop();
            },
          },
        );
        stop = () => run.stop();
        const end = await run.result;
        const { threshold } = classifier.info;
        await classifier.dispose();
        return { end, threshold };
      },
      { model: MODEL, device, train, dev },
    );
    assert.deepEqual([found.end.reason, found.end.test], ["stopped", undefined]);
    assert.equal(found.end.threshold, found.threshold);
  });

  test("an adapter has a threshold of its own", async () => {
    const found = await stage.page.evaluate(
      async ({ model, device, train, dev }) => {
        const problemType = "multi_label_classification" as const;
        const classifier = await window.bertlet.Classifier.load(model, { device, problemType });
        const options = { epochs: 2, learningRate: 1e-2, batchSize: 8, dropout: 0 };
        const lora = { ...options, method: "lora", adapterName: "one" } as const;
        // Few scores of this model are over 0.5 yet.
        const { threshold } = await classifier.finetune({ train, dev }, lora).result;
        const on = classifier.info.threshold;
        const saved = await classifier.saveAdapter();
        await classifier.useAdapter(null);
        const off = classifier.info.threshold;
        const files = { config: saved["adapter_config.json"], weights: saved["adapter_model.safetensors"] };
        await classifier.addAdapter("two", files);
        await classifier.useAdapter("two");
        const two = classifier.info.threshold;
        await classifier.useAdapter("one");
        const one = classifier.info.threshold;
        await classifier.dispose();
        return { threshold, on, off, two, one };
      },
      { model: MODEL, device, train, dev },
    );
    const { threshold } = found;
    assert.ok(threshold !== undefined && threshold > 0 && threshold < 1);
    assert.deepEqual(found, { threshold, on: threshold, off: 0.5, two: threshold, one: threshold });
  });
});

suite("augmentation", (stage, device) => {
  test("changes what a run reads, as the seed says, and nothing else", async () => {
    const found = await stage.page.evaluate(
      async ({ model, device, train, dev }) => {
        const run = async (augment: object | undefined, seed: number, learningRate: number) => {
          const classifier = await window.bertlet.Classifier.load(model, {
            device,
            problemType: "multi_label_classification",
          });
          const before = await classifier.evaluate(dev);
          const options = { epochs: 2, batchSize: 8, dropout: 0, shuffle: false, seed, learningRate };
          const run = classifier.finetune(
            { train, dev },
            augment === undefined ? options : { ...options, augment },
          );
          const [losses, tokens]: number[][] = [[], []];
          let after: number | undefined;
          for await (const event of run) {
            if (event.type === "step") {
              losses?.push(event.loss);
              tokens?.push(event.tokens);
            }
            if (event.type === "epoch") after = event.dev?.loss;
          }
          await classifier.dispose();
          return { losses, tokens, before: before.loss, after };
        };
        const all = { drop: 0.2, swap: 0.2, mask: 0.2 };
        return {
          plain: await run(undefined, 1, 1e-3),
          one: await run(all, 1, 1e-3),
          again: await run(all, 1, 1e-3),
          other: await run(all, 2, 1e-3),
          swapped: await run({ swap: 0.5 }, 1, 1e-3),
          still: await run({ drop: 0.5, mask: 0.5 }, 1, 1e-12),
        };
      },
      { model: MODEL, device, train, dev },
    );
    const { plain, one, again, other, swapped, still } = found;
    const sum = (numbers: number[] = []) => numbers.reduce((a, b) => a + b, 0);
    const near = (a: number[] = [], b: number[] = []) =>
      a.every((value, at) => Math.abs(value - (b[at] as number)) < 1e-5);
    // WebGPU may add the terms of a sum in another order.
    assert.ok(near(one.losses, again.losses), `${one.losses} ${again.losses}`);
    assert.deepEqual(one.tokens, again.tokens);
    assert.notDeepEqual(one.tokens, other.tokens);
    assert.ok(sum(one.tokens) < sum(plain.tokens));
    assert.deepEqual(swapped.tokens, plain.tokens);
    assert.ok(!near(swapped.losses, plain.losses));
    // Evaluation does not augment rows.
    assert.ok(Math.abs((still.after as number) - still.before) < 1e-5, `${still.after} ${still.before}`);
  });
});
