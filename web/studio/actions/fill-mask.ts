/**
 * Takes a sentence with [MASK] in it; sets `state.fillMask` with the most likely words for each [MASK].
 */
import { isAbort, PageError, toFailure } from "../i18n/messages.ts";
import type { Store } from "../state/store.ts";
import { restoreAdapters } from "./adapters.ts";
import { classifierInHand, reloadModel, untilReplaced } from "./model.ts";

export const BLANK = "[MASK]";

export async function fillMask(store: Store): Promise<void> {
  const { text, busy } = store.state.fillMask;
  if (busy || text.trim() === "") return;
  store.patch("fillMask", { busy: true, error: undefined });
  let replaced: AbortSignal | undefined;
  try {
    await loadMaskedLmHead(store);
    replaced = untilReplaced();
    const blanks = await classifierInHand().fillMask(text);
    if (!replaced.aborted) store.patch("fillMask", { blanks });
  } catch (error) {
    // Another model took its place.
    if (!replaced?.aborted && !isAbort(error))
      store.patch("fillMask", { error: toFailure(error), blanks: undefined });
  } finally {
    store.patch("fillMask", { busy: false });
  }
}

/**
 * A checkpoint is first loaded without its masked-LM head, which few need. A model that was trained here has it, unless the head is
 * one that cannot be loaded: that model stays.
 */
async function loadMaskedLmHead(store: Store): Promise<void> {
  const { info } = classifierInHand();
  if (info.maskedLm) return;
  const { device, recipe, training } = store.state;
  if (training.phase !== "idle") throw new PageError("bad-state", (t) => t.fillMask.noHead);
  const reload = (maskedLm: boolean) =>
    reloadModel(store, { device, seed: recipe.seed, ...(maskedLm && { maskedLm }) });
  try {
    await reload(true);
  } catch (error) {
    if (isAbort(error)) throw error;
    await reload(false).catch(() => store.patch("model", { phase: "failed", error: toFailure(error) }));
    await restoreAdapters(store, info.activeAdapter);
    throw error;
  }
  await restoreAdapters(store, info.activeAdapter);
}
