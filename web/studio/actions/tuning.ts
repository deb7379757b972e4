/**
 * Takes the recipe and the data's parts; searches for a better recipe on dev, or cross-validates this one, and
 * sets `state.tuning`. It loads a classifier of its own and disposes of it, so that the one in hand keeps its
 * weights.
 */

import type { Classifier, CrossValidationRun, SearchRun } from "../../src/index.ts";
import { SEARCH } from "../../src/shared/defaults.ts";
import type { Parts } from "../data/parts.ts";
import { isAbort, PageError, toFailure } from "../i18n/messages.ts";
import { optionsOf, type Recipe } from "../state/recipe.ts";
import type { Store } from "../state/store.ts";
import { loadForTraining, trainingOptions, untilReplaced } from "./model.ts";

/** The search space spans the recipe's learning rate divided and multiplied by this. */
const RATES = 5;

let loading: AbortController | undefined;
let run: SearchRun | CrossValidationRun | undefined;

export async function startTuning(store: Store, kind: "search" | "folds"): Promise<void> {
  if (store.state.tuning.phase === "working") return;
  store.patch("tuning", {
    phase: "working",
    kind,
    parts: store.state.data.parts,
    source: store.state.model.source,
    results: [],
    best: undefined,
    scores: [],
    spread: undefined,
    error: undefined,
  });
  loading = new AbortController();
  const replaced = untilReplaced();
  replaced.addEventListener("abort", stopTuning, { once: true });
  let own: Classifier | undefined;
  try {
    const { parts } = store.state.data;
    const { source } = store.state.model;
    if (!parts) throw new PageError("no-data", (t) => t.train.needsData);
    if (source === undefined) throw new PageError("no-model", (t) => t.load.none);
    own = await loadForTraining(source, { ...trainingOptions(store, parts), signal: loading.signal });
    await (kind === "search" ? search(store, own, parts) : crossValidate(store, own, parts));
    store.patch("tuning", { phase: "done" });
  } catch (error) {
    if (isAbort(error)) store.patch("tuning", { phase: "idle" });
    else store.patch("tuning", { phase: "failed", error: toFailure(error) });
  } finally {
    run = undefined;
    replaced.removeEventListener("abort", stopTuning);
    await own?.dispose();
  }
}

export function stopTuning(): void {
  loading?.abort();
  run?.stop();
}

/** Takes over the best recipe of a search. */
export function applyBestTrial(store: Store): void {
  const { best } = store.state.tuning;
  if (best === undefined) return;
  const { learningRate, batchSize, epochs } = best.options as Recipe;
  store.patch("recipe", { learningRate: Number(learningRate.toPrecision(2)), batchSize, epochs });
}

async function search(store: Store, classifier: Classifier, { train, dev, ...rest }: Parts): Promise<void> {
  const { recipe, tuning } = store.state;
  const { learningRate, batchSize, epochs } = recipe;
  const started = classifier.search(
    { train, dev },
    {
      ...optionsOf(recipe, { train, dev, ...rest }),
      space: {
        learningRate: [learningRate / RATES, Math.min(1, learningRate * RATES)],
        batchSize: [...new Set([batchSize, ...(SEARCH.space.batchSize ?? [])])],
        epochs: [...new Set([epochs, Math.ceil(epochs / 2)])],
      },
      trials: tuning.trials,
      ...(tuning.minutes > 0 ? { budget: { minutes: tuning.minutes } } : {}),
    },
  );
  run = started;
  for await (const event of started) {
    if (event.type === "trial") {
      const { results } = store.state.tuning;
      const others = results.filter(({ trial }) => trial !== event.trial);
      store.patch("tuning", { results: [...others, event].sort((a, b) => a.trial - b.trial) });
    } else if (event.type === "result") store.patch("tuning", { best: event.best });
  }
}

async function crossValidate(store: Store, classifier: Classifier, parts: Parts): Promise<void> {
  // A fold has no dev rows for early stopping. Test is left for the model that is kept.
  const { earlyStopping: _, ...options } = optionsOf(store.state.recipe, parts);
  const started = classifier.crossValidate([...parts.train, ...parts.dev], {
    ...options,
    folds: store.state.tuning.folds,
  });
  run = started;
  for await (const event of started) {
    if (event.type === "end" && event.test)
      store.patch("tuning", { scores: [...store.state.tuning.scores, event.test.microF1] });
    else if (event.type === "result" && event.folds.length > 0)
      store.patch("tuning", { spread: event.microF1 });
  }
}
