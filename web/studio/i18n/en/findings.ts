/**
 * The findings of the data report, in English: what each is, and what to do about it.
 */
import type { Finding, FindingCode } from "../../../src/index.ts";
import { count, percent } from "./amounts.ts";

const rows = (n: number): string => count(n, "row", "rows");
const labels = (n: number): string => count(n, "label", "labels");

export const findings: Record<FindingCode, { found: (finding: Finding) => string; advice: string }> = {
  "empty-text": {
    found: ({ count: n }) => `${rows(n)} without text.`,
    advice: "Remove them, or find out where the text was lost.",
  },
  duplicate: {
    found: ({ count: n }) => `${rows(n)} ${n === 1 ? "repeats" : "repeat"} an earlier one of the same part.`,
    advice: "Keep one of each; otherwise it counts several times.",
  },
  "near-duplicate": {
    found: ({ count: n }) =>
      `${rows(n)} ${n === 1 ? "repeats" : "repeat"} an earlier one but for case, spaces or punctuation.`,
    advice: "Keep one of each, unless that difference matters.",
  },
  leakage: {
    found: ({ count: n }) =>
      `${rows(n)} of dev or test ${n === 1 ? "is" : "are"} also in another part. The scores will look better than they are.`,
    advice: "Remove them from one of the two parts. A file that this page splits never has them.",
  },
  "conflicting-labels": {
    found: ({ count: n }) =>
      `${rows(n)} ${n === 1 ? "has a text that came" : "have texts that came"} before with another label.`,
    advice: "Decide which label is right: no model can learn both.",
  },
  imbalance: {
    found: ({ ratio = 0 }) => `The largest label has ${ratio.toFixed(0)} times the rows of the smallest.`,
    advice:
      "Add rows of the small labels, or let them count more in step 3. Look at macro F1, not at accuracy.",
  },
  "few-rows": {
    found: ({ count: n }) => `${labels(n)} ${n === 1 ? "has" : "have"} fewer than 8 rows to learn from.`,
    advice: "Add rows, or merge the label with another.",
  },
  "missing-label": {
    found: ({ count: n }) =>
      `${rows(n)} of dev or test ${n === 1 ? "has" : "have"} a label that train lacks.`,
    advice: "Add it to train, or leave the rows out: it can never be predicted.",
  },
  "too-long": {
    found: ({ count: n, share = 0 }) =>
      `${rows(n)} (${percent(share)}) ${n === 1 ? "is" : "are"} longer than the model reads; the end is cut off.`,
    advice: "Raise the max length in step 3 where the end of a text matters.",
  },
  "unknown-tokens": {
    found: ({ share = 0 }) => `The model does not know ${percent(share)} of the tokens in these texts.`,
    advice: "Its vocabulary was made for another language or script. Load a model trained on yours.",
  },
};
