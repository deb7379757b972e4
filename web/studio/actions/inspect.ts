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

let looking: AbortController | undefined;

export function inspectOnChange(store: Store): void {
  store.on(["data", "model", "training"], (state) => {
    const { parts, reading } = state.data;
    if (!parts || reading || state.model.phase !== "ready" || isTraining(store.state)) return;
    if (currentInspection(state) === undefined) void look(store, parts);
  });
}

async function look(store: Store, parts: Parts): Promise<void> {
  looking?.abort();
  const turn = new AbortController();
  looking = turn;
  const about = { parts, source: store.state.model.source };
  const set = (inspection: Omit<Inspection, keyof typeof about> | undefined): void => {
    if (looking === turn) store.set({ inspection: inspection && { ...about, ...inspection } });
  };
  set({ phase: "working" });
  try {
    const report = await classifierInHand().inspect(dataOf(parts), { signal: turn.signal });
    set({ phase: "done", report });
  } catch (error) {
    // A run has replaced the classifier meanwhile: the next inspection uses the new one.
    const failure = toFailure(error);
    const gone = isAbort(error) || failure.code === "disposed" || failure.code === "no-model";
    set(gone ? undefined : { phase: "failed", error: failure });
  }
}
