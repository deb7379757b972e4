/**
 * Takes folders of Python's peft, and the choice among them and what was trained here; keeps them on the one classifier in
 * hand and sets `state.adapters`.
 */
import type { AdapterFiles, Method } from "../../src/index.ts";
import { PageError, toFailure } from "../i18n/messages.ts";
import { type KnownAdapter, noAdapters } from "../state/masked-lm.ts";
import { emptyKeep, type State } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import { classifierInHand } from "./model.ts";

const CONFIG = "adapter_config.json";
const WEIGHTS = "adapter_model.safetensors";
/** As peft names what a method trains. */
const KINDS: Partial<Record<Method, string>> = {
  lora: "LORA",
  adalora: "ADALORA",
  prompt: "PROMPT_TUNING",
  prefix: "PREFIX_TUNING",
};

/** Whether files are those of an adapter, not of a model. */
export function areOfAdapter(files: readonly File[]): boolean {
  const has = (name: string): boolean => files.some((file) => file.name.toLowerCase() === name);
  return has(CONFIG) && !has("config.json");
}

/** What may answer: each adapter, and the model alone where it has a head of its own. */
export function choices({ model, adapters }: State): (KnownAdapter | null)[] {
  const there = adapters.known.filter(({ name }) => model.info?.adapters.includes(name));
  if (model.phase !== "ready" || there.length === 0) return [];
  return [...(model.ownHead ? [null] : []), ...there];
}

/** Whether what answers now cannot be merged into the weights. */
export function hasVirtualTokens({ model, adapters }: State): boolean {
  const on = adapters.known.find(({ name }) => name === model.info?.activeAdapter);
  return on?.kind === "PROMPT_TUNING" || on?.kind === "PREFIX_TUNING";
}

/** Whether something is under way that would otherwise be answered by two of them, or by none. */
export function isAtWork({ training, pretraining, judge, use }: State): boolean {
  const judging = judge.error === undefined && judge.done < judge.total;
  const idle = ["idle", "done", "failed"];
  return judging || use.running || !idle.includes(training.phase) || !idle.includes(pretraining.phase);
}

/** Reads an adapter's folder onto the model in hand, and has it answer. */
export async function openAdapter(store: Store, files: readonly File[]): Promise<void> {
  await work(store, async () => {
    refuseAtWork(store);
    const { adapter, folder } = await adapterOf(files);
    const classifier = classifierInHand();
    const taken = new Set(classifier.info.adapters);
    let name = folder;
    for (let number = 2; taken.has(name); number++) name = `${folder} ${number}`;
    const labels = await classifier.addAdapter(name, adapter.files);
    await classifier.useAdapter(name);
    // Saved again it has its labels with it, which may have been those of the model in hand.
    const saved = await classifier.saveAdapter({ base: adapter.base || name });
    const own = { config: saved["adapter_config.json"], weights: saved["adapter_model.safetensors"] };
    const opened = { ...adapter, name, labels, files: own };
    store.patch("adapters", { known: [...store.state.adapters.known, opened] });
    tellSwitched(store);
  });
}

/** Has another adapter answer, or with null the model alone. */
export async function chooseAdapter(store: Store, name: string | null): Promise<void> {
  await work(store, () => {
    refuseAtWork(store);
    return switchTo(store, name);
  });
}

/** After a run: what it trained, and those that were opened before, where the weights that they stand on are as they were. */
export async function keepTrained(store: Store, method: Method): Promise<void> {
  const { activeAdapter, labels } = classifierInHand().info;
  if (activeAdapter === undefined) {
    store.set({ adapters: noAdapters });
    return;
  }
  const opened = store.state.adapters.known.filter(({ files }) => files !== undefined);
  const trained = { name: activeAdapter, kind: KINDS[method] ?? "", labels };
  store.patch("adapters", { known: [trained, ...opened] });
  await bringBack(store, activeAdapter);
}

/** Onto a classifier that was loaded again: the opened adapters, and of them the one that answered. */
export async function bringBack(store: Store, active: string | undefined): Promise<void> {
  const classifier = classifierInHand();
  await work(store, async () => {
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

function refuseAtWork(store: Store): void {
  if (isAtWork(store.state)) throw new PageError("busy", (t) => t.adapters.atWork);
}

async function work(store: Store, act: () => Promise<void>): Promise<void> {
  if (store.state.adapters.busy) return;
  store.patch("adapters", { busy: true, error: undefined });
  try {
    await act();
  } catch (error) {
    store.patch("adapters", { error: toFailure(error) });
  } finally {
    store.patch("adapters", { busy: false });
  }
}

async function switchTo(store: Store, name: string | null): Promise<void> {
  await classifierInHand().useAdapter(name);
  tellSwitched(store);
}

/** What the other one said, and what was saved of it, is no longer of what answers. */
function tellSwitched(store: Store): void {
  const { use, keep } = store.state;
  store.patch("model", { info: classifierInHand().info, usable: true });
  store.set({
    use: { ...use, prediction: undefined, results: undefined, error: undefined, fileError: undefined },
    keep: { ...emptyKeep, dtype: keep.dtype },
  });
}

/** The two files among those dropped or picked, and what its config says of it. */
async function adapterOf(
  files: readonly File[],
): Promise<{ adapter: Omit<KnownAdapter, "name" | "labels"> & { files: AdapterFiles }; folder: string }> {
  const find = (name: string): File | undefined => files.find((file) => file.name.toLowerCase() === name);
  const config = find(CONFIG);
  const weights = find(WEIGHTS);
  if (!config || !weights) {
    const missing = [!config && CONFIG, !weights && WEIGHTS].filter((name) => name !== false).join(", ");
    const found = files.slice(0, 8).map((file) => file.name);
    const pickle = files.find((file) => /\.(bin|pt|pth|ckpt)$/i.test(file.name));
    throw new PageError(
      "missing-adapter-file",
      (t) => t.load.missing(missing, found.join(", ")),
      (t) => (pickle && !weights ? t.load.pickle(pickle.name) : t.adapters.missingHint),
    );
  }
  const said = await config.text().then(readJson);
  const text = (key: string): string => (typeof said[key] === "string" ? (said[key] as string) : "");
  const folder = config.webkitRelativePath.split("/").at(-2) ?? "";
  return {
    adapter: {
      kind: text("peft_type"),
      base: text("base_model_name_or_path"),
      files: { config, weights },
    },
    folder: folder || "adapter",
  };
}

/** What is wrong with it the library tells. */
function readJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
