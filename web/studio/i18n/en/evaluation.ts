/**
 * The texts of step 4, in English.
 */
import { isolated } from "../isolated.ts";
import { pValue } from "../shares.ts";
import { count, percent } from "./amounts.ts";

export const evaluation = {
  stillTraining: "Training is still under way.",
  notTrained: "Train first; then this page shows how good the model is.",
  nothingHeld: "There are no dev or test rows to evaluate on.",
  tooFewToHold: (missing: number) =>
    `There are no texts to evaluate on. With ${count(missing, "more example", "more examples")}, some can be held out.`,
  heldSince: "This model was trained with no text held out. Train again, then it is tested.",
  computing: "Measuring…",
  onTest: (rows: number) => `On ${count(rows, "test text", "test texts")}`,
  onDev: (rows: number) => `On ${count(rows, "dev text", "dev texts")}`,
  accuracy: "Accuracy",
  accuracyHelp: "the share of texts that got the right label",
  right: (right: number, of: number) => `${right} of ${of} right`,
  between: (low: number, high: number, few: boolean) =>
    `${few ? "With so few texts, the" : "The"} truth may lie between ${Math.floor(low * 100)} and ${Math.ceil(high * 100)}\u00a0%.`,
  betweenHelp:
    "This is the 95 % interval by Wilson: other texts like these would give a share in that range.",
  tooFew: "Too few texts to tell how good it is.",
  allScores: "All scores",
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
  wrongHelp: "A row that you correct keeps its place: it is still one of those that the model is judged on.",
  filter: "Show",
  allLabels: "all labels",
  truth: "True label",
  predicted: "Predicted",
  showMore: (n: number) => `Show ${n} more`,
  onlyPair: (truth: string, predicted: string) => `Only ${isolated(truth)}, taken for ${isolated(predicted)}`,
  onlySure: "Only those it was sure of",
  showAll: "Show all",
  keep: "The label is right",
  fix: (label: string) => `It is ${isolated(label)}`,
  other: "Another label…",
  otherFor: (text: string) => `Another label for: ${text}`,
  set: "Change the label",
  hide: "Hide",
  kept: "You said that the label is right.",
  fixed: (label: string) => `Now ${isolated(label)}.`,
  hidden: (n: number) => `Show ${count(n, "hidden row", "hidden rows")}`,
  corrections: (n: number) => `${count(n, "correction", "corrections")} so far.`,
  learn: "Learn them now",
  learned: (rows: number, before: number, after: number) =>
    `It learned ${count(rows, "example", "examples")}. Of the examples that it knew, ${percent(before)} were right before and ${percent(after)} are now.`,
  trainOn: "Train again from the start",
  judgeAgain: "Measure again",
  labelsApart: (labels: readonly string[], learns: boolean) =>
    `The labels have changed since this model was trained (${labels.map(isolated).join(", ")}). ${learns ? "Once it has learned them, it can be measured." : "Only a model trained from the start has them as they are now."}`,
  mixedUp: "Most mixed up",
  mixedUpHelp: "Press a line to see its rows.",
  takenFor: (truth: string, predicted: string) => `${isolated(truth)} → ${isolated(predicted)}`,
  moreLabels: (n: number) => `The other ${count(n, "label", "labels")}`,
  leaveOpen: {
    title: "Leave unsure answers open",
    label: "Leave open below",
    help: "The score is how sure the model is. Step 5 uses this limit, too.",
    none: "Every text gets an answer.",
    result: (open: number, answered: number, right: number) =>
      answered === 0
        ? "No text gets an answer."
        : `${count(open, "text is", "texts are")} left open. Of the other ${answered}, ${right} are right (${percent(right / answered)}).`,
  },
  reliability: {
    title: "Is it as sure as it is right?",
    help: "The bar is how often it was right, the mark how sure it was. Where the mark lies beyond the bar, it is too sure.",
    error: (error: number) => `Expected calibration error: ${(error * 100).toFixed(1)} points.`,
    sure: "How sure",
    right: "How often right",
    calibrate: "Make the scores honest",
    calibrateHelp: (rows: number) =>
      `One number, the temperature, is found on the ${count(rows, "dev text", "dev texts")}. No answer changes, only how sure it is.`,
    calibrateFew: (rows: number) =>
      `With 20 dev texts or more, the scores can be made honest. There ${rows === 1 ? "is" : "are"} ${rows}.`,
    calibrating: "Measuring…",
    noTemperature: (rows: number) =>
      `On the ${count(rows, "dev text", "dev texts")} it is always right, or no better than chance: neither tells how sure it may be. The scores stay as they were.`,
    noTemperatureHelp: "Bring more texts to measure on, some of which it gets wrong.",
    calibrated: (temperature: number) => `Done: temperature ${temperature.toFixed(2)}.`,
    bin: (low: number, high: number) => `${Math.round(low * 100)} – ${Math.round(high * 100)}\u00a0%`,
    value: (right: number, of: number) => `${right} of ${of}`,
  },
  next: {
    title: "What to do next",
    unknownWords: (share: number) =>
      `${Math.round(share * 100)}\u00a0% of your words are unknown to this model.`,
    unknownWordsHelp: "A model made for your language reads them. No training helps as much.",
    otherModel: "Choose another model",
    neverSaid: (labels: readonly string[], more: number) =>
      `Never predicted: ${labels.map(isolated).join(", ")}${more > 0 ? ` and ${more} more` : ""}.`,
    neverSaidHelp: "The model has not learned them. Add examples, or train longer.",
    addExamples: "Add examples",
    fewRows: (labels: readonly string[], more: number) =>
      `Under 8 examples: ${labels.map(isolated).join(", ")}${more > 0 ? ` and ${more} more` : ""}.`,
    fewRowsHelp: "Ten or more examples of a label make a difference.",
    sure: (n: number) => `It was sure of ${count(n, "wrong answer", "wrong answers")}.`,
    sureHelp: "The label of such a text may be a slip.",
    showThem: "Show them",
    ambiguous: (a: string, b: string) => `“${isolated(a)}” and “${isolated(b)}” are taken for each other.`,
    ambiguousHelp: "Can you tell them apart yourself? Else join them. If you can, add examples of both.",
    fewHeld: (n: number) => `It was judged on ${count(n, "text", "texts")} only.`,
    fewHeldHelp:
      "With 20 or more, the score begins to mean something. More examples give more texts to judge on.",
    allRight: "Nothing was wrong.",
    allRightHelp: "Try it on texts that it does not know yet.",
    tryIt: "Try it",
    slips: "Labels of your examples may be slips.",
    slipsHelp:
      "This searches the training texts (at most 5,000, spread over all) for those that look like another label. It opens the model once more.",
    look: "Look for slips",
    looking: "Looking…",
    noSlips: "No example looks like a slip.",
    found: (n: number) => `${count(n, "example looks", "examples look")} like another label.`,
    labelled: "Labelled",
    looksLike: "Looks like",
  },
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
  chanceOf: (p: number) => `${p < 0.05 ? "Unlikely to be luck" : "Could be luck"} (${pValue(p)})`,
};
