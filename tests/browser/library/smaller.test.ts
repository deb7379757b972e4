// Smaller models in Chromium: pruned word pieces keep the answers, the student of a distillation comes beside its teacher, and
// what is saved of either loads.

import assert from "node:assert/strict";
import { test } from "node:test";
import { suite } from "../../support/browser.ts";
import { trainingRows } from "../../support/checkpoints.ts";

const MODEL = "data/checkpoints/sequence_classification_f32/";
const { rows } = trainingRows();

suite("smaller", (stage, device) => {
  test("a pruned model answers as before, also from its files and from this browser", async () => {
    const found = await stage.page.evaluate(
      async ({ model, device, rows }) => {
        const { Classifier } = window.bertlet;
        const texts = rows.slice(0, 6).map(({ text }) => text);
        const classifier = await Classifier.load(model, { device });
        const before = await classifier.classify(texts);
        const receipt = await classifier.prune({ vocabulary: texts });
        const after = await classifier.classify(texts);
        const files = await classifier.save();
        const again = await Classifier.load(
          {
            config: files["config.json"],
            tokenizer: files["tokenizer.json"],
            tokenizerConfig: files["tokenizer_config.json"],
            weights: files["model.safetensors"],
          },
          { device },
        );
        const saved = await again.classify(texts);
        await classifier.keep("pruned");
        const opened = await Classifier.open("pruned", { device });
        const kept = await opened.classify(texts);
        const layers = await opened.prune({ layers: 1, data: rows });
        const { info } = opened;
        for (const each of [classifier, again, opened]) await each.dispose();
        await Classifier.forget("pruned");
        return { before, answers: [after, saved, kept], receipt, layers, info };
      },
      { model: MODEL, device, rows },
    );
    const { before, after } = found.receipt;
    assert.ok(after.vocabSize < before.vocabSize && after.weightBytes < before.weightBytes);
    for (const answers of found.answers) {
      for (const [row, { label, score }] of answers.entries()) {
        assert.equal(label, found.before[row]?.label);
        assert.ok(Math.abs(score - (found.before[row]?.score ?? 0)) < 1e-6);
      }
    }
    // Of a model that was kept, too, info tells the sizes that it has now.
    assert.equal(found.info.layers, 1);
    assert.equal(found.info.parameters, found.layers.after.parameters);
    assert.ok(found.info.parameters < after.parameters);
    assert.equal(found.layers.keptLayers?.length, 1);
  });

  test("a student is taught in a worker of its own, and learns", async () => {
    const found = await stage.page.evaluate(
      async ({ model, device, rows }) => {
        const { Classifier } = window.bertlet;
        const teacher = await Classifier.load(model, { device });
        const train = { learningRate: 1e-2, batchSize: 8, dropout: 0 };
        await teacher.finetune({ train: rows }, { ...train, epochs: 12 }).result;
        const before = await teacher.classify(rows.map(({ text }) => text));
        const { classifier, run } = await Classifier.distill(
          teacher,
          { train: rows, dev: rows },
          { ...train, epochs: 8, learningRate: 2e-3, layers: 1 },
        );
        const losses: number[] = [];
        for await (const event of run) if (event.type === "epoch") losses.push(event.trainLoss);
        const end = await run.result;
        const after = await teacher.classify(rows.map(({ text }) => text));
        const own = await classifier.evaluate(rows);
        const second = await window.failure(() => classifier.prune({ vocabulary: ["x"], layers: [0, 1] }));
        const sizes = [teacher.info.layers, classifier.info.layers];
        await Promise.all([teacher.dispose(), classifier.dispose()]);
        return { before, after, losses, end, own, sizes, second };
      },
      { model: MODEL, device, rows },
    );
    assert.deepEqual(found.after, found.before, "the teacher stays as it is");
    assert.deepEqual(found.sizes, [2, 1]);
    assert.ok((found.losses.at(-1) as number) < 0.7 * (found.losses[0] as number), `${found.losses}`);
    assert.ok((found.end.teacher.dev?.accuracy ?? 0) > 0.8);
    assert.ok((found.end.dev?.accuracy ?? 0) > 0.6, `${found.end.dev?.accuracy}`);
    assert.ok(Math.abs((found.end.dev?.loss ?? 0) - found.own.loss) < 1e-5);
    assert.equal(found.second?.code, "bad-option");
  });
});
