/**
 * What a person changes in the bench: rows that no file has, and changes over the rows of files, which stay as they are.
 * Takes one state of it, gives the next; knows no page. Each state is a new object, so that undo is the state before.
 */
import type { LabelledText } from "../../src/index.ts";
import { labelsOf, type Parts, type Role } from "./parts.ts";
import { inSlices } from "./slices.ts";

/** Where a row came from. */
export type Origin = "typed" | "pasted" | "file" | "sample" | "corrected" | "confirmed";
type Label = LabelledText["label"];

/** A row of the bench. */
export interface Example {
  /** "own/3", or the file's id and the number of the record in it: "1/27". */
  key: string;
  row: LabelledText;
  origin: Origin;
  part: Role;
}

export interface Edits {
  /** Rows that no file has, in the order in which they came. */
  own: readonly Example[];
  /** Labels of files' rows that were changed, by their keys; null: the row is taken out. */
  changed: ReadonlyMap<string, Label | null>;
  /** Labels of files that have another name here. */
  renamed: ReadonlyMap<string, string>;
  /** Labels that a person made, with or without rows, in the order in which they came. */
  cards: readonly string[];
}

export const noEdits: Edits = { own: [], changed: new Map(), renamed: new Map(), cards: [] };

/** Equal for rows with the same text and second text. */
export function rowKey({ text, textPair }: Pick<LabelledText, "text" | "textPair">): string {
  return textPair === undefined ? text : `${text}\u0000${textPair}`;
}

/** The rows themselves of each state of them: an edit leaves most as they are. */
const rowsOf = new WeakMap<readonly LabelledText[], ReadonlySet<LabelledText>>();

/** The rows that `before` lacks, or had with another label. Only rows that are not the same objects are compared. */
export function newRows(before: readonly LabelledText[], now: readonly LabelledText[]): LabelledText[] {
  const same = rowsOf.get(before) ?? new Set(before);
  rowsOf.set(before, same);
  const others = now.filter((row) => !same.has(row));
  if (others.length === 0) return others;
  const keyOf = (row: LabelledText): string => `${rowKey(row)}\u0001${labelsOf(row).join("\u0001")}`;
  const texts = new Set(others.map(({ text }) => text));
  const known = new Set(before.filter(({ text }) => texts.has(text)).map(keyOf));
  return others.filter((row) => !known.has(keyOf(row)));
}

export function isOwn(key: string): boolean {
  return key.startsWith("own/");
}

/** Adds rows. What is corrected or confirmed takes the place of own rows with the same text. */
export function withRows(
  edits: Edits,
  rows: readonly LabelledText[],
  origin: Origin,
  parts?: readonly Role[],
): Edits {
  const replaced = replaces(origin) ? new Set(rows.map(rowKey)) : undefined;
  const kept = replaced ? edits.own.filter(({ row }) => !replaced.has(rowKey(row))) : edits.own;
  const next = 1 + edits.own.reduce((most, { key }) => Math.max(most, Number(key.slice(4))), 0);
  const own = rows.map((row, at): Example => {
    const { text, textPair, label } = row;
    const plain = { text, ...(textPair === undefined ? {} : { textPair }), label };
    return { key: `own/${next + at}`, row: plain, origin, part: parts?.[at] ?? "train" };
  });
  return withCards({ ...edits, own: [...kept, ...own] }, rows.flatMap(labelsOf));
}

export function replaces(origin: Origin): boolean {
  return origin === "corrected" || origin === "confirmed";
}

export function withCards(edits: Edits, labels: readonly string[]): Edits {
  const cards = [...new Set([...edits.cards, ...labels])];
  return cards.length === edits.cards.length ? edits : { ...edits, cards };
}

export function withoutRows(edits: Edits, keys: ReadonlySet<string>): Edits {
  const changed = new Map(edits.changed);
  for (const key of keys) if (!isOwn(key)) changed.set(key, null);
  return { ...edits, changed, own: edits.own.filter(({ key }) => !keys.has(key)) };
}

/** Moves rows from one label to another. A row with several labels keeps its others. */
export function withMoved(edits: Edits, moved: readonly Example[], from: string, to: string): Edits {
  const changed = new Map(edits.changed);
  const keys = new Map(moved.map(({ key, row }) => [key, swapped(row.label, from, to)]));
  for (const [key, label] of keys) if (!isOwn(key)) changed.set(key, label);
  const own = edits.own.map((each) => {
    const label = keys.get(each.key);
    return label === undefined ? each : { ...each, row: { ...each.row, label } };
  });
  return withCards({ ...edits, own, changed }, [to]);
}

/** Gives a row other labels. It keeps its part. */
export function withLabel(edits: Edits, { key }: Example, label: Label): Edits {
  const changed = isOwn(key) ? edits.changed : new Map(edits.changed).set(key, label);
  const own = edits.own.map((each) => (each.key === key ? { ...each, row: { ...each.row, label } } : each));
  return withCards({ ...edits, own, changed }, labelsOf({ text: "", label }));
}

/** Gives a label another name. Where that name is another label's, the two are one from now on. */
export function withRenamed(edits: Edits, from: string, to: string): Edits {
  const renamed = new Map(edits.renamed);
  for (const [label, name] of renamed) if (name === from) renamed.set(label, to);
  // A label of the files that was renamed before does not have this name.
  if (!edits.renamed.has(from)) renamed.set(from, to);
  // A label that is back to its first name is not renamed.
  for (const [label, name] of renamed) if (label === name) renamed.delete(label);
  const changed = new Map(edits.changed);
  for (const [key, label] of changed) if (label !== null) changed.set(key, swapped(label, from, to));
  const own = edits.own.map((each) => ({
    ...each,
    row: { ...each.row, label: swapped(each.row.label, from, to) },
  }));
  const cards = [...new Set(edits.cards.map((label) => (label === from ? to : label)))];
  return { own, changed, renamed, cards };
}

/** Gives labels of own and changed rows, and new names, other spellings. Those of files stand elsewhere. */
export function withSpellings(edits: Edits, spellings: ReadonlyMap<string, string>): Edits {
  let next = edits;
  for (const [from, to] of spellings) next = { ...withRenamed(next, from, to), renamed: next.renamed };
  const renamed = [...edits.renamed].map(([label, name]) => [label, spellings.get(name) ?? name] as const);
  return { ...next, renamed: new Map(renamed.filter(([label, name]) => label !== name)) };
}

/** Takes a label away, with these rows of it. A row with several labels keeps its others. */
export function withoutLabel(edits: Edits, label: string, rows: readonly Example[]): Edits {
  const alone = rows.filter(({ row }) => labelsOf(row).length === 1);
  const without = withoutRows(edits, new Set(alone.map(({ key }) => key)));
  const others = rows.filter(({ row }) => labelsOf(row).length > 1);
  const kept = others.map((each) => ({
    ...each,
    label: labelsOf(each.row).filter((name) => name !== label),
  }));
  const changed = new Map(without.changed);
  for (const { key, label: left } of kept) if (!isOwn(key)) changed.set(key, left);
  const left = new Map(kept.map((each) => [each.key, each.label]));
  const own = without.own.map((each) => {
    const labels = left.get(each.key);
    return labels ? { ...each, row: { ...each.row, label: labels } } : each;
  });
  return { ...without, own, changed, cards: without.cards.filter((name) => name !== label) };
}

/** Puts own rows into parts, by their keys. */
export function withHeldOut(edits: Edits, parts: ReadonlyMap<string, Role>): Edits {
  return { ...edits, own: edits.own.map((each) => ({ ...each, part: parts.get(each.key) ?? each.part })) };
}

function swapped(label: Label, from: string, to: string): Label {
  if (typeof label === "string") return label === from ? to : label;
  return label.includes(from) ? [...new Set(label.map((name) => (name === from ? to : name)))] : label;
}

/**
 * The parts without held-out rows that were learned meanwhile: where the rows are split anew, some come from the other side. A
 * text that was on both sides before stays on both.
 */
export function withoutLearned(
  parts: Parts,
  learned: readonly LabelledText[],
  before: Parts | undefined,
): Parts {
  const known = new Set(learned.map(rowKey));
  for (const row of [...(before?.dev ?? []), ...(before?.test ?? [])]) known.delete(rowKey(row));
  const unseen = (rows: readonly LabelledText[]): readonly LabelledText[] =>
    rows.some((row) => known.has(rowKey(row))) ? rows.filter((row) => !known.has(rowKey(row))) : rows;
  return { ...parts, dev: unseen(parts.dev), test: unseen(parts.test) };
}

/** The rows of files with the changes, and the own rows after them, each changed or own one as `fit` gives it. */
export async function edited(
  examples: readonly Example[],
  edits: Edits,
  fit: (each: Example) => Example,
): Promise<Example[]> {
  const { own, changed, renamed } = edits;
  const taken = new Set(own.filter(({ part }) => part === "train").map(({ row }) => rowKey(row)));
  const replaced = new Set(own.filter(({ origin }) => replaces(origin)).map(({ row }) => rowKey(row)));
  const rows: Example[] = [];
  await inSlices(examples, (each) => {
    const change = changed.get(each.key);
    if (change === null) return;
    // What a person adds to the training rows is no test of them any more.
    if (taken.size > 0) {
      const key = rowKey(each.row);
      if (each.part === "train" ? replaced.has(key) : taken.has(key)) return;
    }
    const label = change ?? named(each.row.label, renamed);
    rows.push(label === each.row.label ? each : fit({ ...each, row: { ...each.row, label } }));
  });
  await inSlices(own, (each) => {
    if (each.part === "train" || !taken.has(rowKey(each.row))) rows.push(fit(each));
  });
  return rows;
}

/** A label by its current name. */
export function named(label: Label, renamed: Edits["renamed"]): Label {
  if (renamed.size === 0) return label;
  if (typeof label === "string") return renamed.get(label) ?? label;
  return label.some((name) => renamed.has(name))
    ? [...new Set(label.map((name) => renamed.get(name) ?? name))]
    : label;
}
