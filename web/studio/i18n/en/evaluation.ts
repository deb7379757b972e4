/**
 * The texts of step 4, in English.
 */
import { count, percent } from "./amounts.ts";

export const evaluation = {
  stillTraining: "Training is still under way.",
  notTrained: "Train first; then this page shows how good the model is.",
  nothingHeld: "There are neither dev nor test rows to judge by.",
  computing: "Measuring…",
  onTest: (rows: number) => `On ${count(rows, "test text", "test texts")}`,
  onDev: (rows: number) => `On ${count(rows, "dev text", "dev texts")}`,
  accuracy: "Accuracy",
  accuracyHelp: (right: number, of: number) => `${right} of ${of} right`,
  macroF1: "Macro F1",
  interval: (low: string, high: string) => `likely ${low} to ${high}`,
  intervalHelp:
    "“Likely” is the 95 % interval: how far the score would scatter over other samples of as many texts.",
  macroF1Help: "every label counts the same; 1 is perfect",
  loss: "Loss",
  lossHelp: "lower is better; sure and wrong costs most",
  perLabel: "Label by label",
  perLabelHelp:
    "Precision: of those it gave this label, the share that was right. Recall: of those that have this label, the share it found. F1: both in one.",
  precision: "Precision",
  recall: "Recall",
  f1: "F1",
  support: "Texts",
  confusion: "What it mixes up",
  confusionHelp: "Each row is a true label, each column what the model said. The diagonal is right.",
  corner: "True ↓ said →",
  wrongTitle: "What it got wrong",
  wrongCount: (wrong: number, of: number) =>
    wrong === 0 ? `Nothing: all ${of} were right.` : `${wrong} of ${of}.`,
  looking: (done: number, of: number) => `Looking… ${done} of ${of}`,
  wrongHelp: "Often the example is ambiguous or its label a slip: worth a look before training longer.",
  filter: "Show",
  allLabels: "all labels",
  truth: "True label",
  predicted: "The model said",
  more: (n: number) => `and ${n} more`,
};

export const compare = {
  title: "Runs on the same texts",
  help: "The chance says how often two equally good models would differ so much on these texts (McNemar's test). A small test set seldom tells two good models apart.",
  run: "Run",
  name: (number: number, method: string) => `${number}. ${method}`,
  recipe: (model: string, epochs: number, learningRate: number) =>
    `${model}, ${count(epochs, "epoch", "epochs")}, ${learningRate}`,
  accuracy: "Accuracy",
  interval: "95 % interval",
  difference: "The latest is",
  chance: "Chance",
  share: percent,
  range: (low: number, high: number) => `${percent(low)} to ${percent(high)}`,
  points: (difference: number) =>
    difference === 0
      ? "equal"
      : `${Math.abs(difference * 100).toFixed(1)} points ${difference > 0 ? "better" : "worse"}`,
  latest: "this one",
  unlikely: "a real difference",
  likely: "could be luck",
};
