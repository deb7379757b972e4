// Successive halving (Jamieson & Talwalkar 2016), as in Hyperband (Li et al. 2018): the number of rungs, the
// steps and the budget of each, and the trials that are promoted. Pure functions; runs nothing.

/** Hyperband's eta: one trial in ETA is promoted, to ETA times the steps. */
const ETA = 3;

/**
 * The number of rungs. `fullSteps` are the steps of each trial's whole recipe. Undefined where the budget is
 * less than the largest of them.
 */
export function rungCount(fullSteps: readonly number[], budgetSteps: number): number | undefined {
  const longest = fullSteps.reduce((a, b) => Math.max(a, b), 0);
  let rungs = 1;
  for (let left = Math.floor(fullSteps.length / ETA); left >= 1; left = Math.floor(left / ETA)) rungs += 1;
  // Rungs share the budget evenly, and the last one must be able to train the longest recipe.
  const affordable = Math.min(rungs, Math.floor(budgetSteps / longest));
  return affordable < 1 ? undefined : affordable;
}

/** Steps of a trial on a rung, from 1: all on the last one, a third on the one before, and so on. */
export function stepsOnRung(rung: number, rungs: number, fullSteps: number): number {
  return Math.max(1, Math.ceil(fullSteps / ETA ** (rungs - rung)));
}

/** The budget up to the end of a rung. Later rungs may spend what earlier ones left. */
export function budgetUpTo(rung: number, rungs: number, budget: number): number {
  return (budget * rung) / rungs;
}

/** The promoted third of a rung's runs, best first: at least one, unless all diverged. */
export function promoted<R extends { trial: number; devLoss: number | null }>(runs: readonly R[]): R[] {
  const sound = ranked(runs);
  return sound.slice(0, Math.max(1, Math.floor(runs.length / ETA)));
}

/** Runs by dev loss, the earlier trial first among equals, without diverged ones. */
export function ranked<R extends { trial: number; devLoss: number | null }>(runs: readonly R[]): R[] {
  return runs
    .filter(({ devLoss }) => devLoss !== null)
    .sort((a, b) => (a.devLoss as number) - (b.devLoss as number) || a.trial - b.trial);
}
