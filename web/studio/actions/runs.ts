/**
 * The list of runs: adds each run that ends and keeps its model, and takes any of them back. Sets `state.runs`.
 */
import {
  type AdapterFiles,
  BertletError,
  type Classifier,
  type LabelledText,
  version,
} from "../../src/index.ts";
import { rowKey, withoutLearned } from "../data/edits.ts";
import { labelsOf, type Parts, textOf } from "../data/parts.ts";
import { keyOf } from "../data/project/project-file.ts";
import { folderOfRun } from "../data/project/project-record.ts";
import type { Environment } from "../data/records/facts.ts";
import { PageError, toFailure } from "../i18n/messages.ts";
import { emptyEvaluation, type ProjectRun, type RowsOfRun } from "../state/evaluation.ts";
import { emptyFillMask, withoutOutcome } from "../state/masked-lm.ts";
import { noAdapters } from "../state/model.ts";
import { isTraining } from "../state/selectors.ts";
import type { State } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import { idleTraining } from "../state/training.ts";
import { emptyKeep, withoutAnswers } from "../state/use.ts";
import { stopFile } from "./classify.ts";
import { evaluate } from "./evaluate.ts";
import { keepAgain, modelFiles, setRun } from "./kept-model.ts";
import { classifierInHand, openTrained, untilReplaced } from "./model.ts";
import {
  dropRunFiles,
  filesOfRun,
  giveUpRunFiles,
  keepRunFiles,
  keepSoon,
  type Outcome,
} from "./project-keeper.ts";

/** Models take room: the earliest runs go. */
const RUNS_KEPT = 12;

/**
 * After a run: adds it to the list and keeps its model, whose loss would cost the most. `ended` is the state as the run ended:
 * another one may have begun since.
 */
export async function addRun(store: Store, ended: State): Promise<Outcome> {
  const { training, model, recipe } = ended;
  const { runs } = store.state;
  const { parts, error: _, recipe: used = recipe, ...curves } = training;
  if (!parts || model.source === undefined) return "failed";
  const number = (runs.at(-1)?.number ?? 0) + 1;
  const { name, source, ownLabels, maskedLmHead } = model;
  const run: ProjectRun = {
    number,
    when: Date.now(),
    base: { name, source, ownLabels, maskedLmHead },
    recipe: used,
    training: structuredClone(curves),
    rows: rowsOf(parts),
    labels: [...classifierInHand().info.labels],
    predictions: [],
    environment: environmentOf(classifierInHand()),
  };
  store.patch("project", { keeping: true, ...(!isTraining(store.state) && { run: number }) });
  try {
    const { files, kept } = await modelFiles(store, classifierInHand(), folderOfRun(number));
    const left = runs.slice(0, Math.max(0, runs.length + 1 - RUNS_KEPT));
    for (const each of left) await dropRunFiles(store, each.number);
    // What was changed of the others meanwhile stays.
    store.set({
      runs: [
        ...store.state.runs.filter((each) => !left.some((gone) => gone.number === each.number)),
        { ...run, kept },
      ],
    });
    const outcome = await keepRunFiles(store, files);
    if (outcome === "failed") {
      giveUpRunFiles(number);
      setRun(store, number, { kept: undefined });
    }
    return outcome;
  } catch (error) {
    store.set({ runs: [...store.state.runs.filter((each) => each.number !== number), run] });
    store.patch("project", { phase: "failed", error: toFailure(error) });
    return "failed";
  } finally {
    store.patch("project", { keeping: false });
  }
}

/** Finds the temperature of the scores on the dev rows, keeps the model with it, and measures again. */
export async function calibrate(store: Store): Promise<void> {
  const { training, evaluation } = store.state;
  const { dev = [], train = [] } = training.parts ?? {};
  if (evaluation.calibration?.phase === "working" || dev.length === 0) return;
  store.patch("evaluation", { calibration: { phase: "working" } });
  const replaced = untilReplaced();
  /** False once another model is in hand, or this one is trained: then nothing of this is told. */
  const current = (): boolean => !replaced.aborted && !isTraining(store.state);
  try {
    const receipt = await classifierInHand().calibrate(dev).catch(toldOf(dev.length));
    if (!current()) return;
    const { use, keep } = store.state;
    const { scope } = use;
    // What was answered and saved had other scores.
    stopFile();
    store.set({
      use: { ...withoutAnswers(use), scope },
      keep: { ...emptyKeep, dtype: keep.dtype },
    });
    await keepAgain(store);
    if (!current()) return;
    // Saving switches an adapter off and on again, which ends the scope.
    if (scope === "on" && classifierInHand().info.scope === undefined)
      await classifierInHand().fitScope(train.map(textOf));
    if (!current()) return;
    await evaluate(store, undefined, true);
    if (current()) store.patch("evaluation", { calibration: { phase: "done", receipt } });
  } catch (error) {
    if (current()) store.patch("evaluation", { calibration: { phase: "failed", error: toFailure(error) } });
  }
}

/** The rows themselves are sound, since the model was trained with them: what is refused is that they fit no temperature. */
function toldOf(rows: number): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof BertletError) || error.code !== "bad-row") throw error;
    throw new PageError(
      "no-temperature",
      (t) => t.evaluation.reliability.noTemperature(rows),
      (t) => t.evaluation.reliability.noTemperatureHelp,
    );
  };
}

function environmentOf({ info: { device, adapter, threads } }: Classifier): Environment {
  const named = adapter === undefined ? {} : { adapter };
  return { bertlet: version, device, ...named, threads, browser: navigator.userAgent };
}

/** Measures the model in hand on the rows as they are now, after some of them got other labels. */
export async function judgeAgain(store: Store): Promise<void> {
  const { data, project, evaluation, training, runs } = store.state;
  if (!data.parts) return;
  // What it has learned is as it was.
  const train = training.parts?.train ?? data.parts.train;
  const parts = { ...withoutLearned(data.parts, train, training.parts), train };
  store.patch("training", { parts });
  // What was measured was so on the rows before.
  const unmeasured = { report: undefined, predictions: [] };
  const run = runs.find(({ number }) => number === project.run);
  if (run) setRun(store, run.number, { rows: { ...run.rows, ...heldOf(parts) }, ...unmeasured });
  store.set({ evaluation: { ...emptyEvaluation, handled: evaluation.handled } });
  await evaluate(store, undefined, true);
}

const keys = new WeakMap<object, string>();

function keyOfRows(rows: Parts["train"]): string {
  const key = keys.get(rows) ?? keyOf(rows);
  keys.set(rows, key);
  return key;
}

function rowsOf(parts: Parts): RowsOfRun {
  const { train, pairs } = parts;
  return {
    ...heldOf(parts),
    train: train.length,
    trainKey: keyOfRows(train),
    learned: train.map(hashOf).join(" "),
    pairs,
  };
}

/** The rows that a run is evaluated on. */
function heldOf({ dev, test }: Parts): Pick<RowsOfRun, "truth" | "part" | "heldKey"> {
  const part = test.length > 0 ? "test" : dev.length > 0 ? "dev" : undefined;
  const held = part === "test" ? test : dev;
  return { truth: held.map(({ label }) => label), part, heldKey: keyOfRows(held) };
}

/** 64 bits by two FNV-1a hashes: among a hundred thousand rows, two are hardly ever equal, and SHA-256 would take seconds. */
function hashOf(row: LabelledText): string {
  const text = JSON.stringify([rowKey(row), labelsOf(row)]);
  let [one, other] = [0x811c9dc5, 0x9e3779b9];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    one = Math.imul(one ^ unit, 0x01000193);
    other = Math.imul(other ^ unit, 0x85ebca6b);
  }
  return (one >>> 0).toString(36) + (other >>> 0).toString(36).padStart(7, "0");
}

/** The rows as they are now, without the training rows that the run has not learned: they came or were changed after it. */
function partsOfRun(parts: Parts, { rows, labels }: ProjectRun): Parts {
  // Earlier versions of the page did not note which rows a run learned.
  if (rows.learned === undefined || keyOfRows(parts.train) === rows.trainKey) return parts;
  const learned = new Set(rows.learned.split(" "));
  return { ...parts, train: parts.train.filter((row) => learned.has(hashOf(row))), labels };
}

/** Makes the model of a run the one in hand again, with its curves, scores and options. */
export async function takeBack(store: Store, number: number): Promise<void> {
  const run = store.state.runs.find((each) => each.number === number);
  if (run?.kept === undefined) return;
  const { kept, recipe } = run;
  const files = await filesOfRun(store, number).catch((error) => {
    store.patch("evaluation", { error: toFailure(error) });
  });
  if (files === undefined) return;
  const fileAt = (path: string): Blob => files.get(folderOfRun(number) + path) ?? new Blob();
  const { parts: now } = store.state.data;
  const held = now && heldOf(now);
  // Mistakes are looked for again, if the texts are still the same.
  const same = held?.heldKey === run.rows.heldKey && held.part === run.rows.part;
  const parts = now && same ? partsOfRun(now, run) : undefined;
  const { use, fillMask, keep } = store.state;
  const total = run.rows.truth.length;
  store.set({
    recipe,
    training: { ...idleTraining, ...structuredClone(run.training), recipe, parts },
    evaluation: {
      ...emptyEvaluation,
      part: run.rows.part,
      report: run.report,
      labels: run.labels,
      done: total,
      total,
    },
    use: { ...withoutAnswers(use), pairs: run.rows.pairs },
    keep: { ...emptyKeep, dtype: keep.dtype },
    fillMask: { ...emptyFillMask, text: fillMask.text },
    pretraining: withoutOutcome(store.state.pretraining),
    adapters: noAdapters,
  });
  const adapter: AdapterFiles = {
    config: fileAt("adapter/adapter_config.json"),
    weights: fileAt("adapter/adapter_model.safetensors"),
  };
  const opened = await openTrained(
    store,
    run.base,
    {
      config: fileAt("model/config.json"),
      tokenizer: fileAt("model/tokenizer.json"),
      tokenizerConfig: fileAt("model/tokenizer_config.json"),
      weights: fileAt("model/model.safetensors"),
    },
    { maxLength: kept.maxLength, maskedLm: kept.maskedLm },
    async (classifier) => {
      if (kept.adapter === undefined) return;
      const labels = await classifier.addAdapter(kept.adapter.name, adapter);
      await classifier.useAdapter(kept.adapter.name);
      store.patch("adapters", { known: [{ ...kept.adapter, labels, files: adapter }] });
    },
  );
  if (!opened) return;
  store.patch("model", { ownHead: kept.ownHead });
  store.patch("project", { run: number });
  keepSoon(store);
  // Whoever opened it need not wait until every mistake is found.
  if (same && total > 0) void evaluate(store, run.report, run.report === undefined);
}
