/**
 * The model that comes with the page: what it weighs and whether this browser has it, and loading it where no other is.
 * Sets `state.bench.defaultModel`.
 */
import { Classifier } from "../../src/index.ts";
import type { Language } from "../i18n/language.ts";
import type { State } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import { DEFAULT_MODEL, openModel } from "./model.ts";

const WEIGHTS = "model.safetensors";

/** Asks for the size alone; where nobody answers, none is shown. */
export async function lookAtDefaultModel(store: Store): Promise<void> {
  const kept = await Classifier.isCached(DEFAULT_MODEL).catch(() => false);
  store.patch("bench", { defaultModel: { kept } });
  if (kept) return;
  try {
    const { ok, headers } = await fetch(DEFAULT_MODEL + WEIGHTS, { method: "HEAD" });
    const bytes = Number(headers.get("content-length"));
    if (ok && bytes > 0) store.patch("bench", { defaultModel: { kept, bytes } });
  } catch {
    // The page may be offline: loading says so.
  }
}

/** Loads it, unless another model is there or on its way. */
export function loadDefaultModel(store: Store, name: string): void {
  const { phase } = store.state.model;
  if (phase === "none" || phase === "failed") void openModel(store, DEFAULT_MODEL, name);
}

/** The sample that the model in hand can read: the page's own model knows no Chinese. */
export function sampleLanguage({ model }: State, language: Language): Language {
  return model.phase === "ready" && model.source !== DEFAULT_MODEL ? language : "en";
}
