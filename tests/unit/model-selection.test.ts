// Choosing well on a fake engine, in node: when a run stops early, which weights come back, what a cross-validation
// and a search ask of the engine, and what a resumed search leaves out.

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import type { FinetuneEvent, SearchOptions, SearchResult, SearchState } from "../../web/bertlet.d.ts";
import { BertletError, Classifier } from "../../web/src/index.ts";
import { methodOf } from "../../web/src/shared/methods.ts";
import { allowance, goesOn, rungsOf, stepsOn } from "../../web/src/shared/successive-halving.ts";
import { install, type Script, script } from "../support/fake-engine.ts";

let to: Script;
const file = new Uint8Array([123, 125]);
const load = () => Classifier.load({ config: file, tokenizer: file, weights: file }, { device: "wasm" });
const rows = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ text: "x".repeat(i + 1), label: i % 2 === 0 ? "a" : "b" }));
const code = (expected: string) => (error: unknown) =>
  error instanceof BertletError && error.code === expected;

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const event of events) found.push(event);
  return found;
}

beforeEach(() => {
  to = script();
  install(to);
});

describe("class weights", () => {
  test("are of the labels named, whatever an object has by nature", () => {
    const labels = ["a", "constructor", "toString", "__proto__"];
    const head = { labels, problemType: "single_label_classification" } as const;
    const weights = (classWeights: Record<string, number>) =>
      methodOf("finetune", { classWeights }, head).classWeights;
    assert.deepEqual(weights({ a: 2 }), [2, 1, 1, 1]);
    assert.deepEqual(weights(JSON.parse('{"__proto__": 3, "toString": 4}')), [1, 1, 4, 3]);
  });
});

describe("early stopping", () => {
  const data = { train: rows(4), dev: rows(2), test: rows(3) };

  test("waits `patience` epochs for a lower dev loss, then takes back the best epoch's weights", async () => {
    to.losses = [3, 2, 2, 2.5, 9];
    const classifier = await load();
    const run = classifier.finetune(data, { epochs: 9, batchSize: 4, earlyStopping: { patience: 2 } });
    const end = await run.result;
    assert.deepEqual([end.reason, end.bestEpoch, end.steps, end.test?.loss], ["early-stopping", 2, 4, 9]);
    const told = to.calls.filter((call) => /^(step|snapshot|drop|restore|end|report)/.test(call));
    assert.deepEqual(told, [
      ...["step 1", "report 2", "snapshot"],
      ...["step 2", "report 2", "drop", "snapshot"],
      ...["step 3", "report 2", "step 4", "report 2"],
      ...["end", "restore", "drop", "report 3"],
    ]);
  });

  test("does not come where the loss falls in time, or the epochs end first", async () => {
    const classifier = await load();
    for (const [losses, bestEpoch] of [
      [[3, 4, 2, 3, 1], 5],
      [[1, 2], 1],
    ] as const) {
      to.losses = [...losses];
      const options = { epochs: losses.length, batchSize: 4, earlyStopping: { patience: 2 } };
      const end = await classifier.finetune({ train: data.train, dev: data.dev }, options).result;
      assert.deepEqual([end.reason, end.bestEpoch], ["finished", bestEpoch]);
    }
  });

  test("keeps the last weights where told to, and the best without stopping", async () => {
    const classifier = await load();
    to.losses = [1, 2, 3];
    const stopping = { epochs: 5, batchSize: 4, earlyStopping: { patience: 1 }, restoreBest: false };
    const last = await classifier.finetune({ train: data.train, dev: data.dev }, stopping).result;
    assert.deepEqual([last.reason, last.bestEpoch, last.steps], ["early-stopping", 1, 2]);
    assert.ok(!to.calls.some((call) => /snapshot|restore/.test(call)));
    to.losses = [1, 2, 3];
    const keeping = { epochs: 3, batchSize: 4, restoreBest: true };
    const best = await classifier.finetune({ train: data.train, dev: data.dev }, keeping).result;
    assert.deepEqual([best.reason, best.bestEpoch, best.steps], ["finished", 1, 3]);
    assert.equal(to.calls.filter((call) => call === "restore").length, 1);
  });

  test("takes a loss that is no number for none", async () => {
    to.losses = [2, Number.NaN, 3];
    const classifier = await load();
    const options = { epochs: 9, batchSize: 4, earlyStopping: { patience: 2 } };
    const end = await classifier.finetune({ train: data.train, dev: data.dev }, options).result;
    assert.deepEqual([end.reason, end.bestEpoch], ["early-stopping", 1]);
  });

  test("a run that diverges keeps its best epoch, one that is stopped or fails its last weights", async () => {
    const options = { epochs: 50, batchSize: 4, restoreBest: true };
    const splits = { train: data.train, dev: data.dev };
    to.throws.set("step 3", { code: "diverged", message: "not finite" });
    const classifier = await load();
    const end = await classifier.finetune(splits, options).result;
    assert.deepEqual([end.reason, end.bestEpoch], ["diverged", 1]);
    assert.deepEqual(to.calls.slice(-5, -2), ["end", "restore", "drop"]);
    to.throws.clear();
    to.calls.length = 0;
    const run = classifier.finetune(splits, options);
    for await (const event of run) if (event.type === "epoch") run.stop();
    assert.equal((await run.result).reason, "stopped");
    to.throws.set("step 3", { code: "bad-row", message: "made up" });
    await assert.rejects(classifier.finetune(splits, options).result, code("bad-row"));
    assert.ok(!to.calls.includes("restore"));
    const count = (name: string) => to.calls.filter((call) => call === name).length;
    assert.ok(count("snapshot") >= 2 && count("snapshot") === count("drop"), "no weights are left lying");
  });
});

describe("a cross-validation", () => {
  test("begins each fold from the same weights, holds each row out once, and leaves the model as it was", async () => {
    const classifier = await load();
    to.losses = [1, 2, 4];
    const run = classifier.crossValidate(rows(9), { folds: 3, epochs: 1, batchSize: 2 });
    const events = await all(run);
    const found = await run.result;
    assert.deepEqual(events.at(-1), found);
    assert.deepEqual(
      found.folds.map(({ loss }) => loss),
      [1, 2, 4],
    );
    assert.ok(Math.abs(found.loss.mean - 7 / 3) < 1e-12);
    assert.ok(Math.abs(found.loss.std - Math.sqrt(((4 / 3) ** 2 + (1 / 3) ** 2 + (5 / 3) ** 2) / 2)) < 1e-12);
    assert.equal(found.reason, "finished");
    const ends = events.flatMap((event) => (event.type === "end" ? [[event.fold, event.test?.loss]] : []));
    assert.deepEqual(ends, [
      [1, 1],
      [2, 2],
      [3, 4],
    ]);
    const told = to.calls.filter((call) => /^(snapshot|begin|report|restore|drop)/.test(call));
    const fold = ["restore", "begin 3", "report 3"];
    assert.deepEqual(told, ["snapshot", ...fold, ...fold, ...fold, "restore", "drop"]);
  });

  test("that is stopped gives the folds so far, that diverges those before, that fails its failure", async () => {
    const classifier = await load();
    const run = classifier.crossValidate(rows(9), { folds: 3, epochs: 1, batchSize: 2 });
    for await (const event of run) if (event.type === "start" && event.fold === 2) run.stop();
    const stopped = await run.result;
    assert.deepEqual([stopped.reason, stopped.folds.length, stopped.loss.std], ["stopped", 1, 0]);
    assert.equal(to.calls.at(-2), "restore");
    to.throws.set("step 2", { code: "diverged", message: "not finite" });
    const diverged = await classifier.crossValidate(rows(9), { folds: 3, batchSize: 2 }).result;
    assert.deepEqual([diverged.reason, diverged.folds.length], ["diverged", 0]);
    to.throws.set("step 2", { code: "bad-row", message: "made up" });
    await assert.rejects(classifier.crossValidate(rows(9), { folds: 3 }).result, code("bad-row"));
    assert.equal(to.calls.at(-1), "drop");
    await assert.doesNotReject(
      classifier.crossValidate(rows(9), { folds: 2, epochs: 1, batchSize: 9 }).result,
    );
  });

  test("keeps other runs out while it lasts", async () => {
    const classifier = await load();
    const run = classifier.crossValidate(rows(9), { folds: 3 });
    await assert.rejects(classifier.finetune({ train: rows(4) }).result, code("busy"));
    await assert.rejects(classifier.search({ train: rows(4), dev: rows(2) }).result, code("busy"));
    await run.result;
  });
});

describe("successive halving", () => {
  test("gives a third of the trials three times the steps, up to the whole recipe", () => {
    const whole = Array<number>(9).fill(90);
    assert.equal(rungsOf(whole, Number.POSITIVE_INFINITY), 3);
    assert.deepEqual(
      [1, 2, 3].map((rung) => stepsOn(rung, 3, 90)),
      [10, 30, 90],
    );
    assert.equal(stepsOn(1, 3, 1), 1);
    assert.deepEqual(
      [1, 2, 3].map((rung) => allowance(rung, 3, 270)),
      [90, 180, 270],
    );
    const counts = [1, 2, 3, 8, 9, 26, 27].map((count) => rungsOf(Array(count).fill(10), 1e9));
    assert.deepEqual(counts, [1, 1, 2, 2, 3, 3, 4]);
  });

  test("takes fewer rungs for a smaller budget, and none where the longest recipe exceeds it", () => {
    const whole = [30, 90, ...Array<number>(7).fill(60)];
    assert.deepEqual(
      [269, 180, 90, 89].map((budget) => rungsOf(whole, budget)),
      [2, 2, 1, undefined],
    );
  });

  test("lets the lowest losses go on, of equals the earlier trial, never one that diverged", () => {
    const runs = [null, 3, 1, 2, 1, null].map((devLoss, index) => ({ trial: index + 1, devLoss }));
    assert.deepEqual(
      goesOn(runs).map(({ trial }) => trial),
      [3, 5],
    );
    assert.deepEqual(goesOn(runs.slice(0, 1)), []);
  });
});

describe("a search", () => {
  const data = { train: rows(6), dev: rows(2) };
  const space = { learningRate: [1e-5, 1e-3], batchSize: [1, 2, 3], epochs: [3] } as const;
  const options: SearchOptions = { space, trials: 9, batchSize: 2, epochs: 3, seed: 7 };
  /** Nine, then three, then one. */
  const losses = [5, 9, 3, 8, 1, 7, 6, 4, 2, 0.3, 0.2, 0.1, 0.05, ...Array<number>(50).fill(0.5)];

  async function searched(
    more: SearchOptions = {},
  ): Promise<{ result: SearchResult; states: SearchState[] }> {
    to.losses = [...losses];
    to.calls.length = 0;
    const classifier = await load();
    const states: SearchState[] = [];
    const run = classifier.search(data, { ...options, ...more });
    for await (const event of run) if (event.type === "trial") states.push(event.state);
    return { result: await run.result, states };
  }
  const begun = () => to.calls.filter((call) => call.startsWith("begin")).length;

  test("climbs from nine trials to one, each run from the weights it began with", async () => {
    const { result } = await searched();
    assert.equal(result.reason, "finished");
    assert.equal(result.rungs, 3);
    const rungs = result.trials.map(({ runs }) => runs.length);
    assert.deepEqual([rungs.filter((n) => n >= 2).length, rungs.filter((n) => n === 3).length], [3, 1]);
    assert.equal(begun(), 13);
    assert.equal(to.calls.filter((call) => call === "restore").length, 14);
    const { trial, options: best } = result.best as NonNullable<SearchResult["best"]>;
    assert.equal(rungs[trial - 1], 3);
    assert.deepEqual(best, result.trials[trial - 1]?.options);
    const runs = result.trials.flatMap(({ runs }) => runs);
    assert.equal(
      result.steps,
      runs.reduce((sum, { steps }) => sum + steps, 0),
    );
    for (const { trial, rung, steps, curve, devLoss } of runs) {
      const { batchSize = 0 } = result.trials[trial - 1]?.options ?? {};
      assert.equal(steps, stepsOn(rung, 3, 3 * Math.ceil(6 / batchSize)));
      assert.deepEqual([curve.at(-1)?.step, curve.at(-1)?.devLoss], [steps, devLoss]);
    }
  });

  test("tries the recipe given first, and draws the others by seed within the space", async () => {
    const { result } = await searched();
    const recipes = result.trials.map(({ options }) => options);
    assert.deepEqual([recipes[0]?.learningRate, recipes[0]?.batchSize], [2e-5, 2]);
    for (const { learningRate = 0, batchSize = 0, epochs, seed } of recipes.slice(1)) {
      assert.ok(learningRate >= 1e-5 && learningRate <= 1e-3, `${learningRate}`);
      assert.ok([1, 2, 3].includes(batchSize));
      assert.deepEqual([epochs, seed], [3, 7]);
    }
    assert.ok(new Set(recipes.map(({ learningRate }) => learningRate)).size > 5);
    const again = (await searched()).result.trials.map(({ options }) => options);
    assert.deepEqual(again, recipes);
    const fewer = (await searched({ trials: 4 })).result.trials.map(({ options }) => options);
    assert.deepEqual(fewer, recipes.slice(0, 4));
    const other = (await searched({ seed: 8 })).result.trials.map(({ options }) => options);
    assert.notDeepEqual(other[1]?.learningRate, recipes[1]?.learningRate);
    const fixed = (await searched({ space: { learningRate: [1e-4, 1e-4] } })).result.trials;
    for (const { options } of fixed.slice(1)) {
      assert.deepEqual([options.learningRate, options.batchSize, options.epochs], [1e-4, 2, 3]);
    }
  });

  test("never exceeds a budget of steps", async () => {
    for (const steps of [18, 20, 36, 40, 54, 60]) {
      const { result } = await searched({ budget: { steps } });
      assert.ok(result.steps <= steps, `${result.steps} of ${steps}`);
      const { trial } = result.best as NonNullable<SearchResult["best"]>;
      const last = result.trials[trial - 1]?.runs.at(-1);
      assert.equal(last?.rung, result.rungs, "the best was trained to its end");
    }
    const few = load().then(
      (classifier) => classifier.search(data, { ...options, budget: { steps: 17 } }).result,
    );
    await assert.rejects(few, (error: BertletError) => /at least 18 steps/.test(error.message));
  });

  test("spends a budget of minutes on one run a rung at least", async () => {
    const { result } = await searched({ budget: { minutes: 1e-9 } });
    const rungs = result.trials.flatMap(({ runs }) => runs.map(({ rung }) => rung));
    assert.deepEqual(rungs, [1, 2, 3]);
    assert.equal(begun(), 3);
  });

  test("resumed from any state, through JSON, repeats no finished run and ends the same", async () => {
    const timeless = ({ best, trials, steps, rungs }: SearchResult) => ({
      best,
      steps,
      rungs,
      trials: trials.map(({ runs, ...trial }) => ({
        ...trial,
        runs: runs.map((run) => ({ ...run, milliseconds: 0 })),
      })),
    });
    const { result, states } = await searched();
    assert.equal(states.length, 13);
    for (const done of [1, 5, 9, 11, 13]) {
      const resume = JSON.parse(JSON.stringify(states[done - 1]));
      to.losses = losses.slice(0);
      const skipped = states[done - 1]?.runs.reduce((sum, { curve }) => sum + curve.length, 0) ?? 0;
      to.calls.length = 0;
      to.losses = losses.slice(skipped);
      const classifier = await load();
      const reordered = Object.fromEntries(Object.entries({ ...options, resume }).reverse());
      const again = await classifier.search(data, reordered).result;
      assert.equal(begun(), 13 - done);
      assert.deepEqual(timeless(again), timeless(result));
    }
  });

  test("refuses a state of another search, and what is no state", async () => {
    const { states } = await searched({ trials: 3 });
    const state = states[1] as SearchState;
    const classifier = await load();
    const [run] = state.runs as [SearchState["runs"][0]];
    const with_ = (changes: object) => ({ ...state, runs: [{ ...run, ...changes }] });
    for (const [resume, message, more] of [
      [state, /other options: .*"seed":7/, { seed: 8 }],
      [state, /other trials: 3/, { trials: 4 }],
      [state, /other budget/, { budget: { steps: 1000 } }],
      [state, /other space/, { space: { ...space, epochs: [3, 2] } }],
      [state, /other options/, { weightDecay: 0.1 }],
      [{ ...state, version: 2 }, /version/],
      [{}, /version/],
      [[], /object/],
      [{ ...state, settings: null }, /settings/],
      [{ ...state, runs: "all" }, /runs/],
      [{ ...state, runs: Array(100).fill(run) }, /at most 6/],
      [{ ...state, runs: [run, run] }, /runs\[1\]/],
      [{ ...state, runs: [null] }, /runs\[0\]/],
      [with_({ trial: 4 }), /runs\[0\]\.trial/],
      [with_({ rung: 0 }), /runs\[0\]\.rung/],
      [with_({ steps: 1e9 }), /runs\[0\]\.steps/],
      [with_({ devLoss: "low" }), /runs\[0\]\.devLoss/],
      [with_({ milliseconds: null }), /runs\[0\]\.milliseconds/],
      [with_({ curve: Array(1000).fill({}) }), /runs\[0\]\.curve/],
      [with_({ curve: [{ step: 1 }] }), /curve\[0\]\.trainLoss/],
    ] as [unknown, RegExp, SearchOptions?][]) {
      const asked = { ...options, trials: 3, ...more, resume: resume as SearchState };
      await assert.rejects(classifier.search(data, asked).result, (error: BertletError) => {
        assert.equal(error.code, "bad-option", error.message);
        assert.match(error.message, message);
        return true;
      });
    }
    const others = { train: rows(6), dev: rows(3) };
    const asked = { ...options, trials: 3, resume: state };
    await assert.rejects(classifier.search(others, asked).result, /other rows/);
    assert.equal((await classifier.search(data, asked).result).reason, "finished");
  });

  test("ranks a trial that diverges last, and has no best where all do", async () => {
    to.throws.set("step 1", { code: "diverged", message: "not finite" });
    const { result } = await searched({ trials: 3 });
    assert.deepEqual([result.reason, result.best, result.steps], ["finished", undefined, 0]);
    assert.deepEqual(
      result.trials.map(({ runs }) => runs.map(({ devLoss }) => devLoss)),
      [[null], [null], [null]],
    );
  });

  test("that is stopped gives the best so far, that is aborted its failure; the weights come back", async () => {
    to.losses = [...losses];
    const classifier = await load();
    const run = classifier.search(data, options);
    for await (const event of run) if (event.type === "trial" && event.trial === 5) run.stop();
    const result = await run.result;
    assert.equal(result.reason, "stopped");
    assert.ok(result.state.runs.length >= 5 && result.state.runs.length < 13);
    assert.equal(to.calls.at(-2), "restore");
    const abort = new AbortController();
    const aborted = classifier.search(data, { ...options, signal: abort.signal });
    await aborted[Symbol.asyncIterator]().next();
    abort.abort();
    await assert.rejects(aborted.result, code("aborted"));
    assert.deepEqual(to.calls.slice(-2), ["restore", "drop"]);
  });

  test("tells each event's trial and rung, the last its result", async () => {
    to.losses = [...losses];
    const classifier = await load();
    const run = classifier.search(data, options);
    const events = await all(run);
    assert.deepEqual(events.at(-1), await run.result);
    for (const event of events.slice(0, -1)) {
      const { trial, rung } = event as FinetuneEvent & { trial: number; rung: number };
      assert.ok(trial >= 1 && trial <= 9 && rung >= 1 && rung <= 3, JSON.stringify(event));
    }
    assert.equal(events.filter(({ type }) => type === "start").length, 13);
  });

  test("with early stopping counts the best epoch's loss", async () => {
    to.losses = [2, 3, 1, ...Array<number>(9).fill(4)];
    const classifier = await load();
    const one = { trials: 1, batchSize: 2, epochs: 9, earlyStopping: { patience: 1 } };
    const { best, trials, steps } = await classifier.search(data, one).result;
    assert.deepEqual([best?.devLoss, steps, trials[0]?.runs[0]?.curve.length], [2, 6, 2]);
    assert.deepEqual(best?.options.earlyStopping, { patience: 1 });
  });
});
