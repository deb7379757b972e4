/**
 * The texts of pretraining on unlabelled text and of filling masks, in English.
 */
import { count, duration } from "./amounts.ts";

/** The perplexity of an untrained model has five digits. */
const perplexity = (value: number): string =>
  value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString("en");

export const pretrain = {
  title: "Learn from unlabelled text first",
  help: (masked: number) =>
    `The model learns to guess ${Math.round(masked * 100)}\u00a0% of the words, which are hidden from it. That way it gets used to texts like yours. This takes more time and memory than training on as many labelled texts. It helps most with thousands of texts on a special subject.`,
  source: (train: number, dev: number) =>
    `Learns from ${count(train, "text", "texts")}${dev > 0 ? `; ${count(dev, "text is", "texts are")} held out to measure by` : "; too few to hold any out"}.`,
  ofRows: "The texts of your examples, without their labels.",
  ofFile: (name: string) => `The texts of ${name}.`,
  noTexts: "There are no texts to learn from yet.",
  noTextsHint: "Choose a file of texts, or bring examples in step 2.",
  drop: "Or drop more texts of this kind here: a .txt with one text per line, or a CSV, TSV or JSONL.",
  pick: "Choose a file",
  rowsInstead: "Use the examples' texts",
  epochs: {
    name: "Epochs",
    help: "How often the model reads all texts. Different words are hidden each time.",
  },
  learningRate: { name: "Learning rate", help: "Size of each step." },
  wholeWords: "Hide whole words, not pieces of them",
  start: "Learn from the text",
  again: "Learn from the text again",
  progressLabel: "Progress of learning from text",
  preparing: "Preparing the model and the texts…",
  saving: "Saving what the model learned…",
  perplexity: "Perplexity on held-out texts",
  value: perplexity,
  before: "Before",
  after: "After",
  soFar: "So far",
  perplexityHelp:
    "A perplexity of 20 means: the model is as unsure as among 20 equally likely words. Lower is better. It says nothing about labels yet.",
  newHead:
    "This model came without the layer that predicts words, so it got a new one. Its perplexity starts high, and the first steps train mostly that layer.",
  lossTitle: "Loss on hidden words",
  heldOut: "held out",
  said: (before: number, after: number) =>
    `Learned from the text: perplexity ${perplexity(before)} before, ${perplexity(after)} after.`,
  saidDone: "Learned from the text.",
  reasons: {
    finished: (steps: number, seconds: number) =>
      `Finished: ${count(steps, "step", "steps")} in ${duration(seconds)}.`,
    stopped: (steps: number, seconds: number) =>
      `Stopped after ${count(steps, "step", "steps")} and ${duration(seconds)}. What was learned so far is kept.`,
    diverged: (steps: number, seconds: number) =>
      `Training became unstable after ${count(steps, "step", "steps")} and ${duration(seconds)}. The last finite weights are kept. Go back and try a lower learning rate.`,
  },
  named: (name: string, texts: number) => `${name} + ${count(texts, "text", "texts")}`,
  startsFrom: (name: string) =>
    `Training starts from the model that learned from your text: ${name}. In step 5 it can fill a blank.`,
  goBack: "Go back to the original model",
  download: "Download this model",
  downloadHelp: "It is a folder that you can load in step 1 another day.",
  base: "The adapter needs the model that learned from your text. Download that model too, in step 3.",
};

export const fillMask = {
  title: "Fill a blank",
  help: "Shows the most likely words in the place of [MASK]. Training on labels makes the model worse at this.",
  text: "Sentence with a blank",
  placeholder: "The [MASK] is closed on Sunday.",
  insert: "Insert [MASK]",
  button: "Fill",
  working: "Guessing…",
  noHead:
    "The masked-LM head of this checkpoint cannot be loaded, so this model has none. Its training stays as it is.",
  blank: (n: number) => `Blank ${n}`,
  words: "The most likely words",
  word: "Word",
  share: "Probability",
  piece: "A word that begins with ## continues the word before it.",
  said: (words: readonly string[]) => `Most likely: ${words.join("; ")}.`,
};
