/**
 * The texts of learning from text without labels, of filling a blank and of adapters, in English.
 */
import { count, duration } from "./amounts.ts";

/** An untrained model's has five digits. */
const perplexity = (value: number): string =>
  value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString("en");

export const pretrain = {
  title: "Learn from unlabelled text first",
  help: "Hides 15 % of the words and has the model guess them, so that it gets used to texts like yours before it learns labels. It takes more time and memory than training on as many texts, and helps most with thousands of texts of a subject of their own.",
  source: (train: number, dev: number) =>
    `Learns from ${count(train, "text", "texts")}${dev > 0 ? `; ${count(dev, "text is", "texts are")} held out to measure by` : "; too few to hold any out"}.`,
  ofRows: "The texts of your examples, without their labels.",
  ofFile: (name: string) => `The texts of ${name}.`,
  noTexts: "There are no texts to learn from yet.",
  noTextsHint: "Bring a file of them, or examples in step 2.",
  drop: "Or drop more text of this kind here: a .txt with a text a line, or a CSV, TSV or JSONL.",
  pick: "Choose a file",
  rowsInstead: "Use the examples' texts",
  epochs: { name: "Epochs", help: "How often all texts are read; each time other words are hidden." },
  learningRate: { name: "Learning rate", help: "How far each step goes." },
  wholeWords: "Hide whole words, not pieces of them",
  start: "Learn from the text",
  again: "Learn more from it",
  progressLabel: "Progress of learning from text",
  preparing: "Preparing the model and the texts…",
  saving: "Keeping what it learned…",
  perplexity: "Perplexity on the texts held out",
  value: perplexity,
  before: "Before",
  after: "After",
  soFar: "So far",
  perplexityHelp:
    "Among how many words, all alike, the model would be as much in doubt. Lower is better; it says nothing of labels yet.",
  newHead:
    "This model came without the layer that guesses words, and got a new one: it begins with a high perplexity, and the first steps go into that layer.",
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
      `Ran off to infinity after ${count(steps, "step", "steps")} and ${duration(seconds)}. The last sound weights are kept; go back and try a lower learning rate.`,
  },
  named: (name: string, texts: number) => `${name} + ${count(texts, "text", "texts")}`,
  startsFrom: (name: string) =>
    `Training starts from the model that learned from your text: ${name}. In step 5 it can fill a blank.`,
  goBack: "Go back to the model as it came",
  download: "Download this model",
  downloadHelp: "As a folder that loads in step 1, to train on it another day.",
  base: "The addition stands on the model that learned from your text: download that too, in step 3.",
};

export const fillMask = {
  title: "Fill a blank",
  help: "The words that the model thinks likeliest in the place of [MASK]. Training on labels makes it worse at this.",
  text: "Sentence with a blank",
  placeholder: "The [MASK] is closed on Sunday.",
  insert: "Insert [MASK]",
  button: "Fill",
  working: "Guessing…",
  blank: (n: number) => `Blank ${n}`,
  words: "The likeliest words",
  word: "Word",
  share: "Probability",
  piece: "A word that begins with ## goes on with the one before.",
  said: (words: readonly string[]) => `Likeliest: ${words.join("; ")}.`,
};
