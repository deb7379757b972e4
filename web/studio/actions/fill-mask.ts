/**
 * Takes a sentence with [MASK] in it; sets `state.filling` with the likeliest words for each.
 */
import { toFailure } from "../i18n/messages.ts";
import type { Store } from "../state/store.ts";
import { bringBack } from "./adapters.ts";
import { classifierInHand, reopen } from "./model.ts";

export const BLANK = "[MASK]";
const WORDS = 5;

export async function fillBlanks(store: Store): Promise<void> {
  const { text, busy } = store.state.filling;
  if (busy || text.trim() === "") return;
  store.patch("filling", { busy: true, error: undefined });
  try {
    await loadWordHead(store);
    store.patch("filling", { blanks: await classifierInHand().fillMask(text, { topK: WORDS }) });
  } catch (error) {
    store.patch("filling", { error: toFailure(error), blanks: undefined });
  } finally {
    store.patch("filling", { busy: false });
  }
}

/** A checkpoint is first loaded without its head over words, which few need; nothing was trained on it since. */
async function loadWordHead(store: Store): Promise<void> {
  const { info } = classifierInHand();
  if (info.maskedLm) return;
  const { device, recipe } = store.state;
  await reopen(store, { device, seed: recipe.seed, maskedLm: true });
  await bringBack(store, info.activeAdapter);
}
