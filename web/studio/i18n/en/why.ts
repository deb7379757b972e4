/**
 * The texts of why a text got its label, in English.
 */
import { isolated } from "../isolated.ts";
import { count, percent } from "./amounts.ts";

export const why = {
  ask: "Why?",
  title: (label: string, score: number) => `Why “${isolated(label)}” (${percent(score)})`,
  label: "Explain the label",
  working: "Looking at each word…",
  stillWorking: "Leaving out one word after another…",
  for: "speaks for it",
  against: "speaks against it",
  strength: "The stronger the mark, the larger the word's part.",
  small: "No word does much here: the answer hardly depends on a single one.",
  cut: "The text is longer than the model reads, so the words at its end play no part.",
  table: "The words, the strongest first",
  word: "Word",
  part: "Part",
  without: "Without it",
  becomes: (label: string, score: number) => `${isolated(label)}, ${percent(score)}`,
  more: (words: number) => `${count(words, "more word", "more words")}`,
  partsHelp: (text: string, blank: string) =>
    `The parts add up to what the words add to an empty text: from ${blank} to ${text} in log-odds. 0 would be as likely as not.`,
  nearest: "The nearest training examples",
  nearestHelp: (looked: number, all: number) =>
    looked < all
      ? `Found among ${looked} of the ${all} training examples. 1 is the same, 0 has nothing in common.`
      : "1 is the same, 0 has nothing in common.",
  near: (labels: string, similarity: number) => `${labels} · likeness ${similarity.toFixed(2)}`,
  notTitle: "What this is not",
  not: [
    "It tells how this model came to its answer, not whether the answer is right.",
    "Words act together. A word alone in another text may do something else.",
    "The model did not look up the examples. They only lie near the text in its own view.",
  ],
  said: (label: string, words: readonly string[]) =>
    words.length > 0
      ? `Strongest for ${isolated(label)}: ${words.map(isolated).join(", ")}.`
      : `No word speaks for ${isolated(label)}.`,
};
