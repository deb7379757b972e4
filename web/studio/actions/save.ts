/**
 * Takes the model in hand or its adapter; saves it and sets `state.keep`.
 */
import type { SavedOnnx } from "../../src/index.ts";
import { type Failure, toFailure } from "../i18n/messages.ts";
import type { Store } from "../state/store.ts";
import { classifierInHand } from "./model.ts";
import { modelCardOf } from "./records.ts";

/** Saves in the chosen precision, with a model card. The files are kept until the precision or the model changes. */
export async function saveModel(store: Store): Promise<void> {
  if (store.state.keep.saving || store.state.keep.files) return;
  store.patch("keep", { saving: true, error: undefined });
  try {
    const files = await classifierInHand().save({ dtype: store.state.keep.dtype });
    store.patch("keep", { files });
    // The model is there, even where the writer of its card cannot be fetched.
    store.patch("keep", { files: { ...files, "README.md": await modelCardOf(store.state) } });
  } catch (error) {
    store.patch("keep", { error: toFailure(error) });
  } finally {
    store.patch("keep", { saving: false });
  }
}

/** Saves the model as ONNX. The files are not kept: they are as large again as the model. */
export async function saveOnnx(store: Store): Promise<SavedOnnx | undefined> {
  const { dtype, saving } = store.state.keep.onnx;
  if (saving) return undefined;
  const show = (error?: Failure, saving = false) =>
    store.patch("keep", { onnx: { ...store.state.keep.onnx, saving, error } });
  show(undefined, true);
  try {
    const files = await classifierInHand().save({ as: "onnx", dtype });
    show();
    return files;
  } catch (error) {
    show(toFailure(error));
    return undefined;
  }
}

/** Saves the active adapter alone, with a model card. The files are kept until the model changes. */
export async function saveAdapter(store: Store): Promise<void> {
  if (store.state.keep.adapter) return;
  store.patch("keep", { adapterError: undefined });
  try {
    const base = store.state.model.name;
    const adapter = await classifierInHand().saveAdapter({ base });
    store.patch("keep", { adapter });
    store.patch("keep", { adapter: { ...adapter, "README.md": await modelCardOf(store.state, "adapter") } });
  } catch (error) {
    store.patch("keep", { adapterError: toFailure(error) });
  }
}
