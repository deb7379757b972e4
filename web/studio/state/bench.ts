/**
 * What the page knows of the bench: the text that is tried and its answer, what the examples say of each other, and the model
 * that a new visitor would start with.
 */
import type { Example } from "../data/edits.ts";
import type { Failure } from "../i18n/messages.ts";

/** The model's answer to the text that is tried. */
export interface Answer {
  text: string;
  textPair?: string | undefined;
  /** The best label first. */
  scores: readonly { label: string; score: number }[];
  /** The example that is the most alike. */
  like?: Example | undefined;
  /** The word without which the best label loses the most. */
  because?: string | undefined;
  /** Whether a trained model gave it, or the means of the examples. */
  by: "trained" | "means";
  /** The `info` of the model that gave it. */
  model: object;
}

/** How well the examples, or the texts held out, are told apart by the means alone. */
export interface Held {
  right: number;
  of: number;
  by: "each-other" | "test";
}

export interface BenchState {
  /** Whether a person began to type examples. */
  begun: boolean;
  text: string;
  textPair: string;
  answer?: Answer | undefined;
  /** Whether an answer is being computed. */
  asking: boolean;
  held?: Held | undefined;
  /** Examples whose states are computed, and all that are to be; equal when done. */
  done: number;
  total: number;
  /** Milliseconds that the model takes for a text. */
  textMs?: number | undefined;
  /** What is looked for in the examples. */
  search: string;
  error?: Failure | undefined;
  /** The default model's bytes, left out where they are unknown; whether it is in this browser. */
  defaultModel: { bytes?: number | undefined; kept: boolean };
}

/** What is typed or pasted in the bench and not yet added: it outlasts a change of the step or the language. */
export interface Drafts {
  paste: string;
  pasteLabel: string;
  newLabel: string;
  /** The next example of each label. */
  examples: ReadonlyMap<string, string>;
}

export const noDrafts: Drafts = { paste: "", pasteLabel: "", newLabel: "", examples: new Map() };

export const emptyBench: BenchState = {
  begun: false,
  text: "",
  textPair: "",
  asking: false,
  done: 0,
  total: 0,
  search: "",
  defaultModel: { kept: false },
};
