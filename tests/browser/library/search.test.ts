// Searches and reports on the CPU in Chromium: methods beside each other, a resumed search, intervals, and
// the data report with a real tokenizer.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SearchResult, SearchState } from "../../../web/bertlet.d.ts";
import { suite } from "../../support/browser.ts";
import { trainingRows } from "../../support/checkpoints.ts";

const MODEL = "data/checkpoints/sequence_classification_f32/";
const { labels, rows } = trainingRows();
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
