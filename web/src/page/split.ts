// Takes labelled rows and a seed; gives stratified parts or folds, with equal texts in one of them. The same
// rows and seed give the same split.

import type { LabelledText, SplitOptions } from "../../bertlet.d.ts";
import { SPLIT } from "../shared/defaults.ts";
import { BertletError } from "../shared/errors.ts";
import { labelKey } from "../shared/labels.ts";
import type { Calls } from "../shared/messages.ts";
import { randomFrom, shuffle } from "../shared/random.ts";
import { textKey } from "../shared/text-key.ts";
import { checkSplitOptions } from "./options.ts";
import { checkLabelled, textOf } from "./rows.ts";

/** A label of fewer texts cannot be both learned and evaluated. */
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
    const [, ...rest] = groups; // train keeps one group, whatever the shares
    const capacity = [dev, test].map((share) =>
      share === 0 || groups.length < FEW_TEXTS ? 0 : Math.max(1, Math.round(count * share)),
    ) as [number, number];
    for (const group of rest) {
      const at = capacity.findIndex((left) => group.length <= left);
      if (at < 0) continue;
      capacity[at] = (capacity[at] as number) - group.length;
      for (const row of group) part[row] = at + 1;
    }
    if (groups.length >= FEW_TEXTS) giveOne(part, groups, [dev > 0, test > 0]);
  }
  const [train, ...heldOut] = [0, 1, 2].map((which) => rows.filter((_, row) => part[row] === which));
  const parts: ReturnType<typeof splitRows<Row>> = { train: train as Row[] };
  if (heldOut[0]?.length) parts.dev = heldOut[0];
  if (heldOut[1]?.length) parts.test = heldOut[1];
  return parts;
}

/** Gives a wanted part that has no text of the label its smallest one, of the part that has the most. */
function giveOne(part: Uint8Array, groups: readonly number[][], wanted: readonly [boolean, boolean]): void {
  for (const [at, isWanted] of wanted.entries()) {
    const of = (which: number) => groups.filter(([row]) => part[row as number] === which);
    if (!isWanted || of(at + 1).length > 0) continue;
    const largest = [0, 1, 2].map(of).reduce((most, each) => (each.length > most.length ? each : most));
    if (largest.length < 2) continue;
    const smallest = largest.reduce((least, each) => (each.length < least.length ? each : least));
    for (const row of smallest) part[row] = at + 1;
  }
}

/** Checked rows of crossValidate, and their folds. */
export function checkFolds(
  given: unknown,
  folds: number,
  seed: number,
): Pick<Calls["crossValidate"]["request"], "rows" | "folds" | "fold"> {
  const checked = checkLabelled("crossValidate", given);
  const rows = { texts: checked.map(textOf), labels: checked.map(({ label }) => label) };
  return { rows, folds, fold: foldsOf(checked, folds, seed) };
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

/**
 * Groups of rows with equal texts, for each label or combination of labels. Labels are sorted; groups are
 * shuffled.
 */
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
    // The first row decides where equal texts have different labels.
    const label = labelKey((rows[group[0] as number] as LabelledText).label);
    const same = byLabel.get(label);
    if (same === undefined) byLabel.set(label, [group]);
    else same.push(group);
  }
  // Most combinations of labels are rare. Together they can be held out; each alone could not.
  const multiLabel = rows.some(({ label }) => typeof label !== "string");
  const rare: number[][] = [];
  for (const [label, groups] of byLabel) {
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
