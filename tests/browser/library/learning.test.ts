// What a model learns from people in Chromium: corrections on top of what it knows, texts worth a label, scores that tell
// the truth, and texts unlike any example.

import assert from "node:assert/strict";
import { test } from "node:test";
import { suite } from "../../support/browser.ts";
import { trainingRows } from "../../support/checkpoints.ts";

const MODEL = "data/checkpoints/sequence_classification_f32/";
const { labels, rows } = trainingRows();

/** Every fourth is wrong, so that no model is right on all of them. */
const doubtful = rows.map((row, index) =>
  index % 4 === 0 ? { ...row, label: labels.find((label) => label !== row.label) as string } : row,
);

suite("learning", (stage, device) => {
  test("corrections are learned, and what was known is trained along and measured", async () => {
    const found = await stage.page.evaluate(
      async ({ model, device, rows }) => {
        const { Classifier } = window.bertlet;
        const classifier = await Classifier.load(model, { device });
        const [old, fresh] = [rows.filter((_, at) => at % 2 === 0), rows.filter((_, at) => at % 2 > 0)];
        const auto = { recipe: "auto", minutes: 1e-6 } as const;
        const chosen = await classifier.plan({ train: old }, auto);
        const events = [];
        for await (const event of classifier.finetune({ train: old }, auto)) events.push(event);
        const known = (await classifier.evaluate(old)).loss;
        const { learned, replayed, reason } = await classifier.learn(fresh, { replay: old }).result;
        const after = {
          old: (await classifier.evaluate(old)).loss,
          fresh: (await classifier.evaluate(fresh)).loss,
        };
        await classifier.dispose();
        return { chosen, start: events[0], known, learned, replayed, reason, after };
      },
      { model: MODEL, device, rows },
    );
    assert.equal(found.reason, "finished");
    assert.ok(found.start?.type === "start");
    assert.deepEqual(found.start.recipe, found.chosen.recipe);
    assert.deepEqual(found.chosen.recipe?.options, { method: "head" });
    assert.equal(found.chosen.recipe?.reason, "no-time");
    assert.equal(found.replayed?.before.loss, found.known);
    assert.deepEqual(
      [found.replayed?.after.loss, found.learned?.after.loss],
      [found.after.old, found.after.fresh],
    );
    assert.ok((found.learned?.after.loss ?? 9) < (found.learned?.before.loss ?? 0));
  });

  test("the head is trained first, then everything", async () => {
    const { before, head, both } = await stage.page.evaluate(
      async ({ model, device, rows }) => {
        const { Classifier } = window.bertlet;
        const lossAfter = async (...runs: import("../../../web/bertlet.d.ts").FinetuneOptions[]) => {
          const classifier = await Classifier.load(model, { device });
          for (const options of runs) await classifier.finetune({ train: rows }, options).result;
          const { loss } = await classifier.evaluate(rows);
          await classifier.dispose();
          return loss;
        };
        const full = { epochs: 1, learningRate: 1e-3, dropout: 0 };
        return {
          before: await lossAfter(),
          head: await lossAfter({ method: "head" }, full),
          both: await lossAfter({ ...full, headFirst: true }),
        };
      },
      { model: MODEL, device, rows },
    );
    assert.ok(Math.abs(head - both) < 1e-5, `${head} as two runs, ${both} as one`);
    assert.ok(both < before);
  });

  test("scores are scaled, decisions stay, and a saved folder has it", async () => {
    const found = await stage.page.evaluate(
      async ({ model, device, rows, doubtful }) => {
        const { Classifier } = window.bertlet;
        const classifier = await Classifier.load(model, { device });
        await classifier.finetune({ train: rows }, { method: "head", epochs: 60 }).result;
        const texts = rows.map(({ text }) => text);
        const before = await classifier.classify(texts);
        const receipt = await classifier.calibrate(doubtful, { bins: 5 });
        const after = await classifier.classify(texts);
        const { loss } = await classifier.evaluate(doubtful);
        const again = await classifier.calibrate(doubtful);
        const files = await classifier.save();
        const saved = await Classifier.load(
          {
            config: files["config.json"],
            tokenizer: files["tokenizer.json"],
            tokenizerConfig: files["tokenizer_config.json"],
            weights: files["model.safetensors"],
          },
          { device },
        );
        const opened = await saved.classify(texts);
        for (const each of [classifier, saved]) await each.dispose();
        return { before, receipt, after, loss, again: again.temperature, opened };
      },
      { model: MODEL, device, rows, doubtful },
    );
    const { before, after, opened, receipt } = found;
    assert.deepEqual(
      after.map(({ label }) => label),
      before.map(({ label }) => label),
    );
    assert.ok(Math.abs(found.loss - receipt.after.loss) < 1e-5 && receipt.after.loss < receipt.before.loss);
    assert.ok(Math.abs(found.again - 1) < 1e-3, `${found.again}`);
    assert.equal(receipt.after.bins.length, 5);
    for (const [row, { scores }] of before.entries()) {
      const scaled = scores.map(({ score }) => score ** (1 / receipt.temperature));
      const total = scaled.reduce((sum, each) => sum + each, 0);
      assert.ok(Math.abs((scaled[0] as number) / total - (after[row]?.score ?? 0)) < 1e-4);
      assert.ok(Math.abs((opened[row]?.score ?? 0) - (after[row]?.score ?? 1)) < 1e-6);
    }
  });

  test("texts worth a label are unsure ones; a text like no example is told", async () => {
    const found = await stage.page.evaluate(
      async ({ model, device, rows }) => {
        const { Classifier } = window.bertlet;
        const classifier = await Classifier.load(model, { device });
        const texts = rows.map(({ text }) => text);
        const margins = (await classifier.classify(texts)).map(
          ({ scores }) => (scores[0]?.score ?? 0) - (scores[1]?.score ?? 0),
        );
        const suggested = await classifier.suggest(texts, { count: 2 });
        const scope = await classifier.fitScope(texts, { share: 0.2, neighbours: 1 });
        const [like] = await classifier.classify(texts.slice(0, 1));
        const all = await classifier.classify(texts);
        await classifier.setLabels(["a", "b"]);
        const [without] = await classifier.classify(texts.slice(0, 1));
        await classifier.dispose();
        return { margins, suggested, scope, like, all, without };
      },
      { model: MODEL, device, rows },
    );
    const sorted = [...found.margins].sort((a, b) => a - b);
    assert.ok(Math.abs((found.suggested[0]?.margin ?? 1) - (sorted[0] as number)) < 1e-6);
    assert.equal(found.suggested.length, 2);
    for (const { index, margin } of found.suggested)
      assert.ok(Math.abs(margin - (found.margins[index] as number)) < 1e-6);
    // Each of these texts is an example itself.
    assert.ok((found.like?.similarity ?? 0) > 0.9999 && found.like?.unsure === false);
    assert.ok(found.scope.threshold < 0.9999);
    assert.deepEqual(Object.keys(found.without ?? {}), ["label", "score", "scores"]);
  });
});
