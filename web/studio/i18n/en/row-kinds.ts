/**
 * The texts of rows with a second text or with several labels, in English, for every step.
 */
import { count, percent } from "./amounts.ts";

export const rowKinds = {
  summary: "Two texts, or several labels a row",
  pairColumn: "Second text",
  pairColumnHelp: "Read together with the text: the answer to a question, say.",
  none: "none",
  labelsARow: "Labels a row",
  one: "One",
  split: (separator: string) => `Several, split at “${separator}”`,
  labelsARowHelp: "With several, a row may have any number of labels, or none.",
  likely: (example: string, labels: number) =>
    `“${example}” looks like ${count(labels, "label", "labels")} in one cell. If a row may have several labels, say so here.`,
  noPair: (file: string, rows: number) =>
    `${file}: ${count(rows, "row has", "rows have")} no second text. They are kept.`,
  noLabels: (file: string, rows: number) =>
    `${file}: ${count(rows, "row has", "rows have")} no label, and ${rows === 1 ? "counts" : "count"} as having none of them.`,
  sameLabels: "All rows to train on have the same labels. Some must differ.",
  list: (labels: readonly string[]) => labels.join(", ") || "none",
  microF1: "Micro F1",
  microF1Help: "all decisions on all labels together; 1 is perfect",
  exact: "All labels right",
  exactHelp: (right: number, of: number) => `${right} of ${of}: none missing, none too many`,
  truth: "True labels",
  scoresTitle: "On dev, after each epoch, before the threshold is tuned",
  scoresSummary: (epoch: number, micro: number, macro: number) =>
    `After epoch ${epoch}: micro F1 ${micro.toFixed(3)}, macro F1 ${macro.toFixed(3)}.`,
  saidEpoch: (epoch: number, loss: number, micro: number | undefined) =>
    `Epoch ${epoch}: loss ${loss.toFixed(3)}${micro === undefined ? "" : `, dev micro F1 ${micro.toFixed(3)}`}.`,
  rail: (micro: number) => `micro F1 ${micro.toFixed(2)}`,
  threshold: (threshold: number, tuned: boolean) =>
    `A label is given from a score of ${percent(threshold)} on${tuned ? ", which gave the highest micro F1 on dev" : ""}.`,
  best: (trial: number, share: number) =>
    `Recipe ${trial} did best on dev, with all labels right in ${percent(share)} of the rows.`,
  scores: (scores: readonly number[]) =>
    `Micro F1 on each fold: ${scores.map((score) => score.toFixed(3)).join(", ")}.`,
  spread: (mean: number, std: number) =>
    `Micro F1 ${mean.toFixed(3)}, give or take ${std.toFixed(3)} a fold.`,
  twoTexts: "This model reads two texts",
  verdict: "Labels:",
  scoresHelp: (threshold: number) =>
    `Each score stands by itself. A label is given from ${percent(threshold)} on, where the line is.`,
};
