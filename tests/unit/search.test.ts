// A search on a fake engine: its rungs, its budget, what it asks of the engine, and what a resumed one leaves
// out.

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import type { FinetuneEvent, SearchOptions, SearchResult, SearchState } from "../../web/bertlet.d.ts";
import type { BertletError } from "../../web/src/index.ts";
import { budgetUpTo, promoted, rungCount, stepsOnRung } from "../../web/src/shared/successive-halving.ts";
import { alternatingRows, eventsOf, hasCode, loadFake } from "../support/fake-classifier.ts";
import { install, type Script, script } from "../support/fake-engine.ts";

let to: Script;

beforeEach(() => {
  to = script();
  install(to);
});

describe("successive halving", () => {
  test("gives a third of the trials three times the steps, up to the whole recipe", () => {
    const whole = Array<number>(9).fill(90);
    assert.equal(rungCount(whole, Number.POSITIVE_INFINITY), 3);
    assert.deepEqual(
      [1, 2, 3].map((rung) => stepsOnRung(rung, 3, 90)),
      [10, 30, 90],
    );
    assert.equal(stepsOnRung(1, 3, 1), 1);
    assert.deepEqual(
      [1, 2, 3].map((rung) => budgetUpTo(rung, 3, 270)),
      [90, 180, 270],
    );
    const counts = [1, 2, 3, 8, 9, 26, 27].map((count) => rungCount(Array(count).fill(10), 1e9));
    assert.deepEqual(counts, [1, 1, 2, 2, 3, 3, 4]);
  });

  test("takes fewer rungs for a smaller budget, and none where the longest recipe exceeds it", () => {
    const whole = [30, 90, ...Array<number>(7).fill(60)];
    assert.deepEqual(
      [269, 180, 90, 89].map((budget) => rungCount(whole, budget)),
      [2, 2, 1, undefined],
    );
  });

  test("lets the lowest losses go on, of equals the earlier trial, never one that diverged", () => {
    const runs = [null, 3, 1, 2, 1, null].map((devLoss, index) => ({ trial: index + 1, devLoss }));
    assert.deepEqual(
      promoted(runs).map(({ trial }) => trial),
      [3, 5],
    );
    assert.deepEqual(promoted(runs.slice(0, 1)), []);
  });
});

describe("a search", () => {
  const data = { train: alternatingRows(6), dev: alternatingRows(2) };
  const space = { learningRate: [1e-5, 1e-3], batchSize: [1, 2, 3], epochs: [3] } as const;
  const options: SearchOptions = { space, trials: 9, batchSize: 2, epochs: 3, seed: 7 };
  /** Nine, then three, then one. */
  const losses = [5, 9, 3, 8, 1, 7, 6, 4, 2, 0.3, 0.2, 0.1, 0.05, ...Array<number>(50).fill(0.5)];

  async function searched(
    more: SearchOptions = {},
  ): Promise<{ result: SearchResult; states: SearchState[] }> {
    to.losses = [...losses];
    to.calls.length = 0;
    const classifier = await loadFake();
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
      assert.equal(steps, stepsOnRung(rung, 3, 3 * Math.ceil(6 / batchSize)));
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
    const few = loadFake().then(
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
      const classifier = await loadFake();
      const reordered = Object.fromEntries(Object.entries({ ...options, resume }).reverse());
      const again = await classifier.search(data, reordered).result;
      assert.equal(begun(), 13 - done);
      assert.deepEqual(timeless(again), timeless(result));
    }
  });

  test("refuses a state of another search, and what is no state", async () => {
    const { states } = await searched({ trials: 3 });
    const state = states[1] as SearchState;
    const classifier = await loadFake();
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
    const others = { train: alternatingRows(6), dev: alternatingRows(3) };
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
    const classifier = await loadFake();
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
    await assert.rejects(aborted.result, hasCode("aborted"));
    assert.deepEqual(to.calls.slice(-2), ["restore", "drop"]);
  });

  test("tells each event's trial and rung, the last its result", async () => {
    to.losses = [...losses];
    const classifier = await loadFake();
    const run = classifier.search(data, options);
    const events = await eventsOf(run);
    assert.deepEqual(events.at(-1), await run.result);
    for (const event of events.slice(0, -1)) {
      const { trial, rung } = event as FinetuneEvent & { trial: number; rung: number };
      assert.ok(trial >= 1 && trial <= 9 && rung >= 1 && rung <= 3, JSON.stringify(event));
    }
    assert.equal(events.filter(({ type }) => type === "start").length, 13);
  });

  test("with early stopping counts the best epoch's loss", async () => {
    to.losses = [2, 3, 1, ...Array<number>(9).fill(4)];
    const classifier = await loadFake();
    const one = { trials: 1, batchSize: 2, epochs: 9, earlyStopping: { patience: 1 } };
    const { best, trials, steps } = await classifier.search(data, one).result;
    assert.deepEqual([best?.devLoss, steps, trials[0]?.runs[0]?.curve.length], [2, 6, 2]);
    assert.deepEqual(best?.options.earlyStopping, { patience: 1 });
  });
});
