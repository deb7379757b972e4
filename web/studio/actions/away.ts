/**
 * Takes the recipe, the data's parts and the checkpoint; packs the run to go on with elsewhere, and sets `state.keep.away`.
 * A run under way is taken from where it is. Else a classifier of its own is loaded, as for a run that begins.
 */
import type { Classifier, FinetuneOptions, RowProgress } from "../../src/index.ts";
import { dataOf, type Parts } from "../data/parts.ts";
import { type Failure, isAbort, PageError, toFailure } from "../i18n/messages.ts";
import { optionsOf, type Recipe } from "../state/recipe.ts";
import { isTraining } from "../state/selectors.ts";
import type { Store } from "../state/store.ts";
import type { TrainingState } from "../state/training.ts";
import { classifierInHand, loadForTraining, trainingOptions, untilReplaced } from "./model.ts";

/** The zip; undefined where it failed or the model was replaced. */
export async function takeAway(store: Store): Promise<Blob | undefined> {
  const { keep, training, data, recipe } = store.state;
  if (keep.away.working) return undefined;
  const show = (working: boolean, error?: Failure) =>
    store.patch("keep", { away: { ...store.state.keep.away, working, error } });
  show(true);
  try {
    const zip = isTraining(store.state)
      ? await packed(store, classifierInHand(), underWay(training, recipe), training.parts)
      : await fromBeginning(store, recipe, data.parts);
    show(false);
    return zip;
  } catch (error) {
    show(false, isAbort(error) ? undefined : toFailure(error));
    return undefined;
  }
}

/** The options of the run under way. What the automatic recipe chose, the run itself knows. */
const underWay =
  ({ why, recipe }: TrainingState, chosen: Recipe) =>
  (parts: Parts): FinetuneOptions =>
    why === undefined ? optionsOf(recipe ?? chosen, parts) : { recipe: "auto" };

async function fromBeginning(store: Store, recipe: Recipe, parts: Parts | undefined): Promise<Blob> {
  const { source } = store.state.model;
  if (!parts) throw new PageError("no-data", (t) => t.train.needsData);
  if (source === undefined) throw new PageError("no-model", (t) => t.load.none);
  const options = { ...trainingOptions(store, parts), signal: untilReplaced() };
  const own = await loadForTraining(source, options);
  try {
    return await packed(store, own, (rows) => optionsOf(recipe, rows), parts);
  } finally {
    await own.dispose();
  }
}

async function packed(
  store: Store,
  classifier: Classifier,
  options: (parts: Parts) => FinetuneOptions,
  parts: Parts | undefined,
): Promise<Blob> {
  if (!parts) throw new PageError("no-data", (t) => t.train.needsData);
  const onProgress = ({ loaded, total }: RowProgress) =>
    store.patch("keep", { away: { working: true, share: loaded / Math.max(1, total) } });
  const signal = untilReplaced();
  return classifier.takeAway(dataOf(parts), { ...options(parts), onProgress, signal });
}
