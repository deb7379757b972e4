/**
 * The texts of searching for a recipe and of cross-validation, in English.
 */
import { percent } from "./amounts.ts";

export const tuning = {
  title: "Try several recipes first",
  searchHelp:
    "Draws recipes around the one above and gives each a few steps; the best third go on for three times as many, and so on, judged by dev.",
  trials: { name: "Recipes", help: "How many are drawn; the first is the one above." },
  minutes: { name: "Minutes", help: "About what it may take." },
  noLimit: "no limit",
  search: "Search",
  crossHelp:
    "Or trains the recipe above once a fold, on all rows but the fold's, and judges it on the fold: how good it is, and how much that varies.",
  folds: { name: "Folds", help: "Parts of train and dev together. Test stays out of it." },
  cross: "Cross-validate",
  working: "At work…",
  caption: "The latest run of each recipe",
  trial: "Recipe",
  steps: "Steps",
  diverged: "ran off",
  nothing: "Stopped before there was anything to compare.",
  best: (trial: number, accuracy: number) =>
    `Recipe ${trial} did best on dev, with an accuracy of ${percent(accuracy)}.`,
  take: "Train with the best one",
  scores: (scores: readonly number[]) => `Accuracy on each fold: ${scores.map(percent).join(", ")}.`,
  spread: (mean: number, std: number) => `Accuracy ${percent(mean)}, give or take ${percent(std)} a fold.`,
};
