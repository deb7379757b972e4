/**
 * Labelled rows in train, dev and test parts: their types, and how labels and texts are read from a row.
 */
import type { FinetuneData, LabelledText, TextPair } from "../../src/index.ts";
import type { Table } from "./reading/table.ts";

/** Dev and test may be empty. */
export interface Parts {
  train: readonly LabelledText[];
  dev: readonly LabelledText[];
  test: readonly LabelledText[];
  /** Labels in the order of label-order.ts, as they are shown and learned. */
  labels: readonly string[];
  /** Whether every row has a second text. */
  pairs: boolean;
  /** Whether a row may have several labels. */
  multiLabel: boolean;
}

export type Role = "train" | "dev" | "test";

export interface DataFile {
  /** A number of its own in this page, by which its rows are known. */
  id: number;
  table: Table;
  role: Role;
}

let files = 0;

export function newFile(table: Table, role: Role): DataFile {
  return { id: ++files, table, role };
}

export function labelsOf({ label }: LabelledText): readonly string[] {
  return typeof label === "string" ? [label] : label;
}

/** The input of a row, without its label. */
export function textOf({ text, textPair }: Omit<LabelledText, "label">): string | TextPair {
  return textPair === undefined ? text : { text, textPair };
}

/** Whether there is something to read: a second text alone is nothing. */
export function hasText(input: string | TextPair): boolean {
  return (typeof input === "string" ? input : input.text).trim() !== "";
}

export function countLabels(rows: readonly LabelledText[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) for (const label of labelsOf(row)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

/** The number of training rows of the smallest and of the largest label. */
export function labelSizes(parts: Parts): { least: number; most: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const count of countLabels(parts.train).values())
    [least, most] = [Math.min(least, count), Math.max(most, count)];
  return { least, most };
}

/** The parts in the form that the library takes. */
export function dataOf({ train, dev, test }: Parts): FinetuneData {
  return {
    train,
    ...(dev.length > 0 ? { dev } : {}),
    ...(test.length > 0 ? { test } : {}),
  };
}
