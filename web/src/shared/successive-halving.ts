// Successive halving (Jamieson & Talwalkar 2016), as Hyperband runs it (Li et al. 2018): how many rungs, how many
// steps a trial makes on each, when a rung's budget is spent, and who goes on. Pure; runs nothing.

/** Of a rung's trials one in so many goes on, to so many times the steps: Hyperband's eta. */
const ETA = 3;

/** `wholes`: the steps of each trial's whole recipe. Undefined where the budget is less than the longest takes. */
export function rungCount(wholes: readonly number[], budgetSteps: number): number | undefined {
  const longest = wholes.reduce((a, b) => Math.max(a, b), 0);
  let rungs = 1;
  for (let left = Math.floor(wholes.length / ETA); left >= 1; left = Math.floor(left / ETA)) rungs += 1;
  // Every rung gets an even part of the budget, with which the last must be able to train the longest recipe.
  const affordable = Math.min(rungs, Math.floor(budgetSteps / longest));
  return affordable < 1 ? undefined : affordable;
}

/** Steps on rung `rung` (from 1): all on the last, a third on the one before, and so on. */
export function stepsOnRung(rung: number, rungs: number, whole: number): number {
  return Math.max(1, Math.ceil(whole / ETA ** (rungs - rung)));
}

/** What may be spent up to the end of a rung. What one leaves is the later ones'. */
export function budgetUpTo(rung: number, rungs: number, budget: number): number {
  return (budget * rung) / rungs;
}

/** The better third of a rung's runs, the best first: at least one of those that did not diverge. */
export function promoted<R extends { trial: number; devLoss: number | null }>(runs: readonly R[]): R[] {
  const sound = ranked(runs);
  return sound.slice(0, Math.max(1, Math.floor(runs.length / ETA)));
}

/** By dev loss, of equals the earlier trial first, without those that diverged. */
export function ranked<R extends { trial: number; devLoss: number | null }>(runs: readonly R[]): R[] {
  return runs
    .filter(({ devLoss }) => devLoss !== null)
    .sort((a, b) => (a.devLoss as number) - (b.devLoss as number) || a.trial - b.trial);
}
