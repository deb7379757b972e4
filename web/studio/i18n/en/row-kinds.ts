/**
 * The texts of rows with a second text or with several labels, in English, for every step.
 */
import { isolated } from "../isolated.ts";
import { count, percent } from "./amounts.ts";

export const rowKinds = {
  summary: "Two texts or several labels per row",
  pairColumn: "Second text",
  pairColumnHelp: "The model reads it together with the text, such as an answer with its question.",
  none: "none",
  labelsARow: "Labels per row",
  one: "One",
  listed: "Several, as the file lists them",
  split: (separator: string) => `Several, split at “${separator}”`,
  labelsARowHelp: "With several, a row may have any number of labels, or none.",
  likely: (example: string, labels: number) =>
    `“${isolated(example)}” looks like ${count(labels, "label", "labels")} in one cell. If a row may have several labels, say so here.`,
  noPair: (file: string, rows: number) =>
    `${file}: ${count(rows, "row has", "rows have")} no second text. They are kept.`,
  noLabels: (file: string, rows: number) =>
    `${file}: ${count(rows, "row has", "rows have")} no label. No label applies to ${rows === 1 ? "it" : "them"}.`,
  sameLabels: "All training rows have the same labels. Training needs rows with different labels.",
  list: (labels: readonly string[]) => labels.map(isolated).join(", ") || "none",
  microF1: "Micro F1",
  microF1Help: "F1 over all decisions on all labels; 1 is perfect",
  exact: "All labels right",
  exactHelp: "none missing, none too many",
  truth: "True labels",
  scoresTitle: "On dev, after each epoch, before the decision threshold is tuned",
  scoresSummary: (epoch: number, micro: number, macro: number) =>
    `After epoch ${epoch}: micro F1 ${micro.toFixed(3)}, macro F1 ${macro.toFixed(3)}.`,
  saidEpoch: (epoch: number, loss: number, micro: number | undefined) =>
    `Epoch ${epoch}: loss ${loss.toFixed(3)}${micro === undefined ? "" : `, dev micro F1 ${micro.toFixed(3)}`}.`,
  rail: (micro: number) => `micro F1 ${micro.toFixed(2)}`,
  threshold: (threshold: number, tuned: boolean) =>
    `The decision threshold is ${percent(threshold)}${tuned ? ", which gave the highest micro F1 on dev" : ""}.`,
  best: (trial: number, share: number) =>
    `Recipe ${trial} has the lowest dev loss. It gets all labels right in ${percent(share)} of the rows.`,
  scores: (scores: readonly number[]) =>
    `Micro F1 on each fold: ${scores.map((score) => score.toFixed(3)).join(", ")}.`,
  spread: (mean: number, std: number) =>
    `Micro F1 ${mean.toFixed(3)} ± ${std.toFixed(3)} (mean and standard deviation over the folds).`,
  twoTexts: "This model reads two texts",
  verdict: "Labels:",
  scoresHelp: (threshold: number) =>
    `Each label is scored by itself. It applies at ${percent(threshold)} or more; the line marks that threshold.`,
};
