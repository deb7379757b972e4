/**
 * Takes the model in hand or its adapter; saves it and sets `state.keep`.
 */
import type { SavedOnnx } from "../../src/index.ts";
import { type Failure, toFailure } from "../i18n/messages.ts";
import type { Store } from "../state/store.ts";
import { baseName, classifierInHand } from "./model.ts";
import { modelCardOf } from "./records.ts";

let saving: Promise<void> = Promise.resolve();
let saves = 0;

/**
 * Saves in the chosen precision, with a model card as things are now. The weights are kept until the precision or the model changes;
 * who asks while a save is under way waits for that one.
 */
export async function saveModel(store: Store): Promise<void> {
  if (store.state.keep.saving) return saving;
  saving = store.state.keep.files ? writeCard(store) : save(store);
  return saving;
}

async function writeCard(store: Store): Promise<void> {
  const { files } = store.state.keep;
  store.patch("keep", { error: undefined });
  try {
    const card = await modelCardOf(store.state);
    if (files && store.state.keep.files === files)
      store.patch("keep", { files: { ...files, "README.md": card } });
  } catch (error) {
    store.patch("keep", { error: toFailure(error) });
  }
}

async function save(store: Store): Promise<void> {
  const { dtype } = store.state.keep;
  const mine = ++saves;
  store.patch("keep", { saving: true, error: undefined });
  const model = store.state.model.info;
  // Training on, or another model, makes `state.keep` anew: then these are files of what is gone.
  const current = (): boolean => store.state.keep.saving && store.state.model.info === model;
  try {
    const files = await classifierInHand().save({ dtype });
    if (!current()) return;
    store.patch("keep", { files });
    // The model is there, even where the writer of its card cannot be fetched.
    const card = await modelCardOf(store.state);
    if (current()) store.patch("keep", { files: { ...files, "README.md": card } });
  } catch (error) {
    if (current()) store.patch("keep", { error: toFailure(error) });
  } finally {
    if (mine === saves) store.patch("keep", { saving: false });
  }
}

/** Saves the model as ONNX. The files are not kept: they are as large again as the model. */
export async function saveOnnx(store: Store): Promise<SavedOnnx | undefined> {
  const { dtype, saving } = store.state.keep.onnx;
  if (saving) return undefined;
  const model = store.state.model.info;
  const show = (error?: Failure, saving = false) => {
    // What becomes of a model that is gone is no news.
    const told = store.state.model.info === model ? error : undefined;
    store.patch("keep", { onnx: { ...store.state.keep.onnx, saving, error: told } });
  };
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

/** Saves the active adapter alone, with a model card as things are now. Its weights are kept until the model changes. */
export async function saveAdapter(store: Store): Promise<void> {
  store.patch("keep", { adapterError: undefined });
  const model = store.state.model.info;
  // Another model, or another adapter of this one, renews the info.
  const current = (): boolean => store.state.model.info === model;
  try {
    const base = baseName(store.state.model);
    const adapter = store.state.keep.adapter ?? (await classifierInHand().saveAdapter({ base }));
    if (!current()) return;
    store.patch("keep", { adapter });
    const card = await modelCardOf(store.state, "adapter");
    if (current()) store.patch("keep", { adapter: { ...adapter, "README.md": card } });
  } catch (error) {
    if (current()) store.patch("keep", { adapterError: toFailure(error) });
  }
}
