/**
 * What the page knows of why a text got its label.
 */
import type { Explanation, Prediction, TextPair } from "../../src/index.ts";
import type { Failure } from "../i18n/messages.ts";

export interface WhyState {
  /** The answer beside which it was asked: another answer hides it. */
  beside?: Prediction | undefined;
  /** The text or pair that is explained. */
  text?: string | TextPair | undefined;
  /** By integrated gradients. */
  parts?: Explanation | undefined;
  /** By leaving out each word, with the nearest examples. */
  without?: Explanation | undefined;
  /** How many training examples the nearest were looked for among, and how many there are. */
  among?: { looked: number; all: number } | undefined;
  busy: boolean;
  done: number;
  total: number;
  error?: Failure | undefined;
}

export const emptyWhy: WhyState = { busy: false, done: 0, total: 0 };
