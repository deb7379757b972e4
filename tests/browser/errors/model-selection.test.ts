// Bad options and rows of early stopping, cross-validation, search, splits and data reports in Chromium, each
// held to its error code; the classifier works on afterwards.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type BadCall, badCalls } from "../../support/bad-calls.ts";
import { suite } from "../../support/browser.ts";

const finetune = (options: string) => `classifier.finetune({ train: rows, dev: rows }, ${options}).result`;
const validate = (options: string, rows = "rows") => `classifier.crossValidate(${rows}, ${options}).result`;
const search = (options: string, data = "{ train: rows, dev: rows }") =>
  `classifier.search(${data}, ${options}).result`;

const CALLS: BadCall[] = [
  [
    "early stopping without patience",
    "bad-option",
    finetune("{ earlyStopping: {} }"),
    /earlyStopping.*patience/,
  ],
  ["early stopping as a number", "bad-option", finetune("{ earlyStopping: 3 }"), /earlyStopping.*found 3/],
  ["a patience of zero", "bad-option", finetune("{ earlyStopping: { patience: 0 } }"), /from 1 to 1000/],
  ["half a patience", "bad-option", finetune("{ earlyStopping: { patience: 1.5 } }"), /earlyStopping/],
  [
    "a patience and more",
    "bad-option",
    finetune("{ earlyStopping: { patience: 1, delta: 0.1 } }"),
    /earlyStopping/,
  ],
  ["restoreBest as a word", "bad-option", finetune("{ restoreBest: 'yes' }"), /restoreBest.*"yes"/],
  [
    "early stopping without dev",
    "bad-option",
    "classifier.finetune({ train: rows }, { earlyStopping: { patience: 1 } }).result",
    /earlyStopping needs dev/,
  ],
  [
    "restoreBest without dev",
    "bad-option",
    "classifier.finetune({ train: rows, test: rows }, { restoreBest: true }).result",
    /restoreBest needs dev/,
  ],
  [
    "a plan of early stopping without dev",
    "bad-option",
    "classifier.plan({ train: rows }, { earlyStopping: { patience: 1 } })",
    /plan.*needs dev/,
  ],

  ["one fold", "bad-option", validate("{ folds: 1 }"), /folds.*from 2 to 100.*found 1/],
  ["too many folds", "bad-option", validate("{ folds: 101 }"), /folds/],
  ["more folds than rows", "bad-row", validate("{ folds: 4 }"), /4 different texts/],
  [
    "more folds than texts",
    "bad-row",
    validate("{ folds: 4 }", "[...rows, { ...rows[0], text: rows[0].text + '!' }]"),
    /different texts/,
  ],
  ["folds that stop early", "bad-option", validate("{ earlyStopping: { patience: 1 } }"), /earlyStopping/],
  ["folds that restore", "bad-option", validate("{ restoreBest: true }"), /restoreBest/],
  ["folds of splits", "bad-row", validate("{}", "{ train: rows }"), /array/],
  ["folds of no rows", "bad-row", validate("{}", "[]"), /at least one row/],
  [
    "folds of an unknown label",
    "unknown-label",
    validate("{ folds: 2 }", "[...rows, { text: 'x', label: 'y' }]"),
    /row 3/,
  ],
  [
    "folds that leave one label",
    "bad-row",
    validate("{ folds: 2 }", "[rows[0], { text: 'another', label: 'a' }, rows[1]]"),
    /all folds but.*two labels/,
  ],
  ["a bad recipe over folds", "bad-option", validate("{ folds: 3, learningRate: 2 }"), /learningRate/],

  ["a search without dev", "bad-row", search("{}", "{ train: rows }"), /dev/],
  ["a search with a test set", "bad-row", search("{}", "{ train: rows, dev: rows, test: rows }"), /test/],
  ["a search of nothing", "bad-row", search("{}", "undefined"), /train, dev/],
  ["no trials", "bad-option", search("{ trials: 0 }"), /trials/],
  ["too many trials", "bad-option", search("{ trials: 1001 }"), /trials/],
  ["an empty budget", "bad-option", search("{ budget: {} }"), /budget/],
  ["two budgets", "bad-option", search("{ budget: { steps: 9, minutes: 1 } }"), /budget/],
  ["a budget of hours", "bad-option", search("{ budget: { hours: 1 } }"), /budget/],
  ["a budget of no minutes", "bad-option", search("{ budget: { minutes: 0 } }"), /budget/],
  ["a budget of half a step", "bad-option", search("{ budget: { steps: 0.5 } }"), /budget/],
  [
    "a budget below one recipe",
    "bad-option",
    search("{ trials: 1, budget: { steps: 4 } }"),
    /at least 5 steps/,
  ],
  ["a space of another name", "bad-option", search("{ space: { dropout: [0, 0.1] } }"), /space/],
  ["a space that is a list", "bad-option", search("{ space: [8, 16] }"), /space/],
  ["rates out of order", "bad-option", search("{ space: { learningRate: [1e-3, 1e-5] } }"), /space/],
  ["a rate of zero", "bad-option", search("{ space: { learningRate: [0, 1e-3] } }"), /space/],
  ["three rates", "bad-option", search("{ space: { learningRate: [1e-5, 1e-4, 1e-3] } }"), /space/],
  ["no batch sizes", "bad-option", search("{ space: { batchSize: [] } }"), /space/],
  ["a batch size of zero", "bad-option", search("{ space: { batchSize: [0, 8] } }"), /space/],
  ["epochs that are no list", "bad-option", search("{ space: { epochs: 3 } }"), /space/],
  ["a state that is text", "bad-option", search("{ resume: '{}' }"), /resume/],
  ["a state of nothing", "bad-option", search("{ resume: {} }"), /resume\.version/],
  [
    "a state of another version",
    "bad-option",
    search("{ resume: { version: 2 } }"),
    /version must be 1, found 2/,
  ],
  [
    "a state of another search",
    "bad-option",
    search("{ resume: { version: 1, settings: { trials: 3 }, runs: [] } }"),
    /other trials: 3/,
  ],

  ["a look at no data", "bad-row", "classifier.inspect()", /inspect/],
  ["a look at one row", "bad-row", "classifier.inspect(rows)", /train, dev, test/],
  ["a look at rows without labels", "bad-row", "classifier.inspect({ train: [{ text: 'x' }] })", /label/],
  ["a look with a threshold", "bad-option", "classifier.inspect({ train: rows }, { fewRows: 3 })", /fewRows/],

  ["a split of no rows", "bad-row", "bertlet.splitRows([])", /at least one row/],
  ["a split of texts", "bad-row", "bertlet.splitRows(['x'])", /row 0/],
  [
    "a split that leaves nothing",
    "bad-option",
    "bertlet.splitRows(rows, { dev: 0.5, test: 0.5 })",
    /under 1/,
  ],
  ["a negative share", "bad-option", "bertlet.splitRows(rows, { dev: -1 })", /dev/],
  ["a share of all", "bad-option", "bertlet.splitRows(rows, { test: 1 })", /test/],

  ["a comparison of nothing", "bad-row", "bertlet.compare([], [], [])", /at least one row/],
  [
    "a comparison of other rows",
    "bad-row",
    "bertlet.compare(rows, rows, rows.slice(1))",
    /second.*array of 3/,
  ],
  ["a comparison of texts", "bad-row", "bertlet.compare(rows, ['a', 'b', 'c'], rows)", /first: prediction 0/],
];

suite("a bad choice", (stage) => {
  badCalls(stage, CALLS);

  test("leaves the classifier as it was", async () => {
    const found = await stage.page.evaluate(async () => {
      const rows = ["a", "b", "c", "a", "b", "c"].map((label, at) => ({
        text: `text ${at} for ${label}`,
        label,
      }));
      const good = window.kept.good as NonNullable<typeof window.kept.good>;
      const before = await good.classify("a text");
      const folds = await good.crossValidate(rows, { folds: 2, epochs: 1 }).result;
      const search = await good.search({ train: rows, dev: rows }, { trials: 2, epochs: 1 }).result;
      const after = await good.classify("a text");
      const options = { epochs: 2, earlyStopping: { patience: 1 } };
      const end = await good.finetune({ train: rows, dev: rows }, options).result;
      return { same: before.score === after.score, reasons: [folds.reason, search.reason, end.type] };
    });
    assert.deepEqual(found, { same: true, reasons: ["finished", "finished", "end"] });
  });
});
