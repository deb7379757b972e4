// Gives the types of the wasm boundary, crate/src/wasm/, more precisely than wasm-bindgen declares them. No
// code. wasm-boundary.check.ts holds them against wasm-bindgen's declarations.
//
// Every failure is thrown as a plain { code, message, hint? }. Anything else that is thrown is a panic or a
// trap, after which the instance cannot be used.

import type {
  Dtype,
  FilledMask,
  ModelInfo,
  Pooling,
  Report,
  SavedClass,
  StepEvent,
} from "../../../bertlet.d.ts";
import type { Failure } from "../../shared/errors.ts";
import type { Shape } from "../../shared/loading-requests.ts";
import type { DistillRecipe, PretrainRecipe, Recipe } from "../../shared/recipe.ts";
import type { Pool } from "./threads.ts";

export interface Encoding {
  readonly length: number;
  /** Number of rows that were cut to maxLength. */
  readonly truncated: number;
  /** Indices of the rows that were cut. */
  cutRows(): Uint32Array;
  /** Number of tokens of each row. */
  lengths(): Uint32Array;
  /** Appends the rows of `other`, which may not be used any more. */
  append(other: Encoding): void;
  free(): void;
}

/** A copy of the weights, kept in wasm. */
export interface Snapshot {
  free(): void;
}

/** The numbers of a run's state that are no tensors. Plain JSON. */
export interface RunNumbers {
  step: number;
  gradientScale: number;
  decay: number;
  moments: boolean[];
  triples: number;
  /** Absent from journals of earlier versions, where each part was a piece of its own. */
  lengths?: number[];
}

/** The state of a run at one step. It shares the run's memory until a step changes that. */
export interface RunState {
  /** Number of values: of the parameters, and of their moments. */
  readonly length: number;
  numbers(): RunNumbers;
  /** Puts values from `at` on into `into`; gives how many: as many as one tensor has there, none at the end. */
  read(at: number, into: Float32Array): Promise<number>;
  free(): void;
}

/** The values of a state on their way back, in pieces. */
export interface RunValues {
  push(values: Float32Array): void;
}

/** model.safetensors, to be read. It shares the model's memory until that changes. */
export interface WeightsFile {
  /** In bytes. */
  readonly size: number;
  /** Puts bytes from `at` on into `into`; gives how many: as many as one tensor has there, none at the end. */
  read(at: number, into: Uint8Array): Promise<number>;
  free(): void;
}

export interface EngineLoadOptions {
  tokenizerConfig?: string;
  /** Texts by their paths in the folder. */
  sentenceTransformers?: Record<string, string>;
  pooling?: Pooling;
  labels?: string[];
  problemType?: ModelInfo["problemType"];
  maxLength?: number;
  dtype?: Dtype;
  maskedLm: boolean;
  seed: number;
}

/** The part of ModelInfo that the engine knows. */
export type EngineInfo = Omit<
  ModelInfo,
  | "device"
  | "threads"
  | "adapter"
  | "deviceReason"
  | "autoReason"
  | "checkpointBytes"
  | "cached"
  | "adapters"
  | "activeAdapter"
  | "scope"
>;

export type StepReport = Omit<StepEvent, "type" | "milliseconds"> & { epochEnd: boolean };

/** What a run will compute and hold. Work counts the multiplications of forward passes. */
export interface RunEstimate {
  steps: number;
  tokens: number;
  paddedTokens: number;
  work: number;
  evaluationWork: number;
  typicalRows: number[];
  peakBytes: number;
  largestBytes: number;
  proposal?: { batchSize: number; maxLength?: number };
}

/** What every run tells at its beginning. */
export interface RunInfo {
  steps: number;
  stepsPerEpoch: number;
  trainedParameters: number;
}

/** The time of one training step. */
export interface StepTime {
  /** Multiplications of its forward pass. */
  work: number;
  milliseconds: number;
}

/** Masked-language modelling: the loss of all masked tokens together, and their number. */
export interface MaskedLoss {
  loss: number;
  maskedTokens: number;
}

/** A tokenizer in another wasm instance. Each failure is thrown as a plain { code, message, hint? }. */
export interface OtherTokenizer {
  /**
   * Rows of texts and pairs, end to end. Of each: its number of tokens, 1 where it was cut, its ids, their segments.
   * `pairs[i]` is the second text of a pair, or undefined.
   */
  encode(texts: string[], pairs: (string | undefined)[]): Uint32Array;
  /** As the engine's. */
  tokenize(text: string, pair?: string): (string | Uint32Array)[];
  /** The ids of the padding token, of the unknown one and of the mask; -1 where there is none. */
  special(): Int32Array;
  /** How the mask is written. */
  maskToken(): string;
  /** The part that each token plays in a word: 0 special, 1 start, 2 continuation. */
  kinds(): Uint8Array;
  decode(ids: Uint32Array, skipSpecialTokens: boolean): string;
  toJson(): string;
  toConfigJson(): string;
}

/** Reads a tokenizer by the text of tokenizer_config.json. */
export interface TokenizerReader {
  read(config: string | undefined, vocabSize: number, maxLength: number): OtherTokenizer;
}

/** A pending promise borrows the engine: a second call before it has settled panics. */
export interface WasmEngine {
  load(
    config: Uint8Array,
    tokenizer: Uint8Array | TokenizerReader,
    weights: Uint8Array,
    options: EngineLoadOptions,
  ): Promise<void>;
  info(): EngineInfo;
  /** Keeps the encoder's matrices as `dtype`, but for those of the layers `f32Layers`. */
  quantize(dtype: Dtype, f32Layers: Uint32Array): Promise<void>;
  /** Learns a vocabulary from the texts and makes an untrained model. */
  create(texts: string[], shape: Shape): void;
  /** `pairs[i]` is the second text of a pair, or undefined. */
  encode(texts: string[], pairs?: (string | undefined)[]): Encoding;
  /**
   * The tokens of a text or of a pair, then a Uint32Array: 1 where it was cut, and of each token its id, its segment, its
   * beginning and end in UTF-16 units, and 1 for a special one.
   */
  tokenize(text: string, pair?: string): (string | Uint32Array)[];
  /** Number of [UNK] tokens of each row. */
  unknownTokens(rows: Encoding): Uint32Array;
  /** `[indices.length, labels]` */
  logits(rows: Encoding, indices: Uint32Array): Promise<Float32Array>;
  /** `[rows, labels]`, of pooled states `[rows, hiddenSize]`. */
  logitsOfPooled(pooled: Float32Array): Promise<Float32Array>;
  /** `[indices.length, hiddenSize]` */
  embed(rows: Encoding, indices: Uint32Array, normalize: boolean): Promise<Float32Array>;
  /** The evidence for a label: of the text, and of the blank text. */
  evidence(text: string, pair: string | undefined, label: number): Promise<Float64Array>;
  /** What the steps `from` to under `to` of `steps` give to each token's attribution. */
  integratedGradients(
    text: string,
    pair: string | undefined,
    label: number,
    steps: number,
    from: number,
    to: number,
  ): Promise<Float64Array>;
  plan(
    train: Encoding,
    targets: Uint32Array,
    dev: Uint32Array,
    test: Uint32Array,
    recipe: Recipe,
    usedBytes: number,
    limitBytes: number,
  ): RunEstimate;
  /** Times a training step on a copy, so that no weight changes. */
  timeStep(rows: Encoding, indices: Uint32Array, recipe: Recipe): Promise<StepTime>;
  /** Throws what `beginTraining` would; changes nothing. */
  checkTraining(recipe: Recipe, adapterName: string): void;
  /** `ends[row]` is the end of the row's labels among the targets; multi-label models only. */
  beginTraining(
    rows: Encoding,
    targets: Uint32Array,
    ends: Uint32Array | undefined,
    recipe: Recipe,
    adapterName: string,
  ): RunInfo;
  /** Leaves out rows without a token to mask; `rows` counts the others. */
  beginPretraining(rows: Encoding, recipe: PretrainRecipe): RunInfo & { rows: number };
  /** Begins a run that teaches a smaller model, which takes the place of the loaded one. */
  beginDistillation(
    rows: Encoding,
    targets: Uint32Array,
    ends: Uint32Array | undefined,
    recipe: Recipe,
    distill: DistillRecipe,
  ): RunInfo;
  trainStep(): Promise<StepReport>;
  /** With the moments, or the weights alone. The caller frees it. */
  runState(withMoments: boolean): RunState;
  /** Goes on from the state of an equal run. The values may not be used any more. */
  resumeRun(numbers: RunNumbers, values: RunValues): Promise<void>;
  /** The steps of an epoch, from 1, one after another: of each its number of rows, then their indices. */
  epochOrder(rows: Encoding, epoch: number, recipe: Recipe): Uint32Array;
  /** A file of the run under way: the model without its adapter; what is trained, or one of AdamW's two means of it. */
  takeAway(taken: "base" | "weights" | "mean" | "square"): Promise<Uint8Array>;
  endTraining(): void;
  snapshot(): Snapshot;
  /** Ends a run that is under way, if any. */
  restore(snapshot: Snapshot): void;
  /** `pooled` is `[rows, hiddenSize]`. */
  fitCentroids(pooled: Float32Array, targets: Uint32Array): void;
  /** Multiplies all logits by a factor over 0. */
  scaleHead(factor: number): void;
  /** Sets the decision threshold; multi-label models only. */
  setThreshold(threshold: number): void;
  setLabels(labels: string[], seed: number): void;
  /** Adds labels to the head; `states` is `[labels, hiddenSize]`, the mean pooled state of each one's rows. */
  addLabels(labels: string[], states: Float32Array): Promise<void>;
  /** Drops the word pieces that none of the texts use. */
  pruneVocabulary(texts: string[]): Promise<void>;
  /** Keeps these layers alone. */
  pruneLayers(kept: Uint32Array): void;
  /** `[indices.length, labels]`, by these layers alone. */
  logitsWithLayers(rows: Encoding, indices: Uint32Array, kept: Uint32Array): Promise<Float32Array>;
  /** Returns the adapter's labels. */
  addAdapter(name: string, config: Uint8Array, weights: Uint8Array): string[];
  useAdapter(name: string | undefined): void;
  mergeAdapter(): void;
  adapters(): { names: string[]; active?: string };
  /** adapter_config.json and adapter_model.safetensors. */
  saveAdapter(base: string): Promise<{ config: string; weights: Uint8Array }>;
  /** Only of the build for WebGPU. Takes what it gave earlier on this GPU, if anything. */
  fitTiles(kept?: Float32Array): Promise<Float32Array>;
  /** Milliseconds of a forward pass through the encoder of `config`. Needs no checkpoint. */
  encoderTime(config: Uint8Array, texts: number, tokens: number, repeats: number): Promise<number>;
  /** The likeliest tokens for each [MASK] of the first row. */
  fillMask(row: Encoding, topK: number): Promise<FilledMask[][]>;
  maskedLoss(rows: Encoding, indices: Uint32Array, recipe: PretrainRecipe): Promise<MaskedLoss>;
  /** The caller frees it. */
  save(as: SavedClass, dtype: Dtype): WeightsFile;
  savedConfig(as: SavedClass, dtype: Dtype): string;
  savedTokenizer(): string;
  savedTokenizerConfig(): string;
  savedModelingCode(as: SavedClass): string | undefined;
}

export interface WasmModule extends Pool {
  /** A build with threads takes the memory that they share. */
  default(input: {
    module_or_path: Response;
    memory?: WebAssembly.Memory;
  }): Promise<{ memory: WebAssembly.Memory }>;
  WasmEngine: {
    /** Calls `onFailure` once, should a GPU fail later: a lost device goes on answering, with meaningless numbers. */
    open(device: "webgpu" | "wasm", onFailure: (failure: Failure) => void): Promise<WasmEngine>;
  };
  RunValues: new () => RunValues;
  /** Whether a tokenizer.json is of kind BPE or Unigram, which the build of tokenizers reads. */
  isBeyondWordPiece(tokenizer: Uint8Array): boolean;
  softmax(logits: Float32Array, classes: number): Float32Array;
  sigmoid(logits: Float32Array): Float32Array;
  /** `ends` and `threshold` are of multi-label models. */
  report(
    logits: Float32Array,
    targets: Uint32Array,
    ends: Uint32Array | undefined,
    labels: string[],
    threshold: number,
  ): Report;
  bestThreshold(logits: Float32Array, targets: Uint32Array, ends: Uint32Array, classes: number): number;
}

/** The build of tokenizers. */
export interface TokenizersModule extends Pick<WasmModule, "default"> {
  AnyTokenizer: {
    read(
      tokenizer: Uint8Array,
      config: string | undefined,
      vocabSize: number,
      maxLength: number,
    ): OtherTokenizer;
  };
}
