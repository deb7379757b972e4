/**
 * Takes the model in hand or its adapter; saves it and sets `state.keep`.
 */
import { toFailure } from "../i18n/messages.ts";
import type { Store } from "../state/store.ts";
import { classifierInHand } from "./model.ts";

/** Saves in the chosen precision. The files are kept until the precision or the model changes. */
export async function saveModel(store: Store): Promise<void> {
  if (store.state.keep.saving || store.state.keep.files) return;
  store.patch("keep", { saving: true, error: undefined });
  try {
    store.patch("keep", { files: await classifierInHand().save({ dtype: store.state.keep.dtype }) });
  } catch (error) {
    store.patch("keep", { error: toFailure(error) });
  } finally {
    store.patch("keep", { saving: false });
  }
}

/** Saves the active adapter alone. The files are kept until the model changes. */
export async function saveAdapter(store: Store): Promise<void> {
  if (store.state.keep.adapter) return;
  store.patch("keep", { adapterError: undefined });
  try {
    const base = store.state.model.name;
    store.patch("keep", { adapter: await classifierInHand().saveAdapter({ base }) });
  } catch (error) {
    store.patch("keep", { adapterError: toFailure(error) });
  }
}
