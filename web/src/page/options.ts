// Takes a call's options; gives them back typed, or throws `bad-option`. Checks names, types and fixed
// limits; the engine checks ranges that depend on the model or the recipe.

import type {
  AddAdapterOptions,
  CacheOptions,
  CalibrateOptions,
  ClassifyOptions,
  CreateOptions,
  CrossValidateOptions,
  DistillOptions,
  EmbedOptions,
  EvaluateOptions,
  ExplainOptions,
  FillMaskOptions,
  FinetuneOptions,
  InspectOptions,
  LearnOptions,
  LoadOptions,
  OpenOptions,
  PretrainOptions,
  PreviewOptions,
  PruneOptions,
  QuantizeOptions,
  ResumeOptions,
  SaveAdapterOptions,
  SaveOnnxOptions,
  SaveOptions,
  ScopeOptions,
  SearchOptions,
  SetLabelsOptions,
  SplitOptions,
  SuggestOptions,
  TakeAwayOptions,
  TokenizeOptions,
} from "../../bertlet.d.ts";
import { LIMITS } from "../shared/defaults.ts";
import { BertletError, describe } from "../shared/errors.ts";
import { hubAddress, isRevision } from "../shared/hub.ts";
import { METHODS } from "../shared/methods.ts";
import {
  address,
  arrayOf,
  boolean,
  type Check,
  type Checks,
  callback,
  checker,
  count,
  describeLabels,
  headers,
  integer,
  isWithin,
  labels,
  number,
  object,
  oneOf,
  range,
  seed,
  signal,
  string,
  threads,
} from "./option-checks.ts";
import { isRecord, plainCopy, readable } from "./plain-copy.ts";

const digests: Check = {
  expected: "an object of SHA-256 digests, 64 hexadecimal digits each, by the files' names",
  accepts: (value) =>
    isRecord(value) &&
    Object.values(value).every((digest) => typeof digest === "string" && /^[0-9a-f]{64}$/i.test(digest)),
  copy: (value) => ({ ...(value as object) }),
};

const DTYPE = oneOf("f32", "f16", "int8");

const LOAD: Checks<LoadOptions> = {
  device: oneOf("auto", "webgpu", "wasm"),
  threads,
  labels,
  problemType: oneOf("single_label_classification", "multi_label_classification"),
  pooling: oneOf("pooler", "cls", "mean", "max"),
  maxLength: count,
  dtype: DTYPE,
  maskedLm: boolean,
  seed,
  hub: boolean,
  hubHost: {
    expected: "a Hub's http or https address without a query",
    accepts: (value) => typeof value === "string" && hubAddress(value) !== undefined,
  },
  revision: {
    expected: "the name of a branch or tag, or a commit",
    accepts: (value) => typeof value === "string" && isRevision(value),
  },
  assets: address,
  fetch: callback,
  headers,
  cache: boolean,
  sha256: digests,
  onProgress: callback,
  signal,
};

const OPEN: Checks<OpenOptions> = {
  device: LOAD.device,
  threads,
  assets: address,
  onProgress: callback,
  signal,
};

const { hub, hubHost, revision } = LOAD;
const PREVIEW: Checks<PreviewOptions> = {
  hub,
  hubHost,
  revision,
  assets: address,
  fetch: callback,
  headers,
  signal,
};

const CREATE: Checks<CreateOptions> = {
  /** `checkPlainTexts` checks them. */
  texts: { expected: "an array of strings", accepts: () => true },
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
  assets: address,
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

const FINETUNE: Checks<FinetuneOptions> = {
  method: oneOf(...METHODS),
  recipe: oneOf("auto"),
  minutes,
  headFirst: boolean,
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
  freezeLayers: integer(0, 0xffff_ffff),
  layerDecay: number,
  accumulate: count,
  labelSmoothing: number,
  classWeights: {
    expected: '"none", "balanced" or an object of a number a label',
    accepts: (value) =>
      value === "none" ||
      value === "balanced" ||
      (isRecord(value) && Object.values(value).every(Number.isFinite)),
    copy: (value) => (typeof value === "string" ? value : { ...(value as object) }),
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
  earlyStopping: object(`{ patience: ${patience.expected} }`, { patience }),
  restoreBest: boolean,
  tuneThreshold: boolean,
  augment: object(
    "{ drop, swap, mask: numbers from 0 to under 1 }, or some of these",
    { drop: share, swap: share, mask: share },
    false,
  ),
  seed,
  journal: string,
  onProgress: callback,
  signal,
};

/** What every run of gradient descent takes. */
const STEPS = {
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
};

const PRETRAIN: Checks<PretrainOptions> = {
  maskProbability: number,
  wholeWords: boolean,
  freezeLayers: FINETUNE.freezeLayers,
  layerDecay: number,
  accumulate: count,
  ...STEPS,
  seed,
  journal: string,
  onProgress: callback,
  signal,
};

/** How many layers, or which. */
const layers: Check = {
  expected: "a whole number from 1, or an array of whole numbers from 0, ascending",
  accepts: (value) => {
    if (!Array.isArray(value)) return count.accepts(value);
    const numbers = Array.from(value as unknown[]);
    const follows = (layer: unknown, at: number) =>
      at === 0 || (layer as number) > (numbers[at - 1] as number);
    return numbers.length > 0 && numbers.every(integer(0, 0xffff_ffff).accepts) && numbers.every(follows);
  },
  copy: (value) => (Array.isArray(value) ? Array.from(value) : value),
};

const DISTILL: Checks<DistillOptions> = {
  layers,
  temperature: number,
  alpha: number,
  hiddenWeight: number,
  device: LOAD.device,
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

/** `checkTexts` and `checkRows` check the texts and rows. */
const array = (of: string): Check => ({ expected: `an array of ${of}`, accepts: Array.isArray });

const PRUNE: Checks<PruneOptions> = {
  vocabulary: array("texts"),
  layers,
  data: array("{ text, label } rows"),
  onProgress: callback,
  signal,
};

/** A range of learning rates. */
const rates: Check = {
  expected: "two numbers over 0 and at most 1, the smaller first",
  accepts: (value) =>
    Array.isArray(value) && value.length === 2 && 0 < value[0] && value[0] <= value[1] && value[1] <= 1,
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

export const checkLoad = checker<LoadOptions>("load", LOAD);
export const checkOpen = checker<OpenOptions>("open", OPEN);
export const checkResume = checker<ResumeOptions>("resume", OPEN);
/** Of a call about what the browser keeps. */
export const checkKept = (call: string) => checker<Pick<OpenOptions, "assets">>(call, { assets: address });
export const checkCached = (call: string) =>
  checker<CacheOptions>(call, { hub, hubHost, revision, assets: address });
export const checkPreview = checker<PreviewOptions>("preview", PREVIEW);
export const checkCreate = checker<CreateOptions>("create", CREATE);
export const checkClassify = checker<ClassifyOptions>("classify", { ...INFERENCE, topK: count, threshold });
export const checkEmbed = checker<EmbedOptions>("embed", { ...INFERENCE, normalize: boolean });
export const checkTokenize = checker<TokenizeOptions>("tokenize", { onProgress: callback, signal });
export const checkEvaluate = checker<EvaluateOptions>("evaluate", { ...INFERENCE, threshold });
export const checkQuantize = checker<QuantizeOptions>("quantize", {
  ...INFERENCE,
  /** `checkRows` checks them. */
  data: { expected: "rows with labels", accepts: () => true },
  dtype: oneOf("f16", "int8"),
  maxDrop: share,
});
export const checkCalibrate = checker<CalibrateOptions>("calibrate", {
  ...INFERENCE,
  bins: integer(...LIMITS.bins),
});
export const checkSuggest = checker<SuggestOptions>("suggest", { ...INFERENCE, count });
export const checkScope = checker<ScopeOptions>("fitScope", {
  ...INFERENCE,
  dev: array("texts"),
  share: threshold,
  neighbours: count,
});
export const checkLearn = checker<LearnOptions>("learn", {
  replay: array("{ text, label } rows"),
  replayLimit: count,
  method: oneOf("head", "full"),
  epochs: count,
  batchSize: count,
  learningRate: number,
  classWeights: FINETUNE.classWeights,
  seed,
  onProgress: callback,
  signal,
});
const checkExplainOptions = checker<ExplainOptions>("explain", {
  method: oneOf("integrated-gradients", "occlusion"),
  label: string,
  steps: integer(...LIMITS.steps),
  /** `checkLabelled` checks them. */
  examples: array("{ text, label } rows"),
  nearest: count,
  onProgress: callback,
  signal,
});
export function checkExplain(given?: ExplainOptions): ExplainOptions {
  const options = checkExplainOptions(given);
  const bad = (message: string) => new BertletError("bad-option", `explain: ${message}`);
  if (options.steps !== undefined && options.method === "occlusion") {
    throw bad('option steps is of the method "integrated-gradients", found it with "occlusion"');
  }
  if (options.nearest !== undefined && options.examples === undefined) {
    throw bad("option nearest needs the option examples, among which they are looked for");
  }
  return options;
}
export const checkFinetune = checker<FinetuneOptions>("finetune", FINETUNE);
export const checkPretrain = checker<PretrainOptions>("pretrain", PRETRAIN);
export const checkDistill = checker<DistillOptions>("distill", DISTILL);
export const checkFillMask = checker<FillMaskOptions>("fillMask", { topK: count, signal });
export const checkInspect = checker<InspectOptions>("inspect", { onProgress: callback, signal });
export const checkSplitOptions = checker<SplitOptions>("splitRows", { dev: share, test: share, seed });
export const checkCrossValidate = checker<CrossValidateOptions>("crossValidate", {
  ...FOLD,
  folds: integer(...LIMITS.folds),
});
export const checkSearch = checker<SearchOptions>("search", SEARCH);
export const checkTakeAway = checker<TakeAwayOptions>("takeAway", REPEATED);
export const checkPlan = checker<FinetuneOptions>("plan", FINETUNE);
const checkSaveOptions = checker<SaveOptions | SaveOnnxOptions>("save", {
  dtype: DTYPE,
  as: oneOf("classifier", "masked-lm", "both", "onnx"),
});
/** The number formats of what is saved. In 8 bits no class of transformers ties the masked-LM head to the word embeddings. */
const SAVED_DTYPES = { "masked-lm": oneOf("f32", "f16"), onnx: oneOf("f32", "int8") };
export function checkSave(given?: SaveOptions | SaveOnnxOptions): SaveOptions | SaveOnnxOptions {
  const options = checkSaveOptions(given) as SaveOptions | SaveOnnxOptions;
  const { as, dtype } = options;
  if ((as === "masked-lm" || as === "onnx") && dtype !== undefined && !SAVED_DTYPES[as].accepts(dtype)) {
    const { expected } = SAVED_DTYPES[as];
    throw new BertletError(
      "bad-option",
      `save: option dtype must be ${expected} with as: "${as}", found "${dtype}"`,
    );
  }
  return options;
}
export const checkSaveAdapter = checker<SaveAdapterOptions>("saveAdapter", { base: string });
export const checkSetLabels = checker<SetLabelsOptions>("setLabels", { seed });
export const checkAddAdapter = checker<AddAdapterOptions>("addAdapter", {
  fetch: callback,
  headers,
  onProgress: callback,
  signal,
});

/** Labels of a head, made well-formed Unicode. */
export function checkLabels(call: string, given: unknown): string[] {
  const accepted = readable(`${call}: labels`, () => labels.accepts(given));
  if (accepted) return Array.from(given as string[], (label) => label.toWellFormed());
  throw new BertletError(
    "bad-option",
    `${call}: labels must be ${labels.expected}, found ${describeLabels(given)}`,
  );
}

/** An adapter's name, made well-formed Unicode. */
export function checkName(call: string, name: unknown): string {
  if (string.accepts(name)) return (name as string).toWellFormed();
  throw new BertletError("bad-option", `${call}: name must be ${string.expected}, found ${describe(name)}`);
}

const prune = checker<PruneOptions>("prune", PRUNE);

export function checkPrune(given: PruneOptions): PruneOptions {
  if (isRecord(given) && "heads" in given) {
    throw new BertletError(
      "bad-option",
      "prune: attention heads cannot be dropped: transformers 5 loads no BERT whose layers have fewer heads than config.json says",
      "drop whole layers by the option layers, or teach a smaller model by Classifier.distill",
    );
  }
  const options = prune(given);
  const bad = (message: string) => new BertletError("bad-option", `prune: ${message}`);
  const { vocabulary, layers, data } = options;
  if (vocabulary === undefined && layers === undefined) {
    throw bad("expected the option vocabulary or layers, found neither");
  }
  if (typeof layers === "number" && data === undefined) {
    throw bad("option layers as a number needs the option data, by which layers are chosen");
  }
  if (typeof layers !== "number" && data !== undefined) {
    throw bad("option data goes with a number of layers, found it without one");
  }
  return options;
}
