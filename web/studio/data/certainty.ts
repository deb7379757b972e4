/**
 * Takes how certain each answer was and whether it was right; gives the reliability curve with its error (Guo et al. 2017),
 * and what remains where uncertain answers are left open.
 */

/** An answer: the score of its label, 0 to 1. */
export interface Answer {
  score: number;
  right: boolean;
}

interface ReliabilityBin {
  low: number;
  high: number;
  count: number;
  /** Mean score, and share of right answers. */
  certainty: number;
  accuracy: number;
}

export interface Reliability {
  /** Bins of equal width that hold answers, the least certain first. */
  bins: readonly ReliabilityBin[];
  /** Expected calibration error: the mean of |accuracy - certainty|, weighted by the answers of each bin. */
  error: number;
}

/** A score on the edge of two bins belongs to the lower one, as in Guo et al.; 0 to the first. */
export function reliability(answers: readonly Answer[], bins = 10): Reliability {
  const filled: ReliabilityBin[] = [];
  let error = 0;
  for (let bin = 0; bin < bins; bin++) {
    const [low, high] = [bin / bins, (bin + 1) / bins];
    const inside = answers.filter(({ score }) => (score > low || bin === 0) && score <= high);
    if (inside.length === 0) continue;
    const count = inside.length;
    const certainty = inside.reduce((sum, { score }) => sum + score, 0) / count;
    const accuracy = inside.filter(({ right }) => right).length / count;
    filled.push({ low, high, count, certainty, accuracy });
    error += (count / answers.length) * Math.abs(accuracy - certainty);
  }
  return { bins: filled, error };
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
