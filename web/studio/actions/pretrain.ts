/**
 * Takes unlabelled texts and a few options; drives one masked-LM run and sets `state.pretraining` from its events.
 * Afterwards the pretrained model is the one in hand, and training starts from it.
 */
import type {
  JournalEvent,
  PretrainEndEvent,
  PretrainEpochEvent,
  PretrainRun,
  PretrainStartEvent,
  ResumedEvent,
  SavedCheckpoint,
  StepEvent,
} from "../../src/index.ts";
import type { Encoding } from "../data/reading/encodings.ts";
import { readTexts, textsOf } from "../data/unlabelled.ts";
import { isAbort, PageError, toFailure } from "../i18n/messages.ts";
import { emptyEvaluation } from "../state/evaluation.ts";
import { emptyFillMask, withoutOutcome } from "../state/masked-lm.ts";
import { noAdapters } from "../state/model.ts";
import { isPretraining } from "../state/selectors.ts";
import type { Store } from "../state/store.ts";
import { idleTraining } from "../state/training.ts";
import { emptyKeep, withoutAnswers } from "../state/use.ts";
import { openModel, reloadModel, untilReplaced } from "./model.ts";
import { StepTime } from "./step-time.ts";

let loading: AbortController | undefined;
let run: PretrainRun | undefined;
let stepTime = new StepTime();

/** `named` gives the name of a model that was pretrained on so many texts. */
export async function startPretraining(
  store: Store,
  named: (name: string, texts: number) => string,
): Promise<void> {
  if (isPretraining(store.state)) return;
  const began = store.state.model;
  let replaced: AbortSignal | undefined;
  /** False once another model is loaded, also the same one again: then this run sets no more state. */
  const current = (): boolean =>
    replaced === undefined ? store.state.model.source === began.source : !replaced.aborted;
  loading = new AbortController();
  const { signal } = loading;
  try {
    const { recipe, data, device } = store.state;
    const texts = textsOf(store.state.pretraining.own, data.parts);
    if (texts === undefined) throw new PageError("no-texts", (t) => t.pretrain.noTexts);
    forgetOutcomes(store);
    const { maxLength, seed } = recipe;
    const classifier = await reloadModel(store, { device, maxLength, seed, maskedLm: true, signal });
    replaced = untilReplaced();
    const { epochs, learningRate, wholeWords } = store.state.pretraining;
    store.patch("pretraining", { newHead: began.maskedLmHead !== true });
    run = classifier.pretrain(texts, { epochs, learningRate, wholeWords, seed });
    // The loop below throws the same failure; without this it would also be reported as unhandled.
    run.result.catch(() => undefined);
    if (signal.aborted) run.stop();
    for await (const event of run) if (current()) listen(store, event);
    if (!current()) return;
    const { step } = store.state.pretraining;
    const files = step > 0 ? await classifier.save({ as: "both" }) : undefined;
    if (!current()) return;
    if (files) trainFromPretrained(store, files, named);
    store.patch("pretraining", { phase: step > 0 ? "done" : "idle" });
  } catch (error) {
    if (!current()) return;
    // An abort that nobody asked for is another model's, which is on its way.
    if (isAbort(error)) await (signal.aborted ? reopenModel(store) : undefined);
    else store.patch("pretraining", { phase: "failed", error: toFailure(error), secondsLeft: undefined });
  } finally {
    run = undefined;
  }
}

/** Stops the run; the weights so far are kept. */
export function stopPretraining(store: Store): void {
  store.patch("pretraining", { phase: "stopping", secondsLeft: undefined });
  if (run) run.stop();
  else loading?.abort();
}

/** Loads the original checkpoint again. */
export async function restoreOriginal(store: Store): Promise<void> {
  const { original } = store.state.model;
  if (original) await openModel(store, original.source, original.name);
}

let reads = 0;

export async function openTexts(store: Store, file: File, encoding?: Encoding): Promise<void> {
  const mine = ++reads;
  store.patch("pretraining", { fileError: undefined });
  try {
    const own = await readTexts(file, encoding);
    if (mine === reads) store.patch("pretraining", { own });
  } catch (error) {
    if (mine === reads) store.patch("pretraining", { fileError: toFailure(error) });
  }
}

/** The weights in hand are about to change, so the outcomes of earlier runs are cleared. */
function forgetOutcomes(store: Store): void {
  const { pretraining, use, keep } = store.state;
  store.set({
    pretraining: { ...withoutOutcome(pretraining), phase: "preparing" },
    training: idleTraining,
    evaluation: emptyEvaluation,
    use: withoutAnswers(use),
    keep: { ...emptyKeep, dtype: keep.dtype },
    fillMask: { ...emptyFillMask, text: store.state.fillMask.text },
    adapters: noAdapters,
  });
}

/** The run was stopped before its first step. */
async function reopenModel(store: Store): Promise<void> {
  const { source, name, original } = store.state.model;
  if (source === undefined) return;
  await openModel(store, source, name);
  store.patch("model", { original });
}

function trainFromPretrained(
  store: Store,
  files: SavedCheckpoint,
  named: (name: string, texts: number) => string,
): void {
  const { source, name, original } = store.state.model;
  if (source === undefined) return;
  const from = original ?? { source, name };
  store.patch("pretraining", { files });
  store.patch("model", {
    original: from,
    name: named(from.name, store.state.pretraining.texts),
    source: {
      config: files["config.json"],
      tokenizer: files["tokenizer.json"],
      weights: files["model.safetensors"],
    },
    maskedLmHead: true,
  });
}

function listen(
  store: Store,
  event: PretrainStartEvent | StepEvent | PretrainEpochEvent | PretrainEndEvent | JournalEvent | ResumedEvent,
): void {
  // Of runs with a journal; this one has none.
  if (event.type === "resumed" || event.type === "journal") return;
  const { pretraining } = store.state;
  if (event.type === "start") {
    stepTime = new StepTime();
    store.patch("pretraining", {
      phase: pretraining.phase === "stopping" ? "stopping" : "running",
      steps: event.steps,
      texts: event.trainRows,
      before: event.dev,
      heldOut: event.dev ? [{ step: 0, loss: event.dev.loss }] : [],
    });
  } else if (event.type === "step") {
    stepTime.add(event.milliseconds);
    pretraining.stepNumbers.push(event.step);
    pretraining.losses.push(event.loss);
    store.patch("pretraining", {
      step: event.step,
      epoch: event.epoch,
      secondsLeft: stepTime.secondsFor(pretraining.steps - event.step),
    });
  } else if (event.type === "epoch") {
    if (event.dev === undefined) return;
    const heldOut = [...pretraining.heldOut, { step: pretraining.step, loss: event.dev.loss }];
    store.patch("pretraining", { heldOut, after: event.dev });
  } else {
    store.patch("pretraining", {
      reason: event.reason,
      after: event.dev ?? pretraining.after,
      milliseconds: event.milliseconds,
      secondsLeft: undefined,
    });
  }
}
