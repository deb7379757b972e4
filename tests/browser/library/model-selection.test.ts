// Model selection in Chromium: early stopping restores the best epoch; cross-validation and search leave the
// model as it was; every score has an interval; the data report works with a real tokenizer.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LabelledText, SearchResult, SearchState } from "../../../web/bertlet.d.ts";
import { foldsOf } from "../../../web/src/page/split.ts";
import { suite } from "../../support/browser.ts";
import { readJson } from "../../support/checkpoints.ts";

const MODEL = "data/checkpoints/sequence_classification_f32/";
const labels = Object.values(
  readJson<{ id2label: Record<string, string> }>("checkpoints/sequence_classification_f32/config.json")
    .id2label,
);
const rows: LabelledText[] = readJson<{ rows: { text: string; label: number }[] }>(
  "training/rows.json",
).rows.map(({ text, label }) => ({ text, label: labels[label] as string }));
/** Every third row, and the rest. */
const dev = rows.filter((_, row) => row % 3 === 0);
const train = rows.filter((_, row) => row % 3 !== 0);

/** A search's result without its times. */
function timeless({ best, trials, steps, rungs, reason }: SearchResult) {
  const runs = trials.map(({ runs, ...rest }) => ({
    ...rest,
    runs: runs.map((run) => ({ ...run, milliseconds: 0 })),
  }));
  return { best, steps, rungs, reason, trials: runs };
}

suite.each("choosing", (stage, device) => {
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

suite("choosing among methods", (stage) => {
  test("restores the best epoch of an adapter, with which it is saved and switched on", async () => {
    const { end, losses, on, off, again, info } = await stage.page.evaluate(
      async ({ model, train, dev }) => {
        const classifier = await window.bertlet.Classifier.load(model, { device: "wasm" });
        const off = (await classifier.evaluate(dev)).loss;
        const options = {
          method: "lora",
          epochs: 30,
          learningRate: 0.1,
          earlyStopping: { patience: 2 },
        } as const;
        const run = classifier.finetune({ train, dev }, options);
        const losses: number[] = [];
        for await (const event of run) if (event.type === "epoch") losses.push(event.dev?.loss ?? -1);
        const end = await run.result;
        const on = (await classifier.evaluate(dev)).loss;
        const saved = await classifier.saveAdapter();
        await classifier.useAdapter(null);
        const between = (await classifier.evaluate(dev)).loss;
        await classifier.addAdapter("read", {
          config: saved["adapter_config.json"],
          weights: saved["adapter_model.safetensors"],
        });
        const again = [between];
        for (const name of ["default", "read"]) {
          await classifier.useAdapter(name);
          again.push((await classifier.evaluate(dev)).loss);
        }
        const { adapters, activeAdapter } = classifier.info;
        await classifier.dispose();
        return { end, losses, on, off, again, info: { adapters, activeAdapter } };
      },
      { model: MODEL, train, dev },
    );
    assert.equal(end.reason, "early-stopping");
    const best = losses[(end.bestEpoch ?? 0) - 1] ?? -1;
    assert.equal(best, Math.min(...losses));
    assert.ok(Math.abs(on - best) < 1e-6, `${on} ${losses}`);
    for (const [index, expected] of [off, best, best].entries()) {
      assert.ok(Math.abs((again[index] ?? -1) - expected) < 1e-6, `${again} ${off} ${best}`);
    }
    assert.deepEqual(info, { adapters: ["default", "read"], activeAdapter: "read" });
  });

  test("tries methods beside each other, and leaves no adapter on", async () => {
    const { result, folds, infos, same } = await stage.page.evaluate(
      async ({ model, rows, train, dev }) => {
        const classifier = await window.bertlet.Classifier.load(model, { device: "wasm", maxLength: 40 });
        const before = await classifier.classify("late");
        const space = {
          method: ["full", "lora", "bitfit", "adapter", "prompt", "head"],
          learningRate: [1e-3, 1e-2],
        } as const;
        const given = { epochs: 2, accumulate: 2, batchSize: 2 };
        const result = await classifier.search({ train, dev }, { ...given, space, trials: 6 }).result;
        const infos = [
          classifier.info.activeAdapter,
          classifier.info.adapterSize,
          ...classifier.info.adapters,
        ];
        const folds = await classifier.crossValidate(rows, {
          ...given,
          method: "prefix",
          virtualTokens: 2,
          folds: 2,
        }).result;
        infos.push(classifier.info.activeAdapter, ...classifier.info.adapters);
        const after = await classifier.classify("late");
        await classifier.dispose();
        return { result, folds, infos, same: JSON.stringify(before) === JSON.stringify(after) };
      },
      { model: MODEL, rows, train, dev },
    );
    assert.ok(same, "the model is as it was");
    assert.deepEqual(
      infos.filter((one) => one !== undefined),
      [],
    );
    assert.equal(folds.reason, "finished");
    const methods = new Set(result.trials.map(({ options }) => options.method));
    assert.ok(methods.size > 2, `${[...methods]}`);
    for (const { runs } of result.trials) {
      assert.equal(runs[0]?.steps, Math.ceil((2 * Math.ceil(train.length / 4)) / 3));
    }
  });
});

suite("a search", (stage) => {
  const options = {
    space: { learningRate: [1e-4, 1e-2], batchSize: [4, 8, 16], epochs: [1, 2] },
    trials: 9,
    seed: 3,
    dropout: 0.1,
    // A rung has 3 steps at least, so that this pays for two rungs.
    budget: { steps: 55 },
  } as const;

  test("is the same for the same seed, and cut off anywhere goes on to the same end", async () => {
    const { first, second, resumed, begun, other } = await stage.page.evaluate(
      async ({ model, train, dev, options }) => {
        const { Classifier } = window.bertlet;
        const searched = async (seed: number) => {
          const classifier = await Classifier.load(model, { device: "wasm" });
          const result = await classifier.search({ train, dev }, { ...options, seed }).result;
          await classifier.dispose();
          return result;
        };
        // The worker is killed in the middle of a run; the state's JSON is all that is left.
        const classifier = await Classifier.load(model, { device: "wasm" });
        let kept = "";
        let trials = 0;
        const run = classifier.search({ train, dev }, options);
        try {
          for await (const event of run) {
            if (event.type !== "trial") continue;
            trials += 1;
            kept = JSON.stringify(event.state);
            if (trials === 5) await classifier.dispose();
          }
        } catch {} // disposed
        const again = await Classifier.load(model, { device: "wasm" });
        const resume = JSON.parse(kept) as SearchState;
        const rest = again.search({ train, dev }, { ...options, resume });
        let begun = 0;
        for await (const event of rest) if (event.type === "start") begun += 1;
        const resumed = await rest.result;
        await again.dispose();
        return {
          first: await searched(3),
          second: await searched(3),
          other: await searched(4),
          resumed,
          begun: begun + resume.runs.length,
        };
      },
      { model: MODEL, train, dev, options },
    );
    assert.deepEqual(timeless(second), timeless(first));
    assert.deepEqual(timeless(resumed), timeless(first));
    assert.equal(begun, first.state.runs.length, "no finished run was repeated");
    assert.notDeepEqual(timeless(other), timeless(first));
    assert.ok(first.steps <= 55 && first.state.runs.length > 5, `${first.steps}`);
  });
});

suite("a report", (stage) => {
  test("has intervals around its scores, the same each time, wider for fewer rows", async () => {
    const [all, again, few] = await stage.page.evaluate(
      async ({ model, rows }) => {
        const classifier = await window.bertlet.Classifier.load(model, { device: "wasm" });
        const few = rows.slice(0, 8);
        const many = Array.from({ length: 10 }, () => rows).flat();
        const reports = [
          await classifier.evaluate(many),
          await classifier.evaluate(many),
          await classifier.evaluate(few),
        ];
        await classifier.dispose();
        return reports as [(typeof reports)[0], (typeof reports)[0], (typeof reports)[0]];
      },
      { model: MODEL, rows },
    );
    assert.deepEqual(again, all);
    for (const report of [all, few]) {
      for (const name of ["accuracy", "macroF1", "loss"] as const) {
        const [low, high] = report.intervals[name];
        assert.ok(low <= report[name] && report[name] <= high, `${name}: ${low} ${report[name]} ${high}`);
      }
    }
    const width = ([low, high]: [number, number]) => high - low;
    assert.ok(width(few.intervals.loss) > width(all.intervals.loss) && width(all.intervals.loss) > 0);
  });

  test("on the data finds what the tokenizer knows: rows too long, and another language", async () => {
    const texts = ["the order was late", "my bill and my card", "great service and good work"];
    const clean = Array.from({ length: 27 }, (_, row) => ({
      text: `${texts[row % 3]} ${"abcdefghi"[Math.floor(row / 3)]}`,
      label: labels[row % 3] as string,
    }));
    const found = await stage.page.evaluate(
      async ({ model, clean }) => {
        const classifier = await window.bertlet.Classifier.load(model, { device: "wasm", maxLength: 16 });
        const label = clean[0]?.label as string;
        const reports = [
          await classifier.inspect({ train: clean }),
          await classifier.inspect({ train: [...clean, { text: "late ".repeat(30), label }] }),
          await classifier.inspect({ train: [...clean, { text: "ωραία δουλειά ευχαριστώ πολύ", label }] }),
        ];
        await classifier.dispose();
        return reports;
      },
      { model: MODEL, clean },
    );
    const [none, long, foreign] = found.map(({ findings }) => findings);
    assert.deepEqual(none, []);
    assert.deepEqual(
      long?.map(({ code, count, examples }) => [code, count, examples]),
      [["too-long", 1, [{ split: "train", row: 27 }]]],
    );
    assert.deepEqual(
      foreign?.map(({ code, count, examples }) => [code, count, examples]),
      [["unknown-tokens", 1, [{ split: "train", row: 27 }]]],
    );
    assert.equal(found[2]?.unknownTokens, 4);
    assert.ok(Math.abs((foreign?.[0]?.share ?? 0) - 4 / (found[2]?.tokens ?? 1)) < 1e-12);
  });
});
