// Bad options and rows of multi-label models and of augmentation in Chromium, each held to its error code.

import { type BadCall, badCalls } from "../../support/bad-calls.ts";
import { suite } from "../../support/browser.ts";

/** `call` on a model whose rows may have several labels. */
const several = (call: string) =>
  `Classifier.load(folder, { device: "wasm", labels: ["a", "b", "c"], problemType: "multi_label_classification" }).then((several) => ${call}.finally(() => several.dispose()))`;
const finetune = (options: string) => `classifier.finetune({ train: rows, dev: rows }, ${options}).result`;

const CALLS: BadCall[] = [
  [
    "a problem of another type",
    "bad-option",
    "Classifier.load(folder, { problemType: 'regression' })",
    /problemType.*"regression"/,
  ],
  [
    "several labels on a model of one",
    "bad-row",
    "classifier.finetune({ train: [...rows, { text: 'x', label: ['a', 'b'] }] }).result",
    /train: row 3 has an array of 2/,
  ],
  [
    "no label on a model of one",
    "bad-row",
    "classifier.evaluate([{ text: 'x', label: [] }])",
    /row 0 has an array of 0/,
  ],
  [
    "a label twice in a row",
    "bad-row",
    several("several.evaluate([{ text: 'x', label: ['a', 'b', 'a'] }])"),
    /row 0 has the label "a" twice/,
  ],
  [
    "a number among the labels",
    "bad-row",
    several("several.evaluate([{ text: 'x', label: ['a', 1] }])"),
    /row 0.*strings as its labels, found 1/,
  ],
  [
    "labels as an object",
    "bad-row",
    several("several.evaluate([{ text: 'x', label: { a: true } }])"),
    /row 0.*array of strings.*found an object/,
  ],
  [
    "an unknown label among others",
    "unknown-label",
    several("several.evaluate([rows[0], { text: 'x', label: ['a', 'y'] }])"),
    /row 1.*"y"/,
  ],
  [
    "rows that all have the same labels",
    "bad-row",
    several("several.finetune({ train: rows.map(({ text }) => ({ text, label: ['a', 'c'] })) }).result"),
    /only "a", "c" in all 3/,
  ],
  [
    "folds of rows that all have none",
    "bad-row",
    several("several.crossValidate(rows.map(({ text }) => ({ text, label: [] })), { folds: 3 }).result"),
    /found none/,
  ],
  [
    "centroids of several labels",
    "bad-option",
    several("several.finetune({ train: rows }, { method: 'centroid' }).result"),
    /"centroid" takes rows of one label/,
  ],
  [
    "pairs of several labels",
    "bad-option",
    several("several.plan({ train: rows }, { method: 'contrastive' })"),
    /"contrastive" takes/,
  ],
  [
    "a threshold of one",
    "bad-option",
    several("several.classify('x', { threshold: 1 })"),
    /threshold.*over 0 and under 1, found 1/,
  ],
  ["a threshold of zero", "bad-option", several("several.evaluate(rows, { threshold: 0 })"), /threshold/],
  [
    "a threshold for one label",
    "bad-option",
    "classifier.classify('x', { threshold: 0.3 })",
    /threshold goes with.*several/,
  ],
  [
    "a report at a threshold for one label",
    "bad-option",
    "classifier.evaluate(rows, { threshold: 0.3 })",
    /threshold goes with/,
  ],
  [
    "a threshold tuned for one label",
    "bad-option",
    finetune("{ tuneThreshold: true }"),
    /tuneThreshold goes with/,
  ],
  [
    "a threshold tuned without dev",
    "bad-option",
    several("several.finetune({ train: rows }, { tuneThreshold: true }).result"),
    /tuneThreshold needs dev/,
  ],
  [
    "a threshold tuned over folds",
    "bad-option",
    several("several.crossValidate(rows, { tuneThreshold: true }).result"),
    /tuneThreshold/,
  ],
  [
    "weights of an unknown label",
    "bad-option",
    several("several.finetune({ train: rows }, { classWeights: { d: 2 } }).result"),
    /classWeights.*"d"/,
  ],
  [
    "a comparison of labels that are no strings",
    "bad-row",
    "bertlet.compare(rows, rows, rows.map(() => ({ labels: [1] })))",
    /second: prediction 0/,
  ],
  [
    "a split of a label twice",
    "bad-row",
    "bertlet.splitRows([{ text: 'x', label: ['a', 'a'] }])",
    /row 0.*twice/,
  ],
  [
    "a look at labels that are no strings",
    "bad-row",
    "classifier.inspect({ train: [{ text: 'x', label: [null] }] })",
    /row 0.*null/,
  ],

  [
    "augmentation as a number",
    "bad-option",
    finetune("{ augment: 0.1 }"),
    /augment.*drop, swap, mask.*found 0\.1/,
  ],
  ["augmentation of another kind", "bad-option", finetune("{ augment: { insert: 0.1 } }"), /augment/],
  ["all words dropped", "bad-option", finetune("{ augment: { drop: 1 } }"), /augment.*from 0 to under 1/],
  ["a negative share swapped", "bad-option", finetune("{ augment: { swap: -0.1 } }"), /augment/],
  ["no number masked", "bad-option", finetune("{ augment: { mask: NaN } }"), /augment/],
  [
    "augmentation with a frozen encoder",
    "bad-option",
    finetune("{ method: 'head', augment: { drop: 0.1 } }"),
    /augment goes with.*found the method "head"/,
  ],
  [
    "augmentation of centroids",
    "bad-option",
    finetune("{ method: 'centroid', augment: { drop: 0.1 } }"),
    /augment goes with/,
  ],
];

suite("a bad call about several labels or augmentation", (stage) => badCalls(stage, CALLS));
