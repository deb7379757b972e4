// Takes rows with labels by name and the model's head; gives label indices. Throws `unknown-label`, `bad-row` or
// `bad-state`. To be called in the turn of the call: a call before it may have changed the labels.

import { BertletError, describe } from "../shared/errors.ts";
import { concatTargets, labelsOf, targetsOf } from "../shared/labels.ts";
import type { Head, LabelledRows, NamedRows } from "../shared/messages.ts";

/** Rows with labels as indices into the head's. Single-label models take one label for each row. */
export function targetRows(
  name: string,
  { texts, labels: given }: NamedRows,
  { labels, problemType }: Head,
): LabelledRows {
  const indices = new Map(labels.map((label, index) => [label, index]));
  const indexOf = (label: string, row: number): number => {
    const target = indices.get(label);
    if (target !== undefined) return target;
    const shown = labels.slice(0, 20).map(describe).join(", ");
    throw new BertletError(
      "unknown-label",
      `${name}: row ${row} has the label ${describe(label)}; the model's labels are ${shown}${labels.length > 20 ? ", ..." : ""}`,
      "pass every label of the data as the option labels of Classifier.load; learn adds new ones with addLabels: true",
    );
  };
  if (problemType === "multi_label_classification") {
    const ofRow = (label: string | readonly string[], row: number) =>
      labelsOf(label)
        .map((one) => indexOf(one, row))
        .sort((a, b) => a - b);
    return { texts, ...concatTargets(given.map(ofRow)) };
  }
  const targets = Uint32Array.from(given, (label, row) => {
    if (typeof label === "string") return indexOf(label, row);
    throw new BertletError(
      "bad-row",
      `${name}: row ${row} has an array of ${label.length} as its label; this model's rows have one label each, a string`,
      'load with problemType "multi_label_classification" for rows of several labels',
    );
  });
  return { texts, targets };
}

/** Throws where all rows have the same labels, from which nothing can be learned. */
export function checkTwoLabels(name: string, rows: LabelledRows, { labels }: Head): void {
  const count = rows.texts.length;
  const only = targetsOf(rows, 0);
  for (let row = 1; row < count; row++) {
    if (targetsOf(rows, row).join() !== only.join()) return;
  }
  const found = Array.from(only, (target) => describe(labels[target])).join(", ");
  throw new BertletError(
    "bad-row",
    rows.ends === undefined
      ? `${name}: expected rows of at least two labels, found only ${found} in ${count} rows`
      : `${name}: expected rows of differing labels, found ${found === "" ? "none" : `only ${found}`} in all ${count} rows`,
  );
}

/** Throws where the model has no classification head. */
export function checkHasLabels(call: string, { labels }: Head): void {
  if (labels.length > 0) return;
  throw new BertletError(
    "bad-state",
    `${call}: this model has no labels: its checkpoint has no classification head, and labels was not given`,
    "pass the labels as the option labels of Classifier.load",
  );
}
