/**
 * The tag's texts in English, and the type that its Chinese texts must have. None is markup.
 */
import type { Expected } from "../attributes.ts";
import type { Reason } from "../lesson.ts";
import type { Progress } from "../work.ts";

/** No certainty that rounding made. */
export function percent(share: number): string {
  if (share > 0.99 && share < 1) return ">99%";
  return share > 0 && share < 0.01 ? "<1%" : `${Math.round(share * 100)}%`;
}

const count = (number: number, one: string, many: string) => `${number} ${number === 1 ? one : many}`;

const WORK: Record<Progress["work"], string> = {
  rows: "Reading the examples",
  library: "Fetching bertlet",
  download: "Fetching the model",
  device: "Starting",
  model: "Starting the model",
  estimate: "Estimating the time",
  tokenize: "Reading the examples",
  infer: "Learning the examples",
  dev: "Checking",
  test: "Checking with examples it has not seen",
  steps: "Learning",
  asking: "Classifying",
  saving: "Making the file",
};

export const en = {
  tag: "Text classifier",
  load: "Load the model",
  retry: "Try again",
  stop: "Stop",
  ready: "The model is ready.",
  failed: "That did not work",
  /** Titles by code; the library's own message follows, which is English. */
  failures: {} as Record<string, string>,
  checkAddress: "Check the address in src, and the connection.",
  todo: "What to do:",
  code: "Code:",
  work: (work: Progress["work"]) => WORK[work],
  amount: (work: Progress["work"], done: number, total: number) =>
    work === "download"
      ? `${(done / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`
      : `${done} of ${total}`,
  left: (seconds: number) =>
    seconds < 90
      ? `about ${count(Math.max(1, Math.round(seconds)), "second", "seconds")} left`
      : `about ${Math.round(seconds / 60)} minutes left`,
  text: "Text",
  textHelp: "Ctrl + Enter works too.",
  classify: "Classify",
  askFirst: { teach: "Train the model first.", empty: "Type a text first." },
  verdict: (label: string, score: number) => `Most likely: ${label}, ${percent(score)}`,
  unsure: (first: string, second: string) => `Not sure: ${first} or ${second}`,
  chosen: (labels: readonly string[]) =>
    labels.length > 0 ? `Labels: ${labels.join(", ")}` : "None of the labels",
  scores: "Score of each label",
  label: "Label",
  score: "Score",
  examples: "Examples",
  examplesHelp: "Write a few texts for each label. The model learns from them.",
  count: (examples: number) => count(examples, "example", "examples"),
  exampleOf: (label: string, at: number) => `Example ${at} of ${label}`,
  newExample: (label: string) => `New example of ${label}`,
  add: "Add",
  remove: (text: string) => `Delete: ${text}`,
  removeLabel: (label: string) => `Delete the label ${label} and its examples`,
  removed: "Deleted.",
  undo: "Undo",
  more: (examples: number) => `Show ${count(examples, "more example", "more examples")}`,
  newLabel: "New label",
  addLabel: "Add label",
  sameLabel: (label: string) => `There is already a label ${label}.`,
  train: "Train",
  trainAgain: "Train again",
  reason: (reason: Reason) =>
    reason.why === "labels"
      ? "To train, add at least two labels."
      : `To train, add an example of ${reason.label}.`,
  waitLoad: "To train, wait until the model is loaded.",
  within: (minutes: number) => `Training takes at most ${count(minutes, "minute", "minutes")}.`,
  tooLong: (needed: number, minutes: number) =>
    `All of it would take about ${Math.ceil(needed)} minutes. It will stop after ${minutes}.`,
  trained: (seconds: number) =>
    `Trained in ${count(Math.max(1, Math.round(seconds)), "second", "seconds")}. Try it now.`,
  outOfTime: (minutes: number) =>
    `Stopped after ${count(minutes, "minute", "minutes")}, as set. Try what it has learned.`,
  stopped: "Stopped. Try what it has learned.",
  nothing: "Stopped before it learned anything.",
  diverged: "Training became unstable. Use a gentler recipe, or other examples.",
  checked: (correct: number, rows: number) => `${correct} of ${rows} texts that it had not seen are right.`,
  recipe: "Recipe",
  locked: "Your teacher has set the recipe and the labels.",
  method: "Method",
  methods: {
    centroid: "Compare with the examples (quick)",
    contrastive: "Learn from pairs (few examples)",
    full: "Train the whole model",
    lora: "Train a small part (LoRA)",
  } as Record<string, string>,
  epochs: "Epochs",
  keep: "Download the model",
  attribute: "This tag's settings need a correction",
  expected: ({ kind, detail }: Expected) =>
    ({
      one: `expected one of ${detail}`,
      whole: `expected a whole number, ${detail}`,
      minutes: `expected minutes over 0, at most ${detail}`,
      address: "expected an address with http or https",
      labels: `expected up to ${detail} different names, with | between them`,
      needed: "expected the address of a model's folder",
      known: `there is no such setting; there are ${detail}`,
    })[kind],
  found: (found: string) => `found “${found}”`,
};

export type Strings = typeof en;
