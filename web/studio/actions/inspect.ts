/**
 * Takes the data's parts and the model in hand; sets `state.inspection`, the library's report on them, and gives its
 * findings as notices. Looks again by itself whenever the parts or the model change.
 */
import type { Finding, LabelledText, RowPlace } from "../../src/index.ts";
import { dataOf, labelsOf, type Parts } from "../data/parts.ts";
import { shortened } from "../data/rows.ts";
import type { Dictionary } from "../i18n/en.ts";
import { isAbort, type Notice, toFailure } from "../i18n/messages.ts";
import type { Inspection, State } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import { isTraining } from "./finetune.ts";
import { classifierInHand } from "./model.ts";

let looking: AbortController | undefined;

/** Whether the report in hand, or the one being made, is of what is there now. */
export function currentInspection({ inspection, data, model }: State): Inspection | undefined {
  return inspection?.parts === data.parts && inspection?.source === model.source ? inspection : undefined;
}

export function inspectWhatComes(store: Store): void {
  store.on(["data", "model", "training"], (state) => {
    const { parts, reading } = state.data;
    if (!parts || reading || state.model.phase !== "ready" || isTraining(store)) return;
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
    // The classifier was exchanged meanwhile, for a run: the next look is at the new one's.
    const failure = toFailure(error);
    const gone = isAbort(error) || failure.code === "disposed" || failure.code === "no-model";
    set(gone ? undefined : { phase: "failed", error: failure });
  }
}

/** What was found, a notice each. */
export function noticesOf(t: Dictionary, { report, parts }: Inspection): Notice[] {
  return (report?.findings ?? []).map((finding) => ({
    level: finding.severity,
    text: (words) => words.findings[finding.code].found(finding),
    advice: (words) => words.findings[finding.code].advice,
    details: detailsOf(t, finding, parts),
  }));
}

function detailsOf(t: Dictionary, { examples, labels }: Finding, parts: Parts): string[] {
  const name = ({ split, row }: RowPlace): string => t.data.place(t.roles[split], row + 1);
  const named = (row: LabelledText | undefined): string => (row ? t.kinds.list(labelsOf(row)) : "");
  return [
    ...labels.map(({ label, rows }) => `${label}: ${rows}`),
    ...examples.map((place) => {
      const row = parts[place.split][place.row];
      const like = place.like && parts[place.like.split][place.like.row];
      const other = like && named(like) !== named(row) ? ` (${named(like)})` : "";
      const as = place.like ? ` ${t.data.asIn(name(place.like))}${other}` : "";
      return `${name(place)}: ${shortened(row?.text ?? "")} → ${named(row)}${as}`;
    }),
  ];
}
