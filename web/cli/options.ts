// The one table of the command's options: names as the library has them, types, defaults and ranges. The help is made of it.

import type { FinetuneOptions, LoadOptions } from "../bertlet.d.ts";
import {
  EXPLAIN_STEPS,
  FINETUNE,
  HEAD,
  INFERENCE,
  LIMITS,
  LOAD,
  LORA,
  QUANTIZE,
  SAVE,
  STAGES,
} from "../src/shared/defaults.ts";
import { METHODS } from "../src/shared/methods.ts";

export const COMMANDS = [
  "finetune",
  "classify",
  "evaluate",
  "explain",
  "inspect",
  "quantize",
  "convert",
  "take-away",
] as const;
export type Command = (typeof COMMANDS)[number];

export interface Option {
  kind: "text" | "number" | "flag";
  of: readonly Command[];
  /** What it takes, as the help and errors say it. */
  takes?: string;
  help: string;
  default?: string | number | boolean;
  choices?: readonly string[];
}

const range = ([least, most]: readonly [number, number]) => `${least} to ${most}`;
const RUNS = ["finetune", "take-away"] as const;
const ROWS = ["finetune", "evaluate", "inspect", "quantize", "take-away"] as const;
const number = (help: string, takes: string, value?: number): Option => ({
  kind: "number",
  of: RUNS,
  help,
  takes,
  ...(value !== undefined && { default: value }),
});
const choice = (
  of: readonly Command[],
  help: string,
  choices: readonly string[],
  value?: string,
): Option => ({
  kind: "text",
  of,
  help,
  takes: choices.join(", "),
  choices,
  ...(value !== undefined && { default: value }),
});
const text = (of: readonly Command[], help: string, takes: string): Option => ({
  kind: "text",
  of,
  help,
  takes,
});

/** Where the model and the data are, and where the result goes. */
const PLACES = {
  model: text(COMMANDS, "The model's folder, or a zip of it. Required", "a folder"),
  out: text(
    ["finetune", "classify", "quantize", "convert", "take-away"],
    "Where the result goes: a folder, of classify a .csv or .jsonl, of take-away a .zip",
    "a path",
  ),
  force: {
    kind: "flag",
    of: ["finetune", "classify", "quantize", "convert", "take-away"],
    help: "Replace what stands at --out; never a file that is read",
  },
  config: text(RUNS, "A recipe.json of the studio or of take-away; options beside it count more", "a file"),
  dev: text(
    RUNS,
    "Rows that are evaluated after each epoch; else a tenth of the rows, where one file alone is given",
    "a file",
  ),
  test: text(
    RUNS,
    "Rows that are evaluated at the end; else a tenth of the rows, where one file alone is given",
    "a file",
  ),
  text: text(
    [...ROWS, "classify", "explain"],
    "The column of the texts; else it is guessed",
    "a column's name",
  ),
  pair: text([...ROWS, "classify", "explain"], "The column of the second texts", "a column's name"),
  label: text(ROWS, "The column of the labels; else it is guessed", "a column's name"),
  separator: choice(ROWS, "What separates several labels of a row; without it a row has one", [
    "|",
    ";",
    ",",
  ]),
  "no-split": {
    kind: "flag",
    of: RUNS,
    help: "Train on all rows of one file, without dev and test",
  },
} satisfies Record<string, Option>;

/** Of `load`. */
export const LOADING = {
  device: choice(
    COMMANDS,
    "Where it is computed; webgpu needs the npm package webgpu",
    ["auto", "wasm", "webgpu"],
    LOAD.device,
  ),
  threads: {
    kind: "number",
    of: COMMANDS,
    takes: "from 1 to the processor's, at most 8",
    help: "Threads of the CPU; default: all",
  },
  pooling: choice(COMMANDS, "How a text's states become one; default: what the folder says", [
    "pooler",
    "cls",
    "mean",
    "max",
  ]),
  maxLength: {
    kind: "number",
    of: COMMANDS,
    takes: "from 3",
    help: `Most tokens of a text; default: what the folder says, else ${LOAD.maxLength}`,
  },
} satisfies Partial<Record<keyof LoadOptions, Option>>;

/** Of `finetune`. What is not here, such as nested options, --config takes. */
export const TRAINING = {
  method: choice(
    RUNS,
    "What is trained; of take-away full, head, lora, adalora or prompt",
    METHODS,
    FINETUNE.method,
  ),
  recipe: choice(RUNS, "Chooses the other options by the rows, the device and the minutes", ["auto"]),
  minutes: number("Of recipe auto, for the run", "over 0", STAGES.minutes),
  headFirst: { kind: "flag", of: RUNS, help: "Train the head before the rest" },
  epochs: number(`Passes over the rows; of head ${HEAD.epochs}`, range(LIMITS.epochs), FINETUNE.epochs),
  batchSize: number("Rows of a batch", range(LIMITS.batchSize), FINETUNE.batchSize),
  learningRate: number(
    `AdamW's peak learning rate; of head ${HEAD.learningRate}`,
    "over 0, at most 1",
    FINETUNE.learningRate,
  ),
  weightDecay: number("AdamW's weight decay", "0 to 1", FINETUNE.weightDecay),
  warmupRatio: number("Part of the steps over which the rate rises", "0 to 1", FINETUNE.warmupRatio),
  schedule: choice(
    RUNS,
    "Course of the rate after that",
    ["linear", "constant", "cosine"],
    FINETUNE.schedule,
  ),
  accumulate: number("Batches of a step", range(LIMITS.accumulate), FINETUNE.accumulate),
  labelSmoothing: number(
    "Part of each target that all labels share",
    "0 to under 1",
    FINETUNE.labelSmoothing,
  ),
  classWeights: choice(RUNS, "Weight of a row, by its label", ["none", "balanced"], FINETUNE.classWeights),
  dropout: number("Dropout of the whole model; default: config.json's", "0 to under 1"),
  freezeLayers: number("Frozen layers, from the bottom", "from 0", FINETUNE.freezeLayers),
  layerDecay: number(
    "Factor of the rate from a layer to the one below",
    "over 0, at most 1",
    FINETUNE.layerDecay,
  ),
  maxGradNorm: number("Largest norm of the gradient; 0 does not clip", "from 0", FINETUNE.maxGradNorm),
  virtualTokens: number("With prompt and prefix", range(LIMITS.virtualTokens), FINETUNE.virtualTokens),
  adapterSize: number("With adapter", range(LIMITS.adapterSize), FINETUNE.adapterSize),
  rank: number("With lora", range(LIMITS.rank), LORA.rank),
  patience: number(
    "Epochs without a lower dev loss before the run ends; default: never",
    range(LIMITS.patience),
  ),
  restoreBest: { kind: "flag", of: RUNS, help: "End with the epoch of the lowest dev loss" },
  seed: number("Of the split, the order and dropout", "from 0", FINETUNE.seed),
} satisfies Partial<Record<keyof FinetuneOptions | "rank" | "patience", Option>>;

/** Of the other calls, and of the command itself. */
export const OTHERS = {
  as: choice(["convert"], "What is written", ["classifier", "onnx"], "classifier"),
  dtype: choice(
    ["convert", "quantize"],
    `Number format; of convert default ${SAVE.dtype}, of quantize f16 or int8, default ${QUANTIZE.dtype}`,
    ["f32", "f16", "int8"],
  ),
  maxDrop: {
    kind: "number",
    of: ["quantize"],
    takes: "0 to under 1",
    help: "The most by which accuracy may fall",
    default: QUANTIZE.maxDrop,
  },
  forLabel: text(["explain"], "The label to explain; default: the one with the highest score", "a label"),
  occlusion: {
    kind: "flag",
    of: ["explain"],
    help: "Leave out one word after another, in place of integrated gradients",
  },
  steps: {
    kind: "number",
    of: ["explain"],
    takes: range(LIMITS.steps),
    help: `Of integrated gradients; default: ${EXPLAIN_STEPS.first}, or ${EXPLAIN_STEPS.second} where these are too few`,
  },
  threshold: {
    kind: "number",
    of: ["classify", "evaluate"],
    takes: "over 0, under 1",
    help: "Lowest score of a predicted label, in multi-label models; default: the model's",
  },
  topK: {
    kind: "number",
    of: ["classify"],
    takes: "from 1",
    help: "Labels that --json lists for a text; default: all",
  },
  inferenceBatch: {
    kind: "number",
    of: ["classify", "evaluate"],
    takes: "from 1",
    help: "Texts computed at once",
    default: INFERENCE.batchSize,
  },
  failUnder: {
    kind: "number",
    of: ["finetune", "evaluate"],
    takes: "0 to 1",
    help: "Exit with 4 where accuracy is less, of finetune on test",
  },
  json: { kind: "flag", of: COMMANDS, help: "Write the result to standard output as JSON" },
  quiet: { kind: "flag", of: COMMANDS, help: "Write no progress; warnings stay" },
  help: { kind: "flag", of: COMMANDS, help: "Write this help; so does -h" },
} satisfies Record<string, Option>;

export const OPTIONS: Record<string, Option> = { ...PLACES, ...LOADING, ...TRAINING, ...OTHERS };

/** `learningRate` is --learning-rate. */
export const flagOf = (name: string) =>
  `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
