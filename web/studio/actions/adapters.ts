/**
 * Takes folders of Python's peft and the person's choice among adapters; keeps the adapters on the classifier in
 * hand and sets `state.adapters`.
 */
import type { Method } from "../../src/index.ts";
import { adapterOf, settingsOf } from "../data/adapter-files.ts";
import { PageError, toFailure } from "../i18n/messages.ts";
import { noAdapters } from "../state/model.ts";
import { isBusy } from "../state/selectors.ts";
import type { Store } from "../state/store.ts";
import { emptyKeep, withoutAnswers } from "../state/use.ts";
import { classifierInHand, untilReplaced } from "./model.ts";

/** peft's name for what each method trains. */
const KINDS: Partial<Record<Method, string>> = {
  lora: "LORA",
  adalora: "ADALORA",
  prompt: "PROMPT_TUNING",
  prefix: "PREFIX_TUNING",
};

/** Adds an adapter's folder to the model in hand and activates it. */
export async function openAdapter(store: Store, files: readonly File[]): Promise<void> {
  await whileBusy(store, async () => {
    refuseWhileBusy(store);
    const { folder, kind: told, base, files: given } = await adapterOf(files);
    const classifier = classifierInHand();
    const taken = new Set(classifier.info.adapters);
    let name = folder;
    for (let number = 2; taken.has(name); number++) name = `${folder} ${number}`;
    const labels = await classifier.addAdapter(name, given);
    await classifier.useAdapter(name);
    // A folder without labels takes those of the model in hand; saving it again stores them with it.
    const saved = await classifier.saveAdapter({ base: base || name });
    const own = { config: saved["adapter_config.json"], weights: saved["adapter_model.safetensors"] };
    const kind = told || (await settingsOf(own.config)).kind;
    const opened = { kind, base, name, labels, files: own };
    store.patch("adapters", { known: [...store.state.adapters.known, opened] });
    clearAnswers(store);
  });
}

/** Activates another adapter, or with null the model alone. */
export async function chooseAdapter(store: Store, name: string | null): Promise<void> {
  await whileBusy(store, () => {
    refuseWhileBusy(store);
    return switchTo(store, name);
  });
}

/** After a run: keeps the trained adapter and those opened before, or none if the run changed the weights. */
export async function keepTrained(store: Store, method: Method): Promise<void> {
  const { activeAdapter, labels } = classifierInHand().info;
  if (activeAdapter === undefined) {
    store.set({ adapters: noAdapters });
    return;
  }
  const opened = store.state.adapters.known.filter(({ files }) => files !== undefined);
  const trained = { name: activeAdapter, kind: KINDS[method] ?? "", labels };
  store.patch("adapters", { known: [trained, ...opened] });
  await restoreAdapters(store, activeAdapter);
}

/** Adds the opened adapters to a reloaded classifier, and activates the one that was active. */
export async function restoreAdapters(store: Store, active: string | undefined): Promise<void> {
  const classifier = classifierInHand();
  await whileBusy(store, async () => {
    for (const { name, files } of store.state.adapters.known) {
      if (files === undefined) continue;
      try {
        await classifier.addAdapter(name, files);
      } catch (error) {
        const known = store.state.adapters.known.filter((adapter) => adapter.name !== name);
        store.patch("adapters", { known, error: toFailure(error) });
      }
    }
    if (active !== undefined && active !== classifier.info.activeAdapter) await switchTo(store, active);
    else store.patch("model", { info: classifier.info });
  });
}

function refuseWhileBusy(store: Store): void {
  if (isBusy(store.state)) throw new PageError("busy", (t) => t.adapters.atWork);
}

async function whileBusy(store: Store, act: () => Promise<void>): Promise<void> {
  if (store.state.adapters.busy) return;
  store.patch("adapters", { busy: true, error: undefined });
  const replaced = untilReplaced();
  try {
    await act();
  } catch (error) {
    if (!replaced.aborted) store.patch("adapters", { error: toFailure(error) });
  } finally {
    store.patch("adapters", { busy: false });
  }
}

async function switchTo(store: Store, name: string | null): Promise<void> {
  await classifierInHand().useAdapter(name);
  clearAnswers(store);
}

/** Clears predictions and saved files: they were the other adapter's. */
function clearAnswers(store: Store): void {
  const { use, keep } = store.state;
  store.patch("model", { info: classifierInHand().info, usable: true });
  store.set({
    use: withoutAnswers(use),
    keep: { ...emptyKeep, dtype: keep.dtype },
  });
}
