// Takes logits and true labels; gives the temperature that fits them best, and how far scores and shares of right
// answers are apart. Plain arithmetic in double precision.

import type { ReliabilityBin } from "../../bertlet.d.ts";

/** The range in which a temperature is looked for. */
const RANGE = [0.05, 20] as const;
/** Halvings of the range: to 7 digits and more. */
const STEPS = 60;

/** One decision: its logits, and which of them are true. A label of a multi-label row is a decision of its own. */
export interface Decision {
  logits: readonly number[];
  /** Index of the true one. */
  truth: number;
}

/** A row's decisions; a multi-label row has one a label, between 0 and its logit. */
export function decisionsOf(
  logits: Float32Array,
  classes: number,
  truthOf: (row: number) => readonly number[],
  multiLabel: boolean,
): Decision[] {
  return Array.from({ length: logits.length / classes }, (_, row) => {
    const own = Array.from(logits.subarray(row * classes, (row + 1) * classes));
    const truth = truthOf(row);
    if (!multiLabel) return [{ logits: own, truth: truth[0] as number }];
    return own.map((logit, label) => ({ logits: [0, logit], truth: truth.includes(label) ? 1 : 0 }));
  }).flat();
}

/** The mean negative log likelihood of decisions whose logits are divided by a temperature. */
export function meanLoss(decisions: readonly Decision[], temperature = 1): number {
  let sum = 0;
  for (const { logits, truth } of decisions) {
    sum += logSum(logits, temperature) - (logits[truth] as number) / temperature;
  }
  return sum / decisions.length;
}

/**
 * The temperature of the least mean loss (Guo et al. 2017). The loss is convex in 1 / temperature, so that the sign of its
 * derivative leads there. Undefined where the loss falls to the end of the range: all decisions are right, or none is.
 */
export function fitTemperature(decisions: readonly Decision[]): number | undefined {
  let [low, high] = [1 / RANGE[1], 1 / RANGE[0]];
  if (slope(decisions, low) >= 0 || slope(decisions, high) <= 0) return undefined;
  for (let step = 0; step < STEPS; step++) {
    const middle = Math.sqrt(low * high);
    if (slope(decisions, middle) > 0) high = middle;
    else low = middle;
  }
  return 1 / Math.sqrt(low * high);
}

/** The derivative of the mean loss by the inverse temperature. */
function slope(decisions: readonly Decision[], inverse: number): number {
  let sum = 0;
  for (const { logits, truth } of decisions) {
    const total = logSum(logits, 1 / inverse);
    let expected = 0;
    for (const logit of logits) expected += logit * Math.exp(logit * inverse - total);
    sum += expected - (logits[truth] as number);
  }
  return sum / decisions.length;
}

function logSum(logits: readonly number[], temperature: number): number {
  const most = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((sum, logit) => sum + Math.exp((logit - most) / temperature), 0);
  return most / temperature + Math.log(sum);
}

/** An answer: its score, 0 to 1. */
export interface Answer {
  score: number;
  right: boolean;
}

/** The best answer of each decision. */
export function answersOf(decisions: readonly Decision[], temperature = 1): Answer[] {
  return decisions.map(({ logits, truth }) => {
    const best = logits.reduce((best, logit, index) => (logit > (logits[best] as number) ? index : best), 0);
    const score = Math.exp((logits[best] as number) / temperature - logSum(logits, temperature));
    return { score, right: best === truth };
  });
}

/** Bins of equal width over 0 to 1. A score on the edge of two belongs to the lower one, as in Guo et al.; 0 to the first. */
export function reliability(answers: readonly Answer[], bins: number): ReliabilityBin[] {
  const sums = Array.from({ length: bins }, () => ({ count: 0, score: 0, right: 0 }));
  for (const { score, right } of answers) {
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(score * bins) - 1));
    const sum = sums[bin] as (typeof sums)[number];
    sum.count += 1;
    sum.score += score;
    sum.right += right ? 1 : 0;
  }
  return sums.map(({ count, score, right }, bin) => ({
    from: bin / bins,
    to: (bin + 1) / bins,
    count,
    score: count === 0 ? 0 : score / count,
    accuracy: count === 0 ? 0 : right / count,
  }));
}

/** The expected calibration error: the mean distance of score and accuracy, each bin by its count (Naeini et al. 2015). */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const sum = bins.reduce((sum, { count, score, accuracy }) => sum + count * Math.abs(score - accuracy), 0);
  return total === 0 ? 0 : sum / total;
}
