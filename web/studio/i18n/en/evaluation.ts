/**
 * The texts of step 4, in English.
 */
import { count, percent } from "./amounts.ts";

export const evaluation = {
  stillTraining: "Training is still under way.",
  notTrained: "Train first; then this page shows how good the model is.",
  nothingHeld: "There are no dev or test rows to evaluate on.",
  computing: "Measuring…",
  onTest: (rows: number) => `On ${count(rows, "test text", "test texts")}`,
  onDev: (rows: number) => `On ${count(rows, "dev text", "dev texts")}`,
  accuracy: "Accuracy",
  accuracyHelp: (right: number, of: number) => `${right} of ${of} right`,
  macroF1: "Macro F1",
  interval: (low: string, high: string) => `likely ${low} to ${high}`,
  intervalHelp:
    "“Likely” is the 95 % interval: how much the score would vary over other samples of the same size.",
  macroF1Help: "the mean F1 of all labels; 1 is perfect",
  loss: "Loss",
  lossHelp: "lower is better; confident mistakes cost most",
  perLabel: "Scores of each label",
  perLabelHelp:
    "Precision: the share of texts predicted as this label that have it. Recall: the share of its texts that were found. F1: the harmonic mean of both.",
  precision: "Precision",
  recall: "Recall",
  f1: "F1",
  support: "Texts",
  confusion: "Confusion matrix: which labels it mixes up",
  confusionHelp:
    "Rows are true labels, columns are predicted labels. The diagonal holds the correct predictions.",
  corner: "True ↓ predicted →",
  wrongTitle: "What it got wrong",
  wrongCount: (wrong: number, of: number) =>
    wrong === 0 ? `Nothing: all ${of} were right.` : `${wrong} of ${of}.`,
  looking: (done: number, of: number) => `Looking… ${done} of ${of}`,
  wrongHelp: "Read these before you train longer: an example may be ambiguous, or its label may be wrong.",
  filter: "Show",
  allLabels: "all labels",
  truth: "True label",
  predicted: "Predicted",
  more: (n: number) => `and ${n} more`,
};

export const compare = {
  help: "The p-value is the probability that two equally good models differ this much on these texts (McNemar's test). A small test set seldom tells two good models apart.",
  run: "Run",
  name: (number: number, method: string) => `${number}. ${method}`,
  recipe: (model: string, epochs: number, learningRate: number) =>
    `${model}, ${count(epochs, "epoch", "epochs")}, ${learningRate}`,
  accuracy: "Accuracy",
  interval: "95 % interval",
  thanRun: (number: number) => `Run ${number} is`,
  against: "Compare with",
  runNumber: (number: number) => `Run ${number}`,
  chance: "Luck?",
  share: percent,
  range: (low: number, high: number) => `${percent(low)} to ${percent(high)}`,
  points: (difference: number) =>
    difference === 0
      ? "equal"
      : `${Math.abs(difference * 100).toFixed(1)} points ${difference > 0 ? "better" : "worse"}`,
  latest: "this one",
  chanceOf: (p: number) => `${p < 0.05 ? "Unlikely to be luck" : "Could be luck"} (p = ${p.toFixed(3)})`,
};
