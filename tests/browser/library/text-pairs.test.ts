// Pairs of texts in Chromium: predicted, trained and searched by both texts.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LabelledText, Prediction } from "../../../web/bertlet.d.ts";
import { type DeviceName, suite } from "../../support/browser.ts";
import { difference, floats, logSoftmax, readJson, readSafetensors } from "../../support/checkpoints.ts";

const FOLDER = "data/checkpoints/";
/** Absolute difference of a score from transformers' in f64. */
const FORWARD: Record<DeviceName, number> = { wasm: 1e-4, webgpu: 1e-3 };

suite("a pair of texts", (stage, device) => {
  test("gets transformers' logits, alone and among texts", async () => {
    const about = readJson<{
      pairs: [string, string][];
      batch: number[];
      max_lengths: Record<string, number>;
    }>("model_selection/pairs.json");
    const reference = readSafetensors("model_selection/pairs_batch.safetensors");
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
