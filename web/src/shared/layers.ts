// Which of a model's layers a smaller one begins as. No state.

/**
 * So many layers of `of`, spread evenly from the first to the last, by their numbers from 0. Of 12 and 6 these are
 * DistilBERT's: 0, 2, 4, 7, 9, 11.
 */
export function spreadLayers(of: number, count: number): number[] {
  if (count === 1) return [of - 1];
  return Array.from({ length: count }, (_, layer) => Math.round((layer * (of - 1)) / (count - 1)));
}
