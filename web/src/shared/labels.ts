// Labels of rows, by name or by index: one form for single labels and arrays of them. No other file decides
// which rows have equal labels.

import type { LabelledRows, Text } from "./messages.ts";

/** A row's labels as an array. */
export function labelsOf(label: string | readonly string[]): readonly string[] {
  return typeof label === "string" ? [label] : label;
}

/** A string that is equal for the same labels in any order. For one label it is the label. */
export function labelKey(label: string | readonly string[]): string {
  const labels = labelsOf(label);
  return labels.length === 1 ? (labels[0] as string) : JSON.stringify([...labels].sort());
}

/** A row's label indices, ascending. */
export function targetsOf({ targets, ends }: LabelledRows, row: number): Uint32Array {
  if (ends === undefined) return targets.subarray(row, row + 1);
  return targets.subarray(row === 0 ? 0 : (ends[row - 1] as number), ends[row] as number);
}

/** The rows for which `within` holds. */
export function selectRows(rows: LabelledRows, within: (row: number) => boolean): LabelledRows {
  const chosen = [...rows.texts.keys()].filter(within);
  const texts = chosen.map((row) => rows.texts[row] as Text);
  const targets = chosen.map((row) => targetsOf(rows, row));
  return rows.ends === undefined
    ? { texts, targets: Uint32Array.from(targets, ([target]) => target as number) }
    : { texts, ...concatTargets(targets) };
}

/** The rows' label indices in one array, and the end of each row in it. */
export function concatTargets(rows: readonly (readonly number[] | Uint32Array)[]): {
  targets: Uint32Array;
  ends: Uint32Array;
} {
  let end = 0;
  const ends = Uint32Array.from(rows, (row) => {
    end += row.length;
    return end;
  });
  const targets = new Uint32Array(end);
  for (const [row, own] of rows.entries()) targets.set(own, (ends[row] as number) - own.length);
  return { targets, ends };
}
