/**
 * Takes the recipe and the data's parts; drives one run and sets `state.training` from its events. The run itself
 * is in the worker: this file only listens, so the page never waits.
 */
import type {
  ChosenRecipe,
  Classifier,
  FinetuneEvent,
  FinetuneOptions,
  FinetuneRun,
  LabelledText,
  LearnRun,
  Report,
} from "../../src/index.ts";
import { FINETUNE, HEAD } from "../../src/shared/defaults.ts";
import { newRows, rowKey, withoutLearned } from "../data/edits.ts";
import { dataOf, labelsOf, textOf } from "../data/parts.ts";
import { isAbort, PageError, toFailure } from "../i18n/messages.ts";
import { emptyEvaluation } from "../state/evaluation.ts";
import { defaultRecipe, optionsOf, type Recipe, withMethod } from "../state/recipe.ts";
import { canLearn, isPretraining, isTraining } from "../state/selectors.ts";
import type { State } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import { idleTraining, type TrainingState } from "../state/training.ts";
import { emptyKeep, withoutAnswers } from "../state/use.ts";
import { keepTrained } from "./adapters.ts";
import { stopFile } from "./classify.ts";
import { evaluate, stopEvaluating } from "./evaluate.ts";
import { forgetJournal, journalOf, resumeRun } from "./journals.ts";
import {
  adoptModel,
  classifierInHand,
  holdModel,
  openModel,
  reloadForTraining,
  untilReplaced,
} from "./model.ts";
import { keepSoon } from "./project-keeper.ts";
import { addRun, takeBack } from "./runs.ts";
import { StepTime } from "./step-time.ts";

/** What a run by the automatic recipe may take. */
const AUTO_MINUTES = 10;

let run: FinetuneRun | LearnRun | undefined;
let stopRequested = false;
/** Whether the run ends with the best epoch's weights. */
let restores = false;

/** `auto`: the library chooses the method and its settings by the rows and the time at hand, not the form of step 3. */
export async function startTraining(store: Store, { auto = false } = {}): Promise<void> {
  if (isTraining(store.state) || isPretraining(store.state) || store.state.model.phase !== "ready") return;
  stopRequested = false;
  const { parts } = store.state.data;
  const { recipe, project, model } = store.state;
  const former = knownOf(store.state);
  store.set({
    project: { ...project, run: undefined },
    training: { ...idleTraining, phase: "preparing", recipe, parts, stepNumbers: [], losses: [] },
    evaluation: emptyEvaluation,
    use: { ...withoutAnswers(store.state.use), pairs: parts?.pairs === true },
    keep: { ...emptyKeep, dtype: store.state.keep.dtype },
  });
  const journal = journalOf(store.state);
  // Its journal is the place of the one that was interrupted.
  if (journal !== undefined) store.patch("project", { unfinished: undefined });
  const learned = await drive(store, recipe, journal, async () => {
    if (!parts) throw new PageError("no-data", (t) => t.train.needsData);
    const options: FinetuneOptions = auto
      ? { recipe: "auto", minutes: AUTO_MINUTES, seed: recipe.seed }
      : optionsOf(recipe, parts);
    // What the automatic recipe does is told with its start.
    restores = options.earlyStopping !== undefined;
    const classifier = await reloadForTraining(store, parts);
    const keeping = journal === undefined ? {} : { journal };
    return { classifier, run: classifier.finetune(dataOf(parts), { ...options, ...keeping }) };
  });
  if (learned) return;
  // The earlier model comes back, in place of one whose head has hardly learned.
  store.set({ training: idleTraining });
  store.patch("model", { usable: false });
  if (project.run !== undefined) {
    await takeBack(store, project.run);
    store.set({ recipe });
    if (store.state.project.run === project.run) putBack(store, former);
  } else if (model.ownLabels !== undefined && model.source !== undefined)
    await openModel(store, model.source, model.name);
}

type Known = Pick<State, "training" | "evaluation">;

function knownOf({ training, evaluation }: State): Known {
  return { training, evaluation };
}

/** What was known of the model in hand holds again. What was not known to its end is found anew. */
function putBack(store: Store, { training, evaluation }: Known): void {
  stopEvaluating();
  const { report, done, total, slips, calibration, handled } = evaluation;
  const isWhole = done === total && slips?.phase !== "working" && calibration?.phase !== "working";
  store.set({ training, evaluation: isWhole ? evaluation : { ...emptyEvaluation, handled } });
  if (!isWhole) void evaluate(store, report, report === undefined);
}

/** The model in hand learns what was corrected or confirmed since its run, together with the rows that it knows. */
export async function learnCorrections(store: Store): Promise<void> {
  const { data, training, model } = store.state;
  const { parts } = data;
  if (isTraining(store.state) || isPretraining(store.state) || model.phase !== "ready" || !parts) return;
  const rows = newRows(training.parts?.train ?? [], parts.train);
  // The library refuses both, and what is measured would be gone by then.
  if (rows.length === 0 || !canLearn(store.state)) return;
  // Rows of a label that the model lacks are all new.
  const labels = new Set(model.info?.labels);
  const fresh = new Set(rows);
  const known = parts.train.filter(
    (row) => !fresh.has(row) && labelsOf(row).every((label) => labels.has(label)),
  );
  // What was learned once is known, also where the rows were split anew.
  const now = new Set(parts.train.map(rowKey));
  const former = (training.parts?.train ?? []).filter((row) => !now.has(rowKey(row)));
  const train = former.length === 0 ? parts.train : [...parts.train, ...former];
  const learned = { ...withoutLearned(parts, train, training.parts), train };
  const recipe: Recipe = { ...ofLibrary(store.state.recipe, "head"), ...HEAD };
  // They would go on with a model that changes under them.
  const { run } = store.state.project;
  const before = knownOf(store.state);
  stopEvaluating();
  stopFile();
  stopRequested = false;
  restores = false;
  store.set({
    project: { ...store.state.project, run: undefined },
    training: { ...idleTraining, phase: "preparing", recipe, parts: learned, stepNumbers: [], losses: [] },
    evaluation: emptyEvaluation,
    use: withoutAnswers(store.state.use),
    keep: { ...emptyKeep, dtype: store.state.keep.dtype },
  });
  let learning: LearnRun | undefined;
  const learnedSome = await drive(store, recipe, undefined, async () => {
    const classifier = classifierInHand();
    learning = classifier.learn(rows, {
      ...(known.length > 0 && { replay: known }),
      addLabels: true,
      seed: recipe.seed,
    });
    return { classifier, run: learning };
  });
  if (!learnedSome) {
    store.patch("project", { run });
    putBack(store, before);
    return;
  }
  const end = await learning?.result.catch(() => undefined);
  if (end?.replayed && store.state.training.phase === "done")
    store.patch("evaluation", {
      learned: {
        rows: rows.length,
        before: end.replayed.before.accuracy,
        after: end.replayed.after.accuracy,
      },
    });
}

/** Goes on with a run that was interrupted, in the project that was just opened. */
export async function goOnTraining(store: Store, journal: string): Promise<void> {
  const { data, recipe: chosen, project, model } = store.state;
  const { recipe = chosen, curves } = project.unfinished ?? {};
  stopRequested = false;
  store.set({
    recipe,
    training: {
      ...idleTraining,
      stepNumbers: [],
      losses: [],
      steps: project.interrupted.find((each) => each.journal === journal)?.steps ?? 0,
      ...curves,
      phase: "preparing",
      recipe,
      parts: data.parts,
    },
    evaluation: emptyEvaluation,
    use: { ...withoutAnswers(store.state.use), pairs: data.parts?.pairs === true },
    keep: { ...emptyKeep, dtype: store.state.keep.dtype },
  });
  const learned = await drive(store, recipe, journal, async () => {
    restores = recipe.patience > 0;
    let found: FinetuneRun | undefined;
    const classifier = await adoptModel(store, model, async (signal) => {
      const resumed = await resumeRun(store, journal, signal);
      found = resumed.run;
      return resumed.classifier;
    });
    if (found === undefined) throw new PageError("no-model", (t) => t.load.none);
    return { classifier, run: found };
  });
  if (learned) return;
  store.set({ training: idleTraining });
  store.patch("model", { usable: false });
}

/** Follows a run to its end, keeps its model, and evaluates it. False where it was stopped before its first step. */
async function drive(
  store: Store,
  recipe: Recipe,
  journal: string | undefined,
  start: () => Promise<{ classifier: Classifier; run: FinetuneRun | LearnRun }>,
): Promise<boolean> {
  let release: (() => void) | undefined;
  let tested: Report | undefined;
  let ended: State | undefined;
  // `start` puts its model in the place of the one before, at once.
  const starting = start();
  const replaced = untilReplaced();
  try {
    const { classifier, run: begun } = await starting;
    run = begun;
    // The loop below throws the same failure; without this it would also be reported as unhandled.
    begun.result.catch(() => undefined);
    if (stopRequested) begun.stop();
    for await (const event of begun) {
      if (replaced.aborted) continue;
      if (event.type === "end") {
        release = holdModel();
        tested = event.test;
      }
      listen(store, event);
      if (event.type === "end") ended = store.state;
    }
    if (release === undefined || ended === undefined) return true;
    if (ended.training.reason === "stopped" && ended.training.step === 0) {
      await forgetJournal(store, journal);
      return replaced.aborted;
    }
    await fitScopeAgain(store, classifier, ended.training.parts?.train);
    // A run may have added an adapter.
    store.patch("model", { info: classifier.info });
    await keepTrained(store, ended.training.recipe?.method ?? recipe.method);
    // The journal has the model as long as nothing else does.
    if ((await addRun(store, ended)) === "kept") await forgetJournal(store, journal);
  } catch (error) {
    if (replaced.aborted) return true;
    if (isAbort(error)) store.patch("training", { phase: "idle" });
    else store.patch("training", { phase: "failed", error: toFailure(error), secondsLeft: undefined });
  } finally {
    release?.();
    if (!replaced.aborted) run = undefined;
  }
  if (store.state.training.phase === "done" && !replaced.aborted) await evaluate(store, tested);
  return true;
}

/** What was trained on is not unlike the examples. Training the encoder ends the scope, training the head alone leaves it. */
async function fitScopeAgain(
  store: Store,
  classifier: Classifier,
  train: readonly LabelledText[] = [],
): Promise<void> {
  if (classifier.info.scope === undefined || train.length === 0) return;
  try {
    await classifier.fitScope(train.map(textOf));
  } catch (error) {
    // The run is no worse for it.
    store.patch("use", { scopeError: toFailure(error) });
  }
}

export function pauseTraining(store: Store): void {
  run?.pause();
  if (store.state.training.phase === "running") store.patch("training", { phase: "paused" });
}

export function resumeTraining(store: Store): void {
  run?.resume();
  if (store.state.training.phase === "paused") store.patch("training", { phase: "running" });
}

export function stopTraining(store: Store): void {
  stopRequested = true;
  run?.stop();
  store.patch("training", { phase: "stopping", secondsLeft: undefined });
}

let stepTime = new StepTime();

/** The recipe that the library chose, as the page writes recipes, and why. */
function chosen({ options, reason }: ChosenRecipe, recipe: Recipe): Pick<TrainingState, "recipe" | "why"> {
  const { method = recipe.method, earlyStopping, epochs, learningRate, batchSize, warmupRatio } = options;
  const given = { epochs, learningRate, batchSize, warmupRatio };
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return {
    recipe: { ...ofLibrary(recipe, method), ...set, patience: earlyStopping?.patience ?? 0 },
    why: reason,
  };
}

/** A recipe that leaves all to the library but how the model reads texts, and the seed. */
function ofLibrary({ maxLength, pooling, seed }: Recipe, method: Recipe["method"]): Recipe {
  const { warmupRatio } = FINETUNE;
  return { ...withMethod(defaultRecipe, method), warmupRatio, maxLength, pooling, seed };
}

function listen(store: Store, event: FinetuneEvent): void {
  const { training } = store.state;
  if (event.type === "start") {
    stepTime = new StepTime();
    if (event.recipe) restores = event.recipe.options.restoreBest === true;
    // The current weights can be tried between two steps.
    store.patch("model", { usable: true });
    store.patch("training", {
      phase: training.phase === "stopping" ? "stopping" : "running",
      steps: event.steps,
      epochs: event.epochs,
      trainedParameters: event.trainedParameters,
      truncatedRows: event.truncatedRows,
      ...(event.recipe && training.recipe ? chosen(event.recipe, training.recipe) : {}),
    });
  } else if (event.type === "step") {
    stepTime.add(event.milliseconds);
    // A run that goes on from a kept state does some steps again.
    while ((training.stepNumbers.at(-1) ?? 0) >= event.step) {
      training.stepNumbers.pop();
      training.losses.pop();
    }
    training.stepNumbers.push(event.step);
    training.losses.push(event.loss);
    store.patch("training", {
      step: event.step,
      epoch: event.epoch,
      milliseconds: training.milliseconds + event.milliseconds,
      secondsLeft: stepTime.secondsFor(training.steps - event.step),
    });
  } else if (event.type === "epoch") {
    const result = {
      epoch: event.epoch,
      step: training.step,
      trainLoss: event.trainLoss,
      dev: event.dev,
      milliseconds: event.milliseconds,
    };
    const before = training.epochResults.filter(({ epoch }) => epoch < event.epoch);
    store.patch("training", { epochResults: [...before, result] });
    keepSoon(store);
  } else if (event.type === "resumed" || event.type === "journal") {
    store.patch("training", { journal: event });
    if (event.type === "journal") return;
    store.patch("model", { usable: true });
    if (training.phase === "preparing") store.patch("training", { phase: "running" });
  } else {
    const { use, keep } = store.state;
    // What was answered or saved while it ran came from other weights.
    store.set({ use: withoutAnswers(use), keep: { ...emptyKeep, dtype: keep.dtype } });
    store.patch("training", {
      phase: "done",
      // A run that goes on from a kept state may be stopped before it makes a step.
      step: Math.max(training.step, event.steps),
      reason: event.reason,
      threshold: event.threshold,
      restoredEpoch: restores && event.reason !== "stopped" ? event.bestEpoch : undefined,
      milliseconds: event.milliseconds,
      secondsLeft: undefined,
    });
  }
}
