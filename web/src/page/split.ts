// Takes labelled rows and a seed; gives parts or folds of them in which every label keeps its share and equal texts
// stay together. The same rows and seed give the same.

import type { LabelledText, SplitOptions } from "../../bertlet.d.ts";
import { SPLIT } from "../shared/defaults.ts";
import { BertletError } from "../shared/errors.ts";
import { labelKey, labelsOf, selectRows } from "../shared/labels.ts";
import type { CrossValidateRequest, Head } from "../shared/messages.ts";
import { textKey } from "../shared/text-key.ts";
import { checkSplitOptions } from "./options.ts";
import { randomFrom, shuffle } from "./random.ts";
import { checkLabelled, checkRows, checkTwoLabels, textOf } from "./rows.ts";

/** Of fewer there would be nothing to learn a label from, or nothing to tell how well. */
const FEW_TEXTS = 3;

export function splitRows<Row extends LabelledText>(
  rows: readonly Row[],
  options?: SplitOptions,
): { train: Row[]; dev?: Row[]; test?: Row[] } {
  const { dev, test, seed } = { ...SPLIT, ...checkSplitOptions(options) };
  if (!(dev + test < 1)) {
    throw new BertletError(
      "bad-option",
      `splitRows: options dev and test must be under 1 together, found ${dev} and ${test}`,
    );
  }
  const checked = checkLabelled("splitRows", rows);
  const part = new Uint8Array(rows.length);
  for (const groups of groupsByLabel(checked, seed)) {
    const count = groups.reduce((sum, group) => sum + group.length, 0);
    const [, ...rest] = groups; // one stays in train, whatever the shares
    const capacity = [dev, test].map((share) =>
      share === 0 || groups.length < FEW_TEXTS ? 0 : Math.max(1, Math.round(count * share)),
    ) as [number, number];
    for (const group of rest) {
      const at = capacity.findIndex((left) => group.length <= left);
      if (at < 0) continue;
      capacity[at] = (capacity[at] as number) - group.length;
      for (const row of group) part[row] = at + 1;
    }
  }
  const [train, ...heldOut] = [0, 1, 2].map((which) => rows.filter((_, row) => part[row] === which));
  const parts: ReturnType<typeof splitRows<Row>> = { train: train as Row[] };
  if (heldOut[0]?.length) parts.dev = heldOut[0];
  if (heldOut[1]?.length) parts.test = heldOut[1];
  return parts;
}

/** Rows for crossValidate, dealt into folds of which any may be left out. */
export function checkFolds(
  given: unknown,
  folds: number,
  seed: number,
  head: Head,
): Omit<CrossValidateRequest, "recipe"> {
  const rows = checkRows("crossValidate", given, head);
  const fold = foldsOf(given as readonly LabelledText[], folds, seed);
  for (let out = 0; out < folds; out++) {
    const kept = selectRows(rows, (row) => fold[row] !== out);
    checkTwoLabels(`crossValidate: all folds but ${out + 1}`, kept, head);
  }
  return { rows, folds, fold };
}

/** The fold of each row, from 0. */
export function foldsOf(rows: readonly LabelledText[], folds: number, seed: number): Uint8Array {
  const fold = new Uint8Array(rows.length);
  const sizes = new Uint32Array(folds);
  for (const groups of groupsByLabel(rows, seed)) {
    const ofLabel = new Uint32Array(folds);
    for (const group of groups) {
      let least = 0;
      for (let at = 1; at < folds; at++) {
        const by = (ofLabel[at] as number) - (ofLabel[least] as number);
        if (by < 0 || (by === 0 && (sizes[at] as number) < (sizes[least] as number))) least = at;
      }
      ofLabel[least] = (ofLabel[least] as number) + group.length;
      sizes[least] = (sizes[least] as number) + group.length;
      for (const row of group) fold[row] = least;
    }
  }
  const empty = sizes.indexOf(0);
  if (empty >= 0) {
    throw new BertletError(
      "bad-row",
      `crossValidate: expected rows of at least ${folds} different texts, one a fold; fold ${empty + 1} got none`,
      "give more rows, or fewer folds",
    );
  }
  return fold;
}

/** None, or more than one. */
function isMultiLabel({ label }: LabelledText): boolean {
  return labelsOf(label).length !== 1;
}

/** For each label or combination of several, by name, its rows' indices in groups of equal texts, in drawn order. */
function groupsByLabel(rows: readonly LabelledText[], seed: number): number[][][] {
  const groups = new Map<string, number[]>();
  rows.forEach((given, row) => {
    const key = textKey(textOf(given));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  });
  const byLabel = new Map<string, number[][]>();
  for (const group of groups.values()) {
    // Of a text with several labels, its first row's.
    const label = labelKey((rows[group[0] as number] as LabelledText).label);
    const same = byLabel.get(label);
    if (same === undefined) byLabel.set(label, [group]);
    else same.push(group);
  }
  // Most combinations of several labels are rare: apart from each other, none would be held out.
  const rare: number[][] = [];
  for (const [label, groups] of byLabel) {
    const multiLabel = groups.every((group) => isMultiLabel(rows[group[0] as number] as LabelledText));
    if (!multiLabel || groups.length >= FEW_TEXTS) continue;
    byLabel.delete(label);
    rare.push(...groups);
  }
  if (rare.length > 0) byLabel.set("", [...(byLabel.get("") ?? []), ...rare]);
  const random = randomFrom(seed);
  return [...byLabel.keys()].sort().map((label) => {
    const ofLabel = byLabel.get(label) as number[][];
    shuffle(ofLabel, random);
    return ofLabel;
  });
}
