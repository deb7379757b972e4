/**
 * Takes a confusion matrix; gives the pairs of labels that are mixed up most, and the labels that are never predicted.
 */

export interface MixedUp {
  truth: string;
  predicted: string;
  count: number;
}

/** The most frequent first; at a tie in the order of labels. */
export function mixedUp(confusion: readonly (readonly number[])[], labels: readonly string[]): MixedUp[] {
  const pairs: MixedUp[] = [];
  confusion.forEach((line, row) => {
    line.forEach((count, column) => {
      const [truth, predicted] = [labels[row], labels[column]];
      if (row !== column && count > 0 && truth !== undefined && predicted !== undefined)
        pairs.push({ truth, predicted, count });
    });
  });
  return pairs.sort((a, b) => b.count - a.count);
}

/** The labels that texts have, and that none was given. */
export function neverSaid(confusion: readonly (readonly number[])[], labels: readonly string[]): string[] {
  return labels.filter((_, label) => {
    const texts = confusion[label]?.some((count) => count > 0) === true;
    return texts && confusion.every((line) => (line[label] ?? 0) === 0);
  });
}
