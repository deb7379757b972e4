// Model selection in Chromium: early stopping restores the best epoch; cross-validation and
// search leave the model as it was.

import assert from "node:assert/strict";
import { test } from "node:test";
import { foldsOf } from "../../../web/src/page/split.ts";
import { suite } from "../../support/browser.ts";
import { trainingRows } from "../../support/checkpoints.ts";

const MODEL = "data/checkpoints/sequence_classification_f32/";
const { rows } = trainingRows();
/** Every third row, and the rest. */
const dev = rows.filter((_, row) => row % 3 === 0);
const train = rows.filter((_, row) => row % 3 !== 0);

suite("choosing", (stage, device) => {
  test("stops early and ends with the best epoch's weights, and without restoreBest with the last", async () => {
    const found = await stage.page.evaluate(
      async ({ model, device, train, dev }) => {
        const run = async (restoreBest: boolean) => {
          const classifier = await window.bertlet.Classifier.load(model, { device });
          const options = { epochs: 30, learningRate: 3e-2, batchSize: 8, dropout: 0, restoreBest };
          const run = classifier.finetune(
            { train, dev, test: dev },
            { ...options, earlyStopping: { patience: 2 } },
          );
          const losses: number[] = [];
          for await (const event of run) if (event.type === "epoch") losses.push(event.dev?.loss ?? -1);
          const end = await run.result;
          const after = await classifier.evaluate(dev);
          await classifier.dispose();
          return { losses, end, after };
        };
        return [await run(true), await run(false)] as const;
      },
      { model: MODEL, device, train, dev },
    );
    for (const { losses, end } of found) {
      assert.equal(end.reason, "early-stopping");
      assert.equal(losses.indexOf(Math.min(...losses)) + 1, end.bestEpoch);
      assert.equal(losses.length, (end.bestEpoch ?? 0) + 2);
    }
    const [best, last] = found;
    const near = (a: number | undefined, b: number | undefined) =>
      assert.ok(Math.abs((a ?? -1) - (b ?? -2)) < 1e-6, `${a} ${b}`);
    near(best.after.loss, Math.min(...best.losses));
    near(best.end.test?.loss, best.after.loss);
    near(last.after.loss, last.losses.at(-1));
    assert.ok(last.after.loss > best.after.loss + 1e-3);
  });

  test("cross-validates each fold from the loaded weights, and leaves the model as it was", async () => {
    const fold = foldsOf(rows, 3, 42);
    const second = {
      train: rows.filter((_, row) => fold[row] !== 1),
      test: rows.filter((_, row) => fold[row] === 1),
    };
    const { before, after, found, alone, folds } = await stage.page.evaluate(
      async ({ model, device, rows, second }) => {
        const options = { epochs: 2, learningRate: 1e-3, batchSize: 8, dropout: 0.1 };
        const classifier = await window.bertlet.Classifier.load(model, { device });
        const before = await classifier.classify(rows.map(({ text }) => text));
        const run = classifier.crossValidate(rows, { ...options, folds: 3 });
        const folds: number[] = [];
        for await (const event of run) if (event.type === "end") folds.push(event.fold);
        const found = await run.result;
        const after = await classifier.classify(rows.map(({ text }) => text));
        const alone = (await classifier.finetune(second, options).result).test;
        await classifier.dispose();
        return { before, after, found, alone, folds };
      },
      { model: MODEL, device, rows, second },
    );
    assert.deepEqual(folds, [1, 2, 3]);
    assert.deepEqual(after, before);
    assert.equal(found.reason, "finished");
    assert.deepEqual(found.folds[1], alone, "as a run of its own on these rows");
    const sum = found.folds.reduce((sum, { confusion }) => sum + confusion.flat().reduce((a, b) => a + b), 0);
    assert.equal(sum, rows.length, "each row is held out once");
    const accuracies = found.folds.map(({ accuracy }) => accuracy);
    const mean = accuracies.reduce((a, b) => a + b) / 3;
    assert.ok(Math.abs(found.accuracy.mean - mean) < 1e-12);
    const variance = accuracies.reduce((sum, accuracy) => sum + (accuracy - mean) ** 2, 0) / 2;
    assert.ok(Math.abs(found.accuracy.std - Math.sqrt(variance)) < 1e-12);
  });

  test("searches, and the best recipe then does in a run what it did in the search", async () => {
    const { result, before, after, losses } = await stage.page.evaluate(
      async ({ model, device, train, dev }) => {
        const classifier = await window.bertlet.Classifier.load(model, { device });
        const text = "late again";
        const before = await classifier.classify(text);
        const space = { learningRate: [1e-4, 1e-2], batchSize: [4, 8], epochs: [2, 3] } as const;
        const result = await classifier.search({ train, dev }, { space, trials: 3, dropout: 0 }).result;
        const after = await classifier.classify(text);
        const losses: number[] = [];
        const run = classifier.finetune({ train, dev }, result.best?.options);
        for await (const event of run) if (event.type === "epoch") losses.push(event.dev?.loss ?? -1);
        await classifier.dispose();
        return { result, before, after, losses };
      },
      { model: MODEL, device, train, dev },
    );
    assert.deepEqual(after, before);
    assert.deepEqual([result.reason, result.rungs, result.trials.length], ["finished", 2, 3]);
    assert.equal(result.trials.flatMap(({ runs }) => runs).length, 4);
    const last = result.best?.devLoss ?? Number.NaN;
    assert.ok(
      Math.abs((losses.at(-1) ?? -1) - last) < (device === "wasm" ? 1e-9 : 1e-3),
      `${losses} ${last}`,
    );
  });
});
