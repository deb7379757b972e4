/**
 * What a person does to examples in the bench, and what is learned from them elsewhere: rows come in with their origin, are
 * moved and removed, labels are made, renamed, joined and removed; each change can be undone. Sets `state.data`.
 */
import type { LabelledText } from "../../src/index.ts";
import {
  type Example,
  type Origin,
  withCards,
  withMoved,
  withoutLabel,
  withoutRows,
  withRenamed,
  withRows,
} from "../data/edits.ts";
import { labelsOf } from "../data/parts.ts";
import type { Store } from "../state/store.ts";
import { hiddenBehind, setEdits, undoEdit } from "./dataset.ts";

export type { Origin } from "../data/edits.ts";

/** Adds rows to those that are learned from. A text that was held out is then no longer. */
export function addExamples(store: Store, rows: readonly LabelledText[], origin: Origin): void {
  const filled = rows.filter(({ text }) => text.trim() !== "");
  if (filled.length > 0) setEdits(store, (edits) => withRows(edits, filled, origin));
}

export function removeExamples(store: Store, examples: readonly Example[]): void {
  if (examples.length === 0) return;
  const keys = [...examples.map(({ key }) => key), ...hiddenBehind(store, examples)];
  setEdits(store, (edits) => withoutRows(edits, new Set(keys)));
}

export function moveExamples(store: Store, examples: readonly Example[], from: string, to: string): void {
  if (examples.length > 0 && from !== to) setEdits(store, (edits) => withMoved(edits, examples, from, to));
}

export function addLabel(store: Store, label: string): void {
  setEdits(store, (edits) => withCards(edits, [label]));
}

/** Gives a label another name. Where another label has that name, the two are joined. */
export function renameLabel(store: Store, from: string, to: string): void {
  if (from !== to && to !== "") setEdits(store, (edits) => withRenamed(edits, from, to));
}

export function removeLabel(store: Store, label: string): void {
  const rows = store.state.data.examples.filter(({ row }) => labelsOf(row).includes(label));
  const alone = rows.filter(({ row }) => labelsOf(row).length === 1);
  const hidden = new Set(hiddenBehind(store, alone));
  setEdits(store, (edits) => withoutRows(withoutLabel(edits, label, rows), hidden));
}

export function undoExamples(store: Store): void {
  undoEdit(store);
}
