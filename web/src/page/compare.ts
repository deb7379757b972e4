// Takes two models' predictions of the same rows; gives McNemar's exact test of their difference.

import type { Comparison, LabelledText, Prediction } from "../../bertlet.d.ts";
import { BertletError, describe } from "../shared/errors.ts";
import { labelKey } from "../shared/labels.ts";
import { readable } from "./plain-copy.ts";
import { checkLabelled } from "./rows.ts";

type Predicted = Pick<Prediction, "label" | "labels">;

export function compare(
  rows: readonly LabelledText[],
  first: readonly Predicted[],
  second: readonly Predicted[],
): Comparison {
  const labels = checkLabelled("compare", rows).map(({ label }) => labelKey(label));
  const rightOf = (name: string, predictions: unknown) =>
    readable(`compare: ${name}`, () => predicted(name, predictions, labels.length), "bad-row").map(
      (label, row) => label === labels[row],
    );
  const right = [rightOf("first", first), rightOf("second", second)] as const;
  const count = (ofFirst: boolean, ofSecond: boolean) =>
    labels.filter((_, row) => right[0][row] === ofFirst && right[1][row] === ofSecond).length;
  const [onlyFirst, onlySecond] = [count(true, false), count(false, true)];
  return {
    rows: labels.length,
    both: count(true, true),
    onlyFirst,
    onlySecond,
    neither: count(false, false),
    difference: (onlySecond - onlyFirst) / labels.length,
    pValue: mcnemar(onlyFirst, onlySecond),
  };
}

/** The label key of each prediction. */
function predicted(name: string, predictions: unknown, rows: number): string[] {
  if (!Array.isArray(predictions) || predictions.length !== rows) {
    throw new BertletError(
      "bad-row",
      `compare: ${name} must be an array of ${rows} predictions, one a row; found ${describe(predictions)}`,
      "pass what classify gives for the rows' texts",
    );
  }
  return Array.from(predictions as unknown[], (prediction, row) => {
    const { label, labels } = (prediction ?? {}) as Partial<Record<keyof Predicted, unknown>>;
    if (Array.isArray(labels) && labels.every((one) => typeof one === "string")) return labelKey(labels);
    if (typeof label === "string") return label;
    throw new BertletError(
      "bad-row",
      `compare: ${name}: prediction ${row} must have a string as its label, found ${describe(label)}`,
    );
  });
}

/**
 * Two-sided p-value: the probability of `first` heads and `second` tails of a fair coin, or of an outcome
 * less even.
 */
function mcnemar(first: number, second: number): number {
  const [few, tosses] = [Math.min(first, second), first + second];
  // The logarithm of the largest term, C(tosses, few) / 2^tosses. The terms of fewer heads follow from it.
  let logarithm = -tosses * Math.LN2;
  for (let i = 1; i <= few; i++) logarithm += Math.log((tosses - few + i) / i);
  let term = 1;
  let sum = 1;
  for (let heads = few; heads > 0; heads--) {
    term *= heads / (tosses - heads + 1);
    sum += term;
  }
  return Math.min(1, 2 * Math.exp(logarithm + Math.log(sum)));
}
