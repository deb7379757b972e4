// Takes a call's options; gives them back typed, or throws `bad-option`. Checks names, types and fixed
// limits; the engine checks ranges that depend on the model or the recipe.

import type {
  AddAdapterOptions,
  CacheOptions,
  CalibrateOptions,
  ClassifyOptions,
  CreateOptions,
  EmbedOptions,
  EvaluateOptions,
  ExplainOptions,
  FillMaskOptions,
  InspectOptions,
  LoadOptions,
  OpenOptions,
  PreviewOptions,
  PruneOptions,
  QuantizeOptions,
  ResumeOptions,
  SaveAdapterOptions,
  SaveOnnxOptions,
  SaveOptions,
  ScopeOptions,
  SetLabelsOptions,
  SplitOptions,
  SuggestOptions,
  TokenizeOptions,
} from "../../bertlet.d.ts";
import { LIMITS } from "../shared/defaults.ts";
import { BertletError, describe } from "../shared/errors.ts";
import { hubAddress, isRevision } from "../shared/hub.ts";
import { fitsFileName } from "../shared/kept-names.ts";
import {
  address,
  array,
  boolean,
  type Check,
  type Checks,
  callback,
  checker,
  count,
  describeLabels,
  headers,
  integer,
  labels,
  layers,
  oneOf,
  seed,
  share,
  signal,
  string,
  threads,
  threshold,
  wrongMember,
} from "./option-checks.ts";
import { isRecord, readable } from "./plain-copy.ts";

const isDigest = (value: unknown) => typeof value === "string" && /^[0-9a-f]{64}$/i.test(value);
const digests: Check = {
  expected: "an object of SHA-256 digests, 64 hexadecimal digits each, by the files' names",
  accepts: (value) => isRecord(value) && Object.values(value).every(isDigest),
  found: (value) => wrongMember(value, isDigest),
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

const INFERENCE = { batchSize: count, onProgress: callback, signal };

const PRUNE: Checks<PruneOptions> = {
  vocabulary: array("texts"),
  layers,
  data: array("{ text, label } rows"),
  onProgress: callback,
  signal,
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
export const checkFillMask = checker<FillMaskOptions>("fillMask", { topK: count, signal });
export const checkInspect = checker<InspectOptions>("inspect", { onProgress: callback, signal });
export const checkSplitOptions = checker<SplitOptions>("splitRows", { dev: share, test: share, seed });
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

/** A name, made well-formed Unicode. */
export function checkName(call: string, name: unknown): string {
  if (string.accepts(name)) return (name as string).toWellFormed();
  throw new BertletError("bad-option", `${call}: name must be ${string.expected}, found ${describe(name)}`);
}

/** The name of what this browser is to keep, which becomes a file's. */
export function checkNewName(call: string, name: unknown): string {
  const checked = checkName(call, name);
  if (keptName.accepts(checked)) return checked;
  throw new BertletError("bad-option", `${call}: name must be ${keptName.expected}, found ${describe(name)}`);
}

/** A name that is given as an option. */
export const keptName: Check = {
  expected: "a non-empty string that fits into a file's name, as 35 UTF-16 units always do",
  accepts: (value) => string.accepts(value) && fitsFileName((value as string).toWellFormed()),
  copy: (value) => (value as string).toWellFormed(),
};

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
