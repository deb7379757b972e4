/**
 * Takes a text with its right label; changes the rows of the data that have the text, or adds one. Looks for slips of labelling
 * among the training rows. Sets `state.data` by actions/dataset.ts, and `state.evaluation`.
 */
import { Classifier, type LabelledText } from "../../src/index.ts";
import { named, type Origin, rowKey, withLabel } from "../data/edits.ts";
import { labelsOf, textOf } from "../data/parts.ts";
import { likelySlips } from "../data/slips.ts";
import { isAbort, toFailure } from "../i18n/messages.ts";
import type { Handled, SlipsState } from "../state/evaluation.ts";
import type { State } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import { setEdits } from "./dataset.ts";
import { addExamples } from "./examples.ts";
import { cacheOf, untilReplaced } from "./model.ts";

/** Slips that are shown. */
const MOST_SLIPS = 20;
/** More rows take too long, and their slips matter less: these are spread over all. */
const MOST_ROWS = 5000;

/** The rows of the data that have the text stay in their parts; a text that is none becomes a training row. */
export function correct(store: Store, said: LabelledText, origin: Origin = "corrected"): void {
  const row = { ...said, label: nameNow(store.state, said.label) };
  const key = rowKey(row);
  const own = store.state.data.examples.filter((each) => rowKey(each.row) === key);
  if (own.length === 0) addExamples(store, [row], origin);
  // A text may be there more than once, in several parts too.
  const wrong = own.filter((each) => !sameLabels(each.row, row));
  if (wrong.length > 0)
    setEdits(store, (edits) => wrong.reduce((all, each) => withLabel(all, each, row.label), edits));
}

/** A model has its labels by the names of its run: a person may have given them others since. */
function nameNow({ data: { edits, parts } }: State, label: LabelledText["label"]): LabelledText["label"] {
  const isThere = (name: string): boolean =>
    edits.cards.includes(name) || parts?.labels.includes(name) === true;
  const gone = new Map([...edits.renamed].filter(([name]) => !isThere(name)));
  return named(label, gone);
}

function sameLabels(a: LabelledText, b: LabelledText): boolean {
  const [own, others] = [labelsOf(a), labelsOf(b)];
  return own.length === others.length && own.every((label) => others.includes(label));
}

export function handle(store: Store, row: Pick<LabelledText, "text" | "textPair">, how: Handled): void {
  const handled = new Map(store.state.evaluation.handled).set(rowKey(row), how);
  store.patch("evaluation", { handled });
}

export function fix(store: Store, row: Omit<LabelledText, "label">, label: LabelledText["label"]): void {
  correct(store, { ...row, label });
  handle(store, row, { kind: "fixed", label: nameNow(store.state, label) });
}

/** Shows hidden rows again. */
export function showHidden(store: Store): void {
  const { handled } = store.state.evaluation;
  store.patch("evaluation", { handled: new Map([...handled].filter(([, { kind }]) => kind !== "hidden")) });
}

/** The model that the run began from has not learned the labels, so it is opened beside the one in hand for this. */
export async function findSlips(store: Store): Promise<void> {
  const { model, data, device, evaluation } = store.state;
  const { source } = model;
  if (source === undefined || !data.parts || evaluation.slips?.phase === "working") return;
  const set = (slips: SlipsState): void => store.patch("evaluation", { slips });
  const { train } = data.parts;
  const rows = train.filter(
    (_, at) =>
      Math.floor(((at + 1) * MOST_ROWS) / train.length) > Math.floor((at * MOST_ROWS) / train.length),
  );
  const signal = untilReplaced();
  set({ phase: "working", found: [] });
  let base: Classifier | undefined;
  try {
    base = await Classifier.load(source, { ...cacheOf(source), device, pooling: "mean", signal });
    const states = await base.embed(rows.map(textOf), { normalize: true, signal });
    const slips = likelySlips(
      states,
      rows.map((row) => labelsOf(row)[0] ?? ""),
    );
    const found = slips.slice(0, MOST_SLIPS).flatMap(({ row: at, likely }) => {
      const row = rows[at];
      return row ? [{ row, likely }] : [];
    });
    if (!signal.aborted) set({ phase: "done", found });
  } catch (error) {
    if (!signal.aborted && !isAbort(error)) set({ phase: "failed", found: [], error: toFailure(error) });
  } finally {
    await base?.dispose();
  }
}
