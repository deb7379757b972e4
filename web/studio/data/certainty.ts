/**
 * Takes how certain each answer was and whether it was right; gives the reliability curve with its error (Guo et al. 2017),
 * and what remains where uncertain answers are left open.
 */

import type { ReliabilityBin } from "../../src/index.ts";
import { type Answer, reliability as binned, calibrationError } from "../../src/shared/calibration.ts";

export type { Answer };

export interface Reliability {
  /** Bins of equal width that hold answers, the least certain first. */
  bins: readonly ReliabilityBin[];
  /** Expected calibration error: the mean of |accuracy - certainty|, weighted by the answers of each bin. */
  error: number;
}

export function reliability(answers: readonly Answer[], bins = 10): Reliability {
  const all = binned(answers, bins);
  return { bins: all.filter(({ count }) => count > 0), error: calibrationError(all) };
}

/** What a limit leaves open: the answers under it. */
export function leftOpen(
  answers: readonly Answer[],
  limit: number,
): { open: number; answered: number; right: number } {
  const rest = answers.filter(({ score }) => score >= limit);
  return {
    open: answers.length - rest.length,
    answered: rest.length,
    right: rest.filter(({ right }) => right).length,
  };
}
