/**
 * Takes the recipe, the data's parts and the checkpoint; sets `state.plan`, the time and memory that a run would
 * need. It loads a classifier of its own and disposes of it, so that the one in hand keeps its weights.
 */
import type { Classifier } from "../../src/index.ts";
import { dataOf } from "../data/parts.ts";
import { isAbort, PageError, toFailure } from "../i18n/messages.ts";
import { optionsOf } from "../state/recipe.ts";
import type { Store } from "../state/store.ts";
import type { PlanState } from "../state/training.ts";
import { loadForTraining, trainingOptions, untilReplaced } from "./model.ts";

let planning: AbortController | undefined;

export async function planRun(store: Store): Promise<void> {
  planning?.abort();
  const controller = new AbortController();
  planning = controller;
  const { recipe, data, model, device } = store.state;
  const basis = { recipe, parts: data.parts, source: model.source, device };
  const set = (state: Omit<PlanState, keyof typeof basis>) => {
    if (planning === controller) store.set({ plan: { ...basis, ...state } });
  };
  set({ phase: "working" });
  let own: Classifier | undefined;
  try {
    if (!data.parts) throw new PageError("no-data", (t) => t.train.needsData);
    if (model.source === undefined) throw new PageError("no-model", (t) => t.load.none);
    const signal = AbortSignal.any([controller.signal, untilReplaced()]);
    own = await loadForTraining(model.source, { ...trainingOptions(store, data.parts), signal });
    set({
      phase: "done",
      result: await own.plan(dataOf(data.parts), { ...optionsOf(recipe, data.parts), signal }),
    });
  } catch (error) {
    if (!isAbort(error)) set({ phase: "failed", error: toFailure(error) });
    else if (planning === controller) store.set({ plan: undefined });
  } finally {
    await own?.dispose();
  }
}

/** A forecast that is under way is given up; one that is there stays. */
export function stopPlanning(store: Store): void {
  planning?.abort();
  planning = undefined;
  if (store.state.plan?.phase === "working") store.set({ plan: undefined });
}
