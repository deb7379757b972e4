/**
 * Takes the text that step 5 has answered; sets `state.why` with what its words do for a label, then with what the answer
 * would be without each, and with the nearest training examples.
 */
import type { LabelledText } from "../../src/index.ts";
import { textOf } from "../data/parts.ts";
import { isAbort, toFailure } from "../i18n/messages.ts";
import type { Store } from "../state/store.ts";
import { classifierInHand } from "./model.ts";

/** Training examples that are compared: embedding more would take longer than a person waits. */
const EXAMPLES = 500;
const NEAREST = 5;
let stopping = new AbortController();

/** Explains the label with the highest score, or another. */
export async function explainText(store: Store, label?: string): Promise<void> {
  const { asked, prediction } = store.state.use;
  stopping.abort();
  if (!asked) return;
  stopping = new AbortController();
  const { signal } = stopping;
  const before = store.state.why;
  // Another label of the same text.
  const input = label !== undefined && before.text !== undefined ? before.text : textOf(asked);
  const rows = store.state.training.parts?.train ?? store.state.data.parts?.train ?? [];
  const examples = spread(rows, EXAMPLES);
  const onProgress = ({ loaded, total }: { loaded: number; total: number }): void =>
    store.patch("why", { done: loaded, total });
  store.set({ why: { beside: prediction, text: input, busy: true, done: 0, total: 0 } });
  try {
    const asked = { signal, onProgress, ...(label !== undefined && { label }) };
    const parts = await classifierInHand().explain(input, asked);
    store.patch("why", { parts, done: 0, total: 0 });
    const without = await classifierInHand().explain(input, {
      ...asked,
      method: "occlusion",
      label: parts.label,
      ...(examples.length > 0 && { examples, nearest: NEAREST }),
    });
    store.patch("why", { without, among: { looked: examples.length, all: rows.length }, busy: false });
  } catch (error) {
    if (!isAbort(error)) store.patch("why", { error: toFailure(error), busy: false });
  }
}

/** At most `most` rows, evenly over all of them. */
function spread(rows: readonly LabelledText[], most: number): readonly LabelledText[] {
  if (rows.length <= most) return rows;
  return Array.from({ length: most }, (_, at) => rows[Math.floor((at * rows.length) / most)] as LabelledText);
}
