/**
 * Takes the data's parts and the model in hand; sets `state.inspection` to the library's data report. It inspects
 * again whenever the parts or the model change.
 */
import { dataOf, type Parts } from "../data/parts.ts";
import { isAbort, toFailure } from "../i18n/messages.ts";
import type { Inspection } from "../state/data.ts";
import { currentInspection, isTraining } from "../state/selectors.ts";
import type { Store } from "../state/store.ts";
import { classifierInHand } from "./model.ts";

let inspecting: AbortController | undefined;

export function inspectOnChange(store: Store): void {
  store.on(["data", "model", "training"], (state) => {
    const { parts, reading } = state.data;
    if (!parts || reading || state.model.phase !== "ready" || isTraining(store.state)) return;
    if (currentInspection(state) === undefined) void inspect(store, parts);
  });
}

async function inspect(store: Store, parts: Parts): Promise<void> {
  inspecting?.abort();
  const controller = new AbortController();
  inspecting = controller;
  const basis = { parts, files: store.state.data.files, source: store.state.model.source };
  const set = (inspection: Omit<Inspection, keyof typeof basis> | undefined): void => {
    if (inspecting === controller) store.set({ inspection: inspection && { ...basis, ...inspection } });
  };
  set({ phase: "working" });
  try {
    const report = await classifierInHand().inspect(dataOf(parts), { signal: controller.signal });
    set({ phase: "done", report });
  } catch (error) {
    // A run has replaced the classifier meanwhile: the next inspection uses the new one.
    const failure = toFailure(error);
    const gone = isAbort(error) || failure.code === "disposed" || failure.code === "no-model";
    set(gone ? undefined : { phase: "failed", error: failure });
  }
}
