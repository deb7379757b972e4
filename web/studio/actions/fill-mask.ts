/**
 * Takes a sentence with [MASK] in it; sets `state.fillMask` with the most likely words for each [MASK].
 */
import { toFailure } from "../i18n/messages.ts";
import type { Store } from "../state/store.ts";
import { restoreAdapters } from "./adapters.ts";
import { classifierInHand, reloadModel } from "./model.ts";

export const BLANK = "[MASK]";

export async function fillMask(store: Store): Promise<void> {
  const { text, busy } = store.state.fillMask;
  if (busy || text.trim() === "") return;
  store.patch("fillMask", { busy: true, error: undefined });
  try {
    await loadMaskedLmHead(store);
    store.patch("fillMask", { blanks: await classifierInHand().fillMask(text) });
  } catch (error) {
    store.patch("fillMask", { error: toFailure(error), blanks: undefined });
  } finally {
    store.patch("fillMask", { busy: false });
  }
}

/** A checkpoint is first loaded without its masked-LM head, which few need. Reloading loses nothing that was trained. */
async function loadMaskedLmHead(store: Store): Promise<void> {
  const { info } = classifierInHand();
  if (info.maskedLm) return;
  const { device, recipe } = store.state;
  await reloadModel(store, { device, seed: recipe.seed, maskedLm: true });
  await restoreAdapters(store, info.activeAdapter);
}
