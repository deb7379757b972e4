/**
 * Takes a checkpoint's source and the load options; gives the page its one classifier and sets `state.model`. The
 * only file that loads and disposes of classifiers. The old one goes before a new one is loaded: two at once are
 * too much for a phone.
 */
import { BertletError, Classifier, type LoadOptions, type Source } from "../../src/index.ts";
import type { Parts } from "../data/parts.ts";
import { isAbort, PageError, toFailure } from "../i18n/messages.ts";
import { type Base, emptyEvaluation } from "../state/evaluation.ts";
import { emptyFillMask, withoutOutcome } from "../state/masked-lm.ts";
import { type ModelState, noAdapters } from "../state/model.ts";
import { defaultRecipe } from "../state/recipe.ts";
import type { Store } from "../state/store.ts";
import { idleTraining } from "../state/training.ts";
import { emptyKeep, emptyUse, type UseState } from "../state/use.ts";
import { unagreedHost } from "./hosts.ts";

export const DEFAULT_MODEL = "./models/default/";
/** Its name on the Hub, where Python finds it. */
const DEFAULT_ON_HUB = "sentence-transformers/all-MiniLM-L6-v2";
/** A tensor that every checkpoint with a masked-LM head has: in BERT, DistilBERT, RoBERTa's kind and MPNet, ELECTRA. */
const MASKED_LM_TENSORS = [
  "cls.predictions.transform.dense.weight",
  "vocab_transform.weight",
  "lm_head.dense.weight",
  "generator_predictions.dense.weight",
];

/** What an adapter's folder names as its base. */
export function baseName({ source, name }: Pick<ModelState, "source" | "name">): string {
  return source === DEFAULT_MODEL ? DEFAULT_ON_HUB : name;
}

let classifier: Classifier | undefined;
/** The turn of the model in hand, or of the one being loaded. It aborts when another takes its place. */
let turn = new AbortController();

/** Aborts when another model takes the place of this one: then its work ends, and sets no more state. */
export function untilReplaced(): AbortSignal {
  return turn.signal;
}

/** One model at a time: what the one before was doing, loading included, ends here. */
function nextTurn(): AbortController {
  turn.abort();
  turn = new AbortController();
  return turn;
}

/** The classifier in hand; a page error where there is none. */
export function classifierInHand(): Classifier {
  if (!classifier) throw new PageError("no-model", (t) => t.load.none);
  return classifier;
}

/** Step 1: loads the checkpoint fully, so that its faults show before any data is prepared. */
export async function openModel(store: Store, source: Source, name: string): Promise<void> {
  const mine = nextTurn();
  const before = store.state.model.info?.maxLength ?? defaultRecipe.maxLength;
  store.set({
    model: { phase: "loading", name, source, usable: false },
    project: { ...store.state.project, run: undefined },
    training: idleTraining,
    evaluation: emptyEvaluation,
    use: { ...emptyUse, ...chosenIn(store.state.use) },
    keep: emptyKeep,
    pretraining: withoutOutcome(store.state.pretraining),
    fillMask: { ...emptyFillMask, text: store.state.fillMask.text },
    adapters: noAdapters,
  });
  try {
    await dispose();
    const loaded = await Classifier.load(source, {
      ...cacheOf(source),
      device: store.state.device,
      seed: store.state.recipe.seed,
      signal: mine.signal,
      onProgress: (progress) => {
        if (turn === mine) store.patch("model", { progress });
      },
    });
    if (turn !== mine) {
      await loaded.dispose();
      return;
    }
    classifier = loaded;
    const { info } = loaded;
    const ownHead = info.labels.length > 0 && !info.newHead;
    // The checkpoint's own, unless another was chosen: some have fewer positions than the default.
    if (store.state.recipe.maxLength === before) store.patch("recipe", { maxLength: info.maxLength });
    store.patch("model", {
      phase: "ready",
      info,
      ownLabels: ownHead ? info.labels : undefined,
      usable: ownHead,
      ownHead,
      maskedLmHead: MASKED_LM_TENSORS.some((name) => info.unusedTensors.includes(name)),
      progress: undefined,
    });
  } catch (error) {
    if (turn !== mine) return;
    if (isAbort(error)) store.set({ model: { phase: "none", name: "", usable: false } });
    else store.patch("model", { phase: "failed", error: toFailure(error), progress: undefined });
  }
}

/** What a person typed and chose in step 5 outlasts the model. */
function chosenIn({ text, textPair, leaveOpen }: UseState): Partial<UseState> {
  return { text, textPair, leaveOpen };
}

export function cancelLoading(): void {
  turn.abort();
}

/**
 * Step 3: loads the same checkpoint again, with a head for the data's labels. The checkpoint's own head is kept
 * if it has the same labels.
 */
export function reloadForTraining(store: Store, parts: Parts): Promise<Classifier> {
  return reloadModel(store, trainingOptions(store, parts), loadForTraining);
}

/** Loads the same checkpoint again. What the classifier in hand has learned is lost. */
export async function reloadModel(
  store: Store,
  options: LoadOptions,
  load = (source: Source, given: LoadOptions) => Classifier.load(source, given),
): Promise<Classifier> {
  const { source } = store.state.model;
  if (source === undefined) throw new PageError("no-model", (t) => t.load.none);
  const mine = nextTurn();
  const signals = [mine.signal, ...(options.signal ? [options.signal] : [])];
  await dispose();
  store.patch("model", { usable: false });
  const loaded = await load(source, { ...cacheOf(source), ...options, signal: AbortSignal.any(signals) });
  if (turn !== mine) {
    await loaded.dispose();
    throw new BertletError("aborted", "another model was loaded meanwhile");
  }
  classifier = loaded;
  const { info } = loaded;
  const ownHead = info.labels.length > 0 && !info.newHead;
  store.patch("model", { info, ownHead, usable: ownHead });
  return loaded;
}

/** Loads without the masked-LM head where that head is unsupported, since it does not share the embedding matrix. */
export async function loadForTraining(source: Source, options: LoadOptions): Promise<Classifier> {
  const { maskedLm, ...others } = options;
  try {
    return await Classifier.load(source, { ...cacheOf(source), ...options });
  } catch (error) {
    if (!maskedLm || !(error instanceof BertletError) || error.code !== "unsupported-architecture")
      throw error;
    return Classifier.load(source, { ...cacheOf(source), ...others });
  }
}

/** What has an address is fetched once, and stays in this browser. Throws for a host that nobody agreed to. */
export function cacheOf(source: Source): Pick<LoadOptions, "cache"> {
  const host = unagreedHost(source);
  if (host !== undefined)
    throw new PageError(
      "not-agreed",
      (t) => t.remote.notAgreed(host),
      (t) => t.remote.notAgreedHelp,
    );
  return typeof source === "string" || source instanceof URL ? { cache: true } : {};
}

/** The options to load the checkpoint for training on these rows. */
export function trainingOptions(store: Store, { labels, multiLabel }: Parts): LoadOptions {
  const { ownLabels, maskedLmHead } = store.state.model;
  const { pooling, maxLength, seed } = store.state.recipe;
  const same = ownLabels !== undefined && [...ownLabels].sort().join("\n") === [...labels].sort().join("\n");
  return {
    device: store.state.device,
    maxLength,
    seed,
    problemType: multiLabel ? "multi_label_classification" : "single_label_classification",
    ...(same ? {} : { labels }),
    ...(maskedLmHead ? { maskedLm: true } : {}),
    ...(pooling === "checkpoint" ? {} : { pooling }),
  };
}

/** Loads a model that was trained here, with the model that its run began from. Tells whether it is in hand now. */
export async function openTrained(
  store: Store,
  { name, source: from, ownLabels, maskedLmHead }: Base,
  source: Source,
  options: LoadOptions,
  prepare: (classifier: Classifier) => Promise<void>,
): Promise<boolean> {
  const mine = nextTurn();
  store.set({ model: { phase: "loading", name, source: from, ownLabels, maskedLmHead, usable: false } });
  try {
    await dispose();
    const loaded = await Classifier.load(source, {
      ...options,
      device: store.state.device,
      signal: mine.signal,
      onProgress: (progress) => {
        if (turn === mine) store.patch("model", { progress });
      },
    });
    await prepare(loaded);
    if (turn !== mine) {
      await loaded.dispose();
      return false;
    }
    classifier = loaded;
    store.patch("model", { phase: "ready", info: loaded.info, usable: true, progress: undefined });
    return true;
  } catch (error) {
    if (turn !== mine) return false;
    if (isAbort(error)) store.set({ model: { phase: "none", name: "", usable: false } });
    else store.patch("model", { phase: "failed", error: toFailure(error), progress: undefined });
    return false;
  }
}

/** Takes a classifier that `load` opens as the model in hand, with what is known of the one that it began from. */
export async function adoptModel(
  store: Store,
  began: ModelState,
  load: (signal: AbortSignal) => Promise<Classifier>,
): Promise<Classifier> {
  const mine = nextTurn();
  await dispose();
  const loaded = await load(mine.signal);
  if (turn !== mine) {
    await loaded.dispose();
    throw new BertletError("aborted", "another model was loaded meanwhile");
  }
  classifier = loaded;
  const { error: _, ...known } = began;
  store.set({ model: { ...known, phase: "ready", info: loaded.info, usable: true, progress: undefined } });
  return loaded;
}

/** No model in hand: another project has none. */
export async function leaveModel(store: Store): Promise<void> {
  nextTurn();
  store.set({ model: { phase: "none", name: "", usable: false } });
  await dispose();
}

/** The model in hand stays until what it gives is kept: until the function given back is called. */
export function holdModel(): () => void {
  let release = (): void => undefined;
  const hold = new Promise<void>((resolve) => {
    release = resolve;
  });
  holds.add(hold);
  return () => {
    holds.delete(hold);
    release();
  };
}

const holds = new Set<Promise<void>>();

/** Ends once what is still to be kept of the model in hand is kept. */
export async function untilReleased(): Promise<void> {
  await Promise.all(holds);
}

async function dispose(): Promise<void> {
  await untilReleased();
  const old = classifier;
  classifier = undefined;
  await old?.dispose();
}
