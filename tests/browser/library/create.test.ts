// A model created from texts in Chromium: vocabulary, pretraining, and a seed that fixes it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { suite } from "../../support/browser.ts";
import { readJson } from "../../support/checkpoints.ts";

const { rows } = readJson<{ rows: { text: string; label: number }[] }>("training/rows.json");
const texts = rows.map(({ text }) => text);

suite("a model made from text", (stage, device) => {
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
