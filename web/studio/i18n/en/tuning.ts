/**
 * The texts of searching for a recipe and of cross-validation, in English.
 */
import { percent } from "./amounts.ts";

export const tuning = {
  title: "Try several recipes first",
  searchHelp:
    "Tries settings near those above, each for a few steps, and keeps the best by their loss on dev. The best third train three times as long, and so on.",
  trials: { name: "Recipes", help: "How many to try. The first is the one above." },
  minutes: { name: "Minutes", help: "Approximate time limit." },
  noLimit: "no limit",
  search: "Search",
  crossHelp:
    "Cross-validation trains the recipe above once per fold, on the other folds, and evaluates it on that fold. It shows how much the score varies.",
  folds: { name: "Folds", help: "Parts into which train and dev together are split. Test is not used." },
  cross: "Cross-validate",
  working: "Running…",
  caption: "The latest run of each recipe",
  trial: "Recipe",
  steps: "Steps",
  diverged: "diverged",
  nothing: "Stopped before there was anything to compare.",
  best: (trial: number, accuracy: number) =>
    `Recipe ${trial} has the lowest dev loss. Its accuracy on dev is ${percent(accuracy)}.`,
  take: "Use the best recipe",
  scores: (scores: readonly number[]) => `Accuracy on each fold: ${scores.map(percent).join(", ")}.`,
  spread: (mean: number, std: number) =>
    `Accuracy ${percent(mean)} ± ${percent(std)} (mean and standard deviation over the folds).`,
};
