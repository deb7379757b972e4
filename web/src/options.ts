// Takes what a caller passed as options; gives it back typed, or throws `bad-option`.
// Checks names and types only: ranges that depend on the model or the recipe are checked by the engine.

import type {
  AddAdapterOptions,
  ClassifyOptions,
  CreateOptions,
  CrossValidateOptions,
  EmbedOptions,
  EvaluateOptions,
  FillMaskOptions,
  FinetuneOptions,
  InspectOptions,
  LoadOptions,
  PretrainOptions,
  SaveAdapterOptions,
  SaveOptions,
  SearchOptions,
  SetLabelsOptions,
  SplitOptions,
} from "../bertlet.d.ts";
import { BertletError, describe } from "./errors.ts";
import { mostThreads } from "./features.ts";
import { METHODS, methodOf } from "./methods.ts";
import type { Head, Keeping, PretrainRecipe, Recipe } from "./protocol.ts";

interface Check {
  expected: string;
  accepts(value: unknown): boolean;
}

type Checks<T> = { [K in keyof Required<T>]: Check };

const number: Check = { expected: "a finite number", accepts: Number.isFinite };
const boolean: Check = { expected: "true or false", accepts: (value) => typeof value === "boolean" };
const string: Check = {
  expected: "a non-empty string",
  accepts: (value) => typeof value === "string" && value !== "",
};
const callback: Check = { expected: "a function", accepts: (value) => typeof value === "function" };
const signal: Check = {
  expected: "an AbortSignal",
  // By shape, so that a signal of another frame passes.
  accepts: (value) =>
    typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value,
};

function whole(least: number, most: number = Number.MAX_SAFE_INTEGER): Check {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  return {
    expected: `a whole number ${range}`,
    accepts: (value) =>
      Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
  };
}

function oneOf(...names: string[]): Check {
  return {
    expected: names.map((name) => JSON.stringify(name)).join(", "),
    accepts: (value) => typeof value === "string" && names.includes(value),
  };
}

/** An object of these members and no others. */
function object(expected: string, members: Record<string, Check>, every = true): Check {
  return {
    expected,
    accepts: (value) =>
      typeof value === "object" &&
      value !== null &&
      Object.keys(value).every((name) => Object.hasOwn(members, name)) &&
      Object.entries(members).every(([name, check]) => {
        const member = (value as Record<string, unknown>)[name];
        return member === undefined ? !every : check.accepts(member);
      }),
  };
}

/** A non-empty array of `check`'s values. */
function several(check: Check): Check {
  return {
    expected: `an array of ${check.expected} each`,
    accepts: (value) => Array.isArray(value) && value.length > 0 && value.every(check.accepts),
  };
}

const labels: Check = {
  expected: "an array of 1 to 1000 distinct, non-empty strings",
  accepts: (value) =>
    Array.isArray(value) &&
    value.length >= 1 &&
    value.length <= 1000 &&
    value.every((label) => typeof label === "string" && label !== "") &&
    new Set(value.map((label: string) => label.toWellFormed())).size === value.length,
};

/** Sizes that cross into wasm as 32-bit numbers. */
const count = whole(1, 0xffff_ffff);
const seed = whole(0);

/** What a page may have is known only when it asks. */
const threads: Check = {
  get expected() {
    const most = mostThreads();
    return most > 1
      ? `a whole number from 1 to ${most}`
      : "1 (more need a cross-origin isolated page and a browser with relaxed SIMD)";
  },
  accepts: (value) => whole(1, mostThreads()).accepts(value),
};

const LOAD: Checks<LoadOptions> = {
  device: oneOf("auto", "webgpu", "wasm"),
  threads,
  labels,
  problemType: oneOf("single_label_classification", "multi_label_classification"),
  pooling: oneOf("cls", "mean", "max"),
  maxLength: count,
  maskedLm: boolean,
  seed,
  hub: boolean,
  revision: string,
  onProgress: callback,
  signal,
};

const CREATE: Checks<Omit<CreateOptions, "texts">> = {
  vocabSize: count,
  layers: count,
  hiddenSize: count,
  heads: count,
  intermediateSize: count,
  maxLength: count,
  labels,
  device: LOAD.device,
  threads,
  seed,
  onProgress: callback,
  signal,
};

const share: Check = {
  expected: "a number from 0 to under 1",
  accepts: (value) => Number.isFinite(value) && (value as number) >= 0 && (value as number) < 1,
};

const threshold: Check = {
  expected: "a number over 0 and under 1",
  accepts: (value) => share.accepts(value) && (value as number) > 0,
};

const INFERENCE = { batchSize: count, onProgress: callback, signal };

const targetModules: Check = {
  expected: "an array of 1 to 100 non-empty strings",
  accepts: (value) =>
    Array.isArray(value) && value.length >= 1 && value.length <= 100 && value.every(string.accepts),
};

const LOW_RANK = { alpha: number, dropout: number, targetModules };

const FINETUNE: Checks<FinetuneOptions> = {
  method: oneOf(...METHODS),
  lora: object(
    "{ rank: a whole number, alpha: a number, dropout: a number, targetModules: an array of strings }, or some of these",
    { rank: count, ...LOW_RANK },
    false,
  ),
  adalora: object(
    "{ targetRank, initialRank, interval: whole numbers, alpha, dropout, warmupRatio, finalRatio, beta1, beta2, orthogonality: numbers, targetModules: an array of strings }, or some of these",
    {
      targetRank: count,
      initialRank: count,
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
  adapterSize: count,
  virtualTokens: count,
  freezeLayers: whole(0, 0xffff_ffff),
  layerDecay: number,
  accumulate: count,
  labelSmoothing: number,
  classWeights: {
    expected: '"none", "balanced" or an object of a number a label',
    accepts: (value) =>
      value === "none" ||
      value === "balanced" ||
      (typeof value === "object" &&
        value !== null &&
        !Array.isArray(value) &&
        Object.values(value).every(Number.isFinite)),
  },
  epochs: count,
  batchSize: count,
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
  earlyStopping: object("{ patience: a whole number from 1 to 1000 }", { patience: whole(1, 1000) }),
  restoreBest: boolean,
  tuneThreshold: boolean,
  augment: object(
    "{ drop, swap, mask: numbers from 0 to under 1 }, or some of these",
    { drop: share, swap: share, mask: share },
    false,
  ),
  seed,
  onProgress: callback,
  signal,
};

const PRETRAIN: Checks<PretrainOptions> = {
  maskProbability: number,
  wholeWords: boolean,
  freezeLayers: FINETUNE.freezeLayers,
  layerDecay: number,
  accumulate: count,
  epochs: count,
  batchSize: count,
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
  seed,
  onProgress: callback,
  signal,
};

/** A range of rates in order, as the recipe takes each. */
const rates: Check = {
  expected: "two numbers over 0 and at most 1, the smaller first",
  accepts: (value) =>
    Array.isArray(value) && value.length === 2 && 0 < value[0] && value[0] <= value[1] && value[1] <= 1,
};

const space = object(
  "an object of learningRate: two numbers over 0 and at most 1, the smaller first; batchSize: whole numbers from 1 to 1024; epochs: whole numbers from 1 to 1000; method: names of methods",
  {
    learningRate: rates,
    batchSize: several(whole(1, 1024)),
    epochs: several(whole(1, 1000)),
    method: several(oneOf(...METHODS)),
  },
  false,
);

const minutes: Check = {
  expected: "a number over 0",
  accepts: (value) => Number.isFinite(value) && (value as number) > 0,
};

const budget: Check = {
  expected: "{ steps: a whole number from 1 } or { minutes: a number over 0 }",
  accepts: (value) =>
    object("", { steps: whole(1) }).accepts(value) || object("", { minutes }).accepts(value),
};

/** Each fold is what dev would be: there is none to stop by, or to find a threshold on. */
const { earlyStopping: _, restoreBest: __, tuneThreshold: ___, ...FOLD } = FINETUNE;

const SEARCH: Checks<SearchOptions> = {
  ...FINETUNE,
  space,
  trials: whole(1, 1000),
  budget,
  resume: {
    expected: "the state of a search",
    accepts: (value) => typeof value === "object" && value !== null,
  },
};

/** The default of `batchSize` in classify, embed, evaluate, and a run's evaluations. */
export const INFERENCE_BATCH = 32;

export const checkLoad = checker<LoadOptions>("load", LOAD);
export const checkCreate = checker<Omit<CreateOptions, "texts">>("create", CREATE);
export const checkClassify = checker<ClassifyOptions>("classify", { ...INFERENCE, topK: count, threshold });
export const checkEmbed = checker<EmbedOptions>("embed", { ...INFERENCE, normalize: boolean });
export const checkEvaluate = checker<EvaluateOptions>("evaluate", { ...INFERENCE, threshold });
export const checkFinetune = checker<FinetuneOptions>("finetune", FINETUNE);
export const checkPretrain = checker<PretrainOptions>("pretrain", PRETRAIN);
export const checkFillMask = checker<FillMaskOptions>("fillMask", { topK: count, signal });
export const checkInspect = checker<InspectOptions>("inspect", { onProgress: callback, signal });
export const checkSplitOptions = checker<SplitOptions>("splitRows", { dev: share, test: share, seed });
export const checkCrossValidate = checker<CrossValidateOptions>("crossValidate", {
  ...FOLD,
  folds: whole(2, 100),
});
export const checkSearch = checker<SearchOptions>("search", SEARCH);
export const checkPlan = checker<FinetuneOptions>("plan", FINETUNE);
export const checkSave = checker<SaveOptions>("save", {
  dtype: oneOf("f32", "f16"),
  as: oneOf("classifier", "masked-lm"),
});
export const checkSaveAdapter = checker<SaveAdapterOptions>("saveAdapter", { base: string });
export const checkSetLabels = checker<SetLabelsOptions>("setLabels", { seed });
export const checkAddAdapter = checker<AddAdapterOptions>("addAdapter", { onProgress: callback, signal });

/** The labels of a head, in well-formed Unicode. */
export function checkLabels(call: string, given: unknown): string[] {
  if (labels.accepts(given)) return (given as string[]).map((label) => label.toWellFormed());
  throw new BertletError(
    "bad-option",
    `${call}: labels must be ${labels.expected}, found ${describeLabels(given)}`,
  );
}

/** An adapter's name. */
export function checkName(call: string, name: unknown): string {
  if (string.accepts(name)) return (name as string).toWellFormed();
  throw new BertletError("bad-option", `${call}: name must be ${string.expected}, found ${describe(name)}`);
}

/** `given` by name, where every name is one of `checks` and every value passes; undefined is not given. */
function checker<T>(call: string, checks: Checks<T>): (given: T | undefined) => T {
  const known = Object.keys(checks);
  return (given) => {
    if (given === undefined) return {} as T;
    if (typeof given !== "object" || given === null || Array.isArray(given)) {
      throw new BertletError(
        "bad-option",
        `${call}: the options must be an object, found ${describe(given)}`,
      );
    }
    const checked: Partial<T> = {};
    for (const name of Object.keys(given) as (keyof T & string)[]) {
      const check: Check | undefined = Object.hasOwn(checks, name) ? checks[name] : undefined;
      if (check === undefined) {
        const hint = `${call} knows ${known.join(", ")}`;
        throw new BertletError("bad-option", `${call}: there is no option ${JSON.stringify(name)}`, hint);
      }
      const value = given[name];
      if (value === undefined) continue;
      if (!check.accepts(value)) {
        const found = name === "labels" ? describeLabels(value) : describe(value);
        throw new BertletError(
          "bad-option",
          `${call}: option ${name} must be ${check.expected}, found ${found}`,
        );
      }
      checked[name] = value;
    }
    return checked as T;
  };
}

function describeLabels(value: unknown): string {
  if (!Array.isArray(value)) return describe(value);
  const seen = new Set<unknown>();
  for (const [index, label] of value.entries()) {
    if (typeof label !== "string" || label === "") return `${describe(label)} at index ${index}`;
    if (seen.has(label)) return `${describe(label)} twice`;
    seen.add(label);
  }
  return describe(value);
}

/** The defaults are those of the usual BERT recipe. */
export function recipeOf(call: string, options: FinetuneOptions, head: Head): Recipe {
  const { dropout = "config" } = options;
  return {
    ...methodOf(call, options, head),
    epochs: options.epochs ?? 5,
    batchSize: options.batchSize ?? 8,
    learningRate: options.learningRate ?? 2e-5,
    weightDecay: options.weightDecay ?? 0.01,
    warmupRatio: options.warmupRatio ?? 0,
    schedule: options.schedule ?? "linear",
    adamBeta1: options.adamBeta1 ?? 0.9,
    adamBeta2: options.adamBeta2 ?? 0.999,
    adamEpsilon: options.adamEpsilon ?? 1e-8,
    maxGradNorm: options.maxGradNorm ?? 1.0,
    dropout: dropout === "config" ? null : dropout,
    shuffle: options.shuffle ?? true,
    groupByLength: options.groupByLength ?? true,
    augment: { drop: 0, swap: 0, mask: 0, ...options.augment },
    seed: options.seed ?? 42,
  };
}

/** Pretraining asks nothing of a head. */
const NO_HEAD: Head = { labels: [], problemType: "single_label_classification" };

/** The defaults are those of transformers' run_mlm.py. */
export function pretrainRecipeOf(options: PretrainOptions): PretrainRecipe {
  const { maskProbability = 0.15, wholeWords = false, epochs = 3, learningRate = 5e-5, ...rest } = options;
  const recipe = recipeOf("pretrain", { ...rest, epochs, learningRate }, NO_HEAD);
  return { ...recipe, maskProbability, wholeWords };
}

/** `hasDev`: whether there are rows to judge an epoch by. */
export function keepingOf(
  call: string,
  options: FinetuneOptions,
  hasDev: boolean,
  { problemType }: Head,
): Keeping {
  const several = problemType === "multi_label_classification";
  const { earlyStopping, restoreBest = earlyStopping !== undefined } = options;
  const { tuneThreshold = several && hasDev } = options;
  if (tuneThreshold) checkSeveral(call, "tuneThreshold", problemType);
  if (!hasDev && (earlyStopping !== undefined || restoreBest || tuneThreshold)) {
    const name =
      earlyStopping !== undefined ? "earlyStopping" : restoreBest ? "restoreBest" : "tuneThreshold";
    throw new BertletError(
      "bad-option",
      `${call}: option ${name} needs dev rows, ${name === "tuneThreshold" ? "on which it is found" : "by whose loss epochs are compared"}; found none`,
      "pass dev rows beside train, or leave the option out",
    );
  }
  const keeping = { restoreBest, tuneThreshold };
  return earlyStopping === undefined ? keeping : { patience: earlyStopping.patience, ...keeping };
}

/** An option that says something of rows of several labels only. */
export function checkSeveral(call: string, name: string, problemType: Head["problemType"]): void {
  if (problemType === "multi_label_classification") return;
  throw new BertletError(
    "bad-option",
    `${call}: option ${name} goes with a model whose rows may have several labels; this one's have one each`,
    'load with problemType "multi_label_classification", or leave the option out',
  );
}
