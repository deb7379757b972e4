// Bad calls of masked-language modelling and of `create` in Chromium, each held to its error code.

import { type BadCall, badCalls } from "../../support/bad-calls.ts";
import { suite } from "../../support/browser.ts";

const WITH_HEAD = "Classifier.load('data/checkpoints/masked_lm_bf16/', { device: 'wasm', maskedLm: true })";

const CALLS: BadCall[] = [
  ["filling without the head", "bad-state", "classifier.fillMask('a [MASK]')", /maskedLm|masked-LM/],
  ["pretraining without the head", "bad-state", "classifier.pretrain(['a text']).result", /masked-LM/],
  ["a masked-LM folder without the head", "bad-state", "classifier.save({ as: 'masked-lm' })", /masked-LM head/],
  ["a folder of both heads without one", "bad-state", "classifier.save({ as: 'both' })", /masked-LM head/],
  ["a folder of no known class", "bad-option", "classifier.save({ as: 'bert' })", /as.*"bert"/],
  ["a text without a mask", "bad-row", `(await ${WITH_HEAD}).fillMask('a text')`, /\[MASK\]/],
  ["a mask beyond the last token", "bad-row", `(await ${WITH_HEAD}).fillMask('a '.repeat(500) + '[MASK]')`],
  ["filling a number", "bad-row", `(await ${WITH_HEAD}).fillMask(1)`, /found 1/],
  ["no best token", "bad-option", `(await ${WITH_HEAD}).fillMask('[MASK]', { topK: 0 })`, /topK/],
  ["no text to learn from", "bad-row", `(await ${WITH_HEAD}).pretrain([]).result`, /train/],
  ["texts of no word", "bad-row", `(await ${WITH_HEAD}).pretrain(['', ' ']).result`, /word/],
  ["a dev of no word", "bad-row", `(await ${WITH_HEAD}).pretrain({ train: ['a'], dev: [''] }).result`, /dev/],
  ["rows in place of texts", "bad-row", `(await ${WITH_HEAD}).pretrain([{ text: 'a' }]).result`, /text 0/],
  [
    "a test split",
    "bad-row",
    `(await ${WITH_HEAD}).pretrain({ train: ['a'], test: ['a'] }).result`,
    /"test"/,
  ],
  [
    "a mask on nothing",
    "bad-option",
    `(await ${WITH_HEAD}).pretrain(['a'], { maskProbability: 0 }).result`,
    /maskProbability/,
  ],
  [
    "an option of fine-tuning",
    "bad-option",
    `(await ${WITH_HEAD}).pretrain(['a'], { method: 'lora' }).result`,
    /method/,
  ],
  ["creating from nothing", "bad-row", "Classifier.create({ device: 'wasm' })", /create/],
  ["creating from no words", "bad-row", "Classifier.create({ texts: [''], device: 'wasm' })", /word/],
  ["creating from numbers", "bad-row", "Classifier.create({ texts: [1] })", /text 0.*found 1/],
  [
    "heads that do not divide the width",
    "bad-option",
    "Classifier.create({ texts: ['a'], heads: 3, device: 'wasm' })",
    /heads/,
  ],
  [
    "a vocabulary of nothing",
    "bad-option",
    "Classifier.create({ texts: ['a'], vocabSize: 10, device: 'wasm' })",
    /vocabSize/,
  ],
  ["an unknown shape", "bad-option", "Classifier.create({ texts: ['a'], depth: 2 })", /"depth"/],
  [
    "a head that is no yes or no",
    "bad-option",
    "Classifier.load(folder, { device: 'wasm', maskedLm: 1 })",
    /maskedLm/,
  ],
];

suite("bad calls about words", (stage) => badCalls(stage, CALLS));
