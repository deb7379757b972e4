// Takes the options of a run, or of its estimate; gives them back typed, or throws `bad-option`. Checks names, types and fixed
// limits; the engine checks ranges that depend on the model or the recipe.

import type {
  CrossValidateOptions,
  DistillOptions,
  FinetuneOptions,
  LearnOptions,
  PretrainOptions,
  SearchOptions,
} from "../../bertlet.d.ts";
import { LIMITS } from "../shared/defaults.ts";
import { METHODS } from "../shared/methods.ts";
import {
  address,
  array,
  arrayOf,
  boolean,
  type Check,
  type Checks,
  callback,
  checker,
  count,
  integer,
  isWithin,
  layers,
  number,
  object,
  oneOf,
  range,
  seed,
  share,
  signal,
  string,
  threads,
  wrongMember,
} from "./option-checks.ts";
import { keptName } from "./options.ts";
import { isRecord, plainCopy } from "./plain-copy.ts";

const targetModules: Check = {
  expected: `an array of ${LIMITS.targetModules.join(" to ")} non-empty strings`,
  accepts: (value) =>
    Array.isArray(value) &&
    isWithin(LIMITS.targetModules, value.length) &&
    Array.from(value).every(string.accepts),
  copy: (value) => Array.from(value as string[]),
};

const LOW_RANK = { alpha: number, dropout: number, targetModules };

const patience = integer(...LIMITS.patience);

const minutes: Check = {
  expected: "a number over 0",
  accepts: (value) => Number.isFinite(value) && (value as number) > 0,
};

const isWeight = (value: unknown) => minutes.accepts(value) && (value as number) <= 1e6;

const FINETUNE: Checks<FinetuneOptions> = {
  method: oneOf(...METHODS),
  recipe: oneOf("auto"),
  minutes,
  headFirst: boolean,
  lora: object(
    "{ rank: a whole number, alpha: a number, dropout: a number, targetModules: an array of strings }, or some of these",
    { rank: integer(...LIMITS.rank), ...LOW_RANK },
    false,
  ),
  adalora: object(
    "{ targetRank, initialRank, interval: whole numbers, alpha, dropout, warmupRatio, finalRatio, beta1, beta2, orthogonality: numbers, targetModules: an array of strings }, or some of these",
    {
      targetRank: integer(...LIMITS.rank),
      initialRank: integer(...LIMITS.initialRank),
      interval: count,
      warmupRatio: number,
      finalRatio: number,
      beta1: number,
      beta2: number,
      orthogonality: number,
      ...LOW_RANK,
    },
    false,
  ),
  adapterName: string,
  adapterSize: integer(...LIMITS.adapterSize),
  virtualTokens: integer(...LIMITS.virtualTokens),
  freezeLayers: integer(0, 0xffff_ffff),
  layerDecay: number,
  accumulate: integer(...LIMITS.accumulate),
  labelSmoothing: number,
  classWeights: {
    expected: '"none", "balanced" or an object of a number over 0, at most 1,000,000, for each label',
    accepts: (value) =>
      value === "none" || value === "balanced" || (isRecord(value) && Object.values(value).every(isWeight)),
    found: (value) => wrongMember(value, isWeight),
    copy: (value) => (typeof value === "string" ? value : { ...(value as object) }),
  },
  epochs: integer(...LIMITS.epochs),
  batchSize: integer(...LIMITS.batchSize),
  learningRate: number,
  weightDecay: number,
  warmupRatio: number,
  schedule: oneOf("linear", "constant", "cosine"),
  adamBeta1: number,
  adamBeta2: number,
  adamEpsilon: number,
  maxGradNorm: number,
  dropout: {
    expected: 'a finite number or "config"',
    accepts: (value) => value === "config" || Number.isFinite(value),
  },
  shuffle: boolean,
  groupByLength: boolean,
  earlyStopping: object(`{ patience: ${patience.expected} }`, { patience }),
  restoreBest: boolean,
  tuneThreshold: boolean,
  augment: object(
    "{ drop, swap, mask: numbers from 0 to under 1 }, or some of these",
    { drop: share, swap: share, mask: share },
    false,
  ),
  seed,
  journal: keptName,
  onProgress: callback,
  signal,
};

/** What every run of gradient descent takes. */
const STEPS = {
  epochs: integer(...LIMITS.epochs),
  batchSize: integer(...LIMITS.batchSize),
  learningRate: number,
  weightDecay: number,
  warmupRatio: number,
  schedule: FINETUNE.schedule,
  adamBeta1: number,
  adamBeta2: number,
  adamEpsilon: number,
  maxGradNorm: number,
  dropout: FINETUNE.dropout,
  shuffle: boolean,
  groupByLength: boolean,
};

const PRETRAIN: Checks<PretrainOptions> = {
  maskProbability: number,
  wholeWords: boolean,
  freezeLayers: FINETUNE.freezeLayers,
  layerDecay: number,
  accumulate: integer(...LIMITS.accumulate),
  ...STEPS,
  seed,
  journal: keptName,
  onProgress: callback,
  signal,
};

const DISTILL: Checks<DistillOptions> = {
  layers,
  temperature: number,
  alpha: number,
  hiddenWeight: number,
  device: oneOf("auto", "webgpu", "wasm"),
  threads,
  assets: address,
  accumulate: FINETUNE.accumulate,
  labelSmoothing: number,
  classWeights: FINETUNE.classWeights,
  ...STEPS,
  earlyStopping: FINETUNE.earlyStopping,
  restoreBest: boolean,
  tuneThreshold: boolean,
  seed,
  onProgress: callback,
  signal,
};

/** A range of learning rates. */
const rates: Check = {
  expected: "two numbers over 0 and at most 1, the smaller first",
  accepts: (value) =>
    Array.isArray(value) &&
    value.length === 2 &&
    Array.from(value).every(Number.isFinite) &&
    0 < value[0] &&
    value[0] <= value[1] &&
    value[1] <= 1,
  copy: (value) => Array.from(value as number[]),
};

const space = object(
  `an object of learningRate: ${rates.expected}; batchSize: whole numbers ${range(LIMITS.batchSize)}; epochs: whole numbers ${range(LIMITS.epochs)}; method: names of methods`,
  {
    learningRate: rates,
    batchSize: arrayOf(integer(...LIMITS.batchSize)),
    epochs: arrayOf(integer(...LIMITS.epochs)),
    method: arrayOf(oneOf(...METHODS)),
  },
  false,
);

const budget: Check = {
  expected: "{ steps: a whole number from 1 } or { minutes: a number over 0 }",
  accepts: (value) =>
    object("", { steps: integer(1) }).accepts(value) || object("", { minutes }).accepts(value),
  copy: (value) => ({ ...(value as object) }),
};

/** Runs of runs repeat one recipe of one stage. */
const { recipe: _, minutes: __, headFirst: ___, ...REPEATED } = FINETUNE;
/** Cross-validation has no dev rows, by which to stop early or tune a threshold. */
const { earlyStopping: ____, restoreBest: _____, tuneThreshold: ______, ...FOLD } = REPEATED;

const SEARCH: Checks<SearchOptions> = {
  ...REPEATED,
  space,
  trials: integer(...LIMITS.trials),
  budget,
  resume: {
    expected: "the state of a search",
    accepts: (value) => typeof value === "object" && value !== null,
    copy: (value) => plainCopy("search: option resume", value),
  },
};

export const checkFinetune = checker<FinetuneOptions>("finetune", FINETUNE);
export const checkPretrain = checker<PretrainOptions>("pretrain", PRETRAIN);
export const checkDistill = checker<DistillOptions>("distill", DISTILL);
export const checkLearn = checker<LearnOptions>("learn", {
  replay: array("{ text, label } rows"),
  replayLimit: count,
  addLabels: boolean,
  method: oneOf("head", "full"),
  epochs: integer(...LIMITS.epochs),
  batchSize: integer(...LIMITS.batchSize),
  learningRate: number,
  classWeights: FINETUNE.classWeights,
  seed,
  onProgress: callback,
  signal,
});
export const checkCrossValidate = checker<CrossValidateOptions>("crossValidate", {
  ...FOLD,
  folds: integer(...LIMITS.folds),
});
export const checkSearch = checker<SearchOptions>("search", SEARCH);
export const checkTakeAway = checker<FinetuneOptions>("takeAway", FINETUNE);
export const checkPlan = checker<FinetuneOptions>("plan", FINETUNE);
