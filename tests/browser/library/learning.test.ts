// What a model learns from people in Chromium: corrections on top of what it knows, texts worth a label, scores that tell
// the truth, and texts unlike any example.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LabelledText, Prediction, RowProgress } from "../../../web/bertlet.d.ts";
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

  test("a new label joins the head, old answers hold, and a run without a step leaves no trace", async () => {
    const found = await stage.page.evaluate(
      async ({ model, device, rows, fresh }) => {
        const { Classifier } = window.bertlet;
        const classifier = await Classifier.load(model, { device });
        await classifier.finetune({ train: rows }, { method: "head" }).result;
        const texts = rows.map(({ text }) => text);
        const { labels } = classifier.info;
        const [before] = await classifier.classify(texts.slice(0, 1));
        const refused = await window.failure(() => classifier.learn(fresh).result);
        const abort = new AbortController();
        // The new rows are embedded, then the label is there, and they are evaluated: many, so that this takes a while.
        const many = Array.from({ length: 2_000 }, (_, row) => fresh[row % fresh.length] as LabelledText);
        let last = 0;
        const onProgress = ({ stage, loaded, total }: RowProgress) => {
          if (stage !== "infer" || total !== many.length) return;
          if (loaded < last) abort.abort();
          last = loaded;
        };
        const options = { replay: rows, addLabels: true, signal: abort.signal, onProgress };
        const aborted = await window.failure(() => classifier.learn(many, options).result);
        const untouched = [classifier.info.labels, (await classifier.classify(texts.slice(0, 1)))[0]];
        const unknown = { replay: [...rows, ...fresh], addLabels: true };
        const replayed = await window.failure(() => classifier.learn(fresh, unknown).result);
        const { accuracy } = await classifier.evaluate(rows);
        const end = await classifier.learn(fresh, { replay: rows, addLabels: true }).result;
        const files = await classifier.save();
        const added = classifier.info.labels;
        await classifier.dispose();
        const config = JSON.parse(await files["config.json"].text());
        return {
          labels,
          before,
          refused,
          aborted,
          untouched,
          replayed,
          accuracy,
          end,
          added,
          config,
        };
      },
      {
        model: MODEL,
        device,
        rows,
        fresh: ["the screen is cracked", "my screen broke", "cracked glass", "the glass of the screen"].map(
          (text) => ({ text, label: "damage" }),
        ),
      },
    );
    assert.equal(found.refused?.code, "unknown-label");
    assert.match(found.refused?.hint ?? "", /addLabels/);
    assert.equal(found.aborted?.code, "aborted");
    assert.deepEqual(found.untouched, [found.labels, found.before]);
    assert.equal(found.replayed?.code, "unknown-label", "old rows with a new label");
    assert.deepEqual(found.added, [...found.labels, "damage"]);
    assert.equal(found.config.id2label[found.labels.length], "damage");
    assert.equal(found.end.reason, "finished");
    assert.equal(found.end.replayed?.before.accuracy, found.accuracy);
    assert.ok((found.end.replayed?.after.accuracy ?? 0) >= found.accuracy - 0.1);
    // The label's mean state is its row of the head before any step.
    assert.equal(found.end.learned?.before.accuracy, 1);
  });

  test("the head is trained first, then everything", async () => {
    const { pause, before, head, both } = await stage.page.evaluate(
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
        const paused = await Classifier.load(model, { device });
        const begun = performance.now();
        let waits = false;
        const run = paused.finetune(
          { train: rows },
          {
            ...full,
            headFirst: true,
            onProgress: ({ stage }) => {
              if (stage !== "infer" || waits) return;
              waits = true;
              run.pause();
              setTimeout(() => run.resume(), 600);
            },
          },
        );
        const { milliseconds } = await run.result;
        const all = performance.now() - begun;
        await paused.dispose();
        return {
          pause: all - milliseconds,
          before: await lossAfter(),
          head: await lossAfter({ method: "head" }, full),
          both: await lossAfter({ ...full, headFirst: true }),
        };
      },
      { model: MODEL, device, rows },
    );
    assert.ok(Math.abs(head - both) < 1e-5, `${head} as two runs, ${both} as one`);
    assert.ok(both < before);
    assert.ok(pause >= 500, `${pause} ms of the pause are not the run's`);
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
        // A text that is there twice is like itself, and with a head that is new the scope is kept.
        const twice = [0, 0, 1, 1].map((at) => texts[at] as string);
        await classifier.fitScope(twice);
        const repeated = (await classifier.classify(twice)).map(({ unsure }) => unsure);
        await classifier.keep("new head");
        const opened = await Classifier.open("new head", { device });
        const kept = [classifier.info.scope, opened.info.scope];
        await Classifier.forget("new head");
        for (const each of [classifier, opened]) await each.dispose();
        return { margins, suggested, scope, like, all, without, repeated, kept };
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
    assert.deepEqual(found.repeated, [false, false, false, false]);
    assert.ok(found.kept[0]);
    assert.deepEqual(found.kept[1], found.kept[0]);
  });

  test("what tells unlike texts is saved and kept, stays with a new head, and ends with the encoder", async () => {
    const found = await stage.page.evaluate(
      async ({ model, device, rows }) => {
        const { Classifier } = window.bertlet;
        const classifier = await Classifier.load(model, { device });
        const texts = rows.map(({ text }) => text);
        const scopes = [];
        const receipt = await classifier.fitScope(texts, { share: 0.2, neighbours: 2 });
        const likeness = async (of: typeof classifier) =>
          (await of.classify(texts)).map(({ similarity, unsure }) => [similarity ?? 9, unsure]);
        const own = await likeness(classifier);
        await classifier.learn(rows).result;
        scopes.push(classifier.info.scope);
        const filesOf = async (dtype: "f32" | "int8") => {
          const files = await classifier.save({ dtype });
          return {
            config: files["config.json"],
            tokenizer: files["tokenizer.json"],
            tokenizerConfig: files["tokenizer_config.json"],
            weights: files["model.safetensors"],
          };
        };
        const files = await filesOf("f32");
        const loaded = await Classifier.load(files, { device });
        const otherwise = await Classifier.load(files, { device, pooling: "cls" });
        await classifier.keep("scope");
        const opened = await Classifier.open("scope", { device });
        const all = [await likeness(loaded), await likeness(opened)];
        scopes.push(loaded.info.scope, opened.info.scope, otherwise.info.scope);
        const run = classifier.finetune({ train: rows }, { epochs: 1 });
        let during: Prediction | undefined;
        for await (const { type } of run) {
          if (type !== "step" || during) continue;
          during = (await classifier.classify(texts.slice(0, 1)))[0];
          const { "config.json": config } = await classifier.save();
          scopes.push(JSON.parse(await config.text()).bertlet?.scope);
        }
        scopes.push(classifier.info.scope);
        const config = JSON.parse(await files.config.text());
        config.bertlet.scope.threshold = 2;
        const bad = { ...files, config: new Blob([JSON.stringify(config)]) };
        const refused = await window.failure(() => Classifier.load(bad, { device }));
        for (const each of [classifier, loaded, opened, otherwise]) await each.dispose();
        await Classifier.forget("scope");
        return { receipt, own, scopes, all, refused, during };
      },
      { model: MODEL, device, rows },
    );
    const { receipt, own } = found;
    assert.deepEqual([found.during?.score !== undefined, found.during?.similarity], [true, undefined]);
    assert.deepEqual(found.scopes, [receipt, receipt, receipt, undefined, undefined, undefined]);
    for (const likeness of found.all) {
      for (const [row, [similarity, unsure]] of likeness.entries()) {
        const [before = 0, unsureBefore] = own[row] ?? [];
        assert.ok(Math.abs(Number(similarity) - Number(before)) < 1e-5, `${row}: ${similarity}, ${before}`);
        assert.equal(unsure, unsureBefore);
      }
    }
    assert.equal(found.refused?.code, "bad-config");
  });

  test("an abort at the very end leaves the model as it was, or comes too late", async () => {
    const found = await stage.page.evaluate(
      async ({ model, device, rows, doubtful }) => {
        const classifier = await window.bertlet.Classifier.load(model, { device });
        await classifier.finetune({ train: rows }, { epochs: 2, learningRate: 1e-3 }).result;
        const texts = rows.map(({ text }) => text);
        const outcomes = [];
        for (const call of ["calibrate", "fitScope"] as const) {
          const before = JSON.stringify(await classifier.classify(texts));
          const abort = new AbortController();
          const options = {
            signal: abort.signal,
            onProgress: ({ loaded, total }: { loaded: number; total: number }) => {
              if (loaded === total) abort.abort();
            },
          };
          const error = await window.failure(
            (): Promise<unknown> =>
              call === "calibrate"
                ? classifier.calibrate(doubtful, options)
                : classifier.fitScope(texts, options),
          );
          const isSame = before === JSON.stringify(await classifier.classify(texts));
          outcomes.push({ call, error, isSame, heard: abort.signal.aborted });
        }
        await classifier.dispose();
        return outcomes;
      },
      { model: MODEL, device, rows, doubtful },
    );
    for (const { call, error, isSame, heard } of found) {
      assert.ok(heard, call);
      assert.equal(isSame, error !== undefined, `${call}: ${error?.message}`);
      if (error) assert.deepEqual([error.code, error.message], ["aborted", `${call} was aborted`]);
    }
  });
});
