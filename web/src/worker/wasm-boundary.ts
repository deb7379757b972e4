// Gives the types of the wasm boundary, as crate/wasm.rs and crate/wasm/ make it. No code.
//
// Every failure is thrown as a plain { code, message, hint? }. Anything else that is thrown is a panic or a trap:
// the instance is then of no more use.

import type { FilledMask, ModelInfo, Pooling, Report, SavedClass, StepEvent } from "../../bertlet.d.ts";
import type { PretrainRecipe, Recipe, Shape } from "../shared/messages.ts";
import type { Pool } from "./threads.ts";

export interface Encoding {
  readonly length: number;
  /** Rows that were cut to maxLength. */
  readonly truncated: number;
  /** Indices of these. */
  cutRows(): Uint32Array;
  /** Tokens of each row. */
  lengths(): Uint32Array;
  /** Takes the rows of `other`, which may not be used any more. */
  append(other: Encoding): void;
  free(): void;
}

/** Weights kept aside. */
export interface Snapshot {
  free(): void;
}

export interface EngineLoadOptions {
  tokenizerConfig?: string;
  pooling?: Pooling;
  labels?: string[];
  problemType?: ModelInfo["problemType"];
  maxLength?: number;
  maskedLm: boolean;
  seed: number;
}

/** What the engine knows of a ModelInfo. */
export type EngineInfo = Omit<
  ModelInfo,
  | "device"
  | "threads"
  | "adapter"
  | "deviceReason"
  | "autoReason"
  | "checkpointBytes"
  | "adapters"
  | "activeAdapter"
>;

export type StepReport = Omit<StepEvent, "type" | "milliseconds"> & { epochEnd: boolean };

/** Work is in multiplications of a forward pass. */
export interface Foresight {
  steps: number;
  tokens: number;
  paddedTokens: number;
  work: number;
  evaluationWork: number;
  typicalRows: number[];
  peakBytes: number;
  proposal?: { batchSize: number; maxLength?: number };
}

/** Its promises borrow it: a second call before one has settled is a panic. */
export interface Engine {
  /** Only in the build for WebGPU: the device has the feature "subgroups". */
  allowSubgroups?(): void;
  load(
    config: Uint8Array,
    tokenizer: Uint8Array,
    weights: Uint8Array,
    options: EngineLoadOptions,
  ): Promise<void>;
  info(): EngineInfo;
  /** A vocabulary learned from the texts, and a model that has learned nothing yet. */
  create(texts: string[], shape: Shape): void;
  /** `pairs`: the other text of each that is one of a pair. */
  encode(texts: string[], pairs?: (string | undefined)[]): Encoding;
  /** Tokens of each row that stand for a word the vocabulary lacks. */
  unknownTokens(rows: Encoding): Uint32Array;
  /** indices.length x labels */
  logits(rows: Encoding, indices: Uint32Array): Promise<Float32Array>;
  /** indices.length x hiddenSize */
  embed(rows: Encoding, indices: Uint32Array, normalize: boolean): Promise<Float32Array>;
  /** `held` and `limit` in bytes */
  plan(
    train: Encoding,
    dev: Uint32Array,
    test: Uint32Array,
    recipe: Recipe,
    held: number,
    limit: number,
  ): Foresight;
  /** A training step that changes nothing; gives its work and its milliseconds. */
  rehearse(rows: Encoding, indices: Uint32Array, recipe: Recipe): Promise<Float64Array>;
  /** `ends`: where each row's labels end among the targets, of a model whose rows may have several. */
  beginTraining(
    rows: Encoding,
    targets: Uint32Array,
    ends: Uint32Array | undefined,
    recipe: Recipe,
    adapterName: string,
  ): { steps: number; stepsPerEpoch: number; trainedParameters: number };
  /** Rows without a word to mask are left out; `rows` is how many are not. */
  beginPretraining(
    rows: Encoding,
    recipe: PretrainRecipe,
  ): { steps: number; stepsPerEpoch: number; trainedParameters: number; rows: number };
  trainStep(): Promise<StepReport>;
  endTraining(): void;
  snapshot(): Snapshot;
  /** Ends a run that is under way. */
  restore(snapshot: Snapshot): void;
  /** pooled: rows x hiddenSize */
  fitCentroids(pooled: Float32Array, targets: Uint32Array): void;
  /** Of a model whose rows may have several labels. */
  setThreshold(threshold: number): void;
  setLabels(labels: string[], seed: number): void;
  /** Gives the adapter's labels. */
  addAdapter(name: string, config: Uint8Array, weights: Uint8Array): string[];
  useAdapter(name: string | undefined): void;
  mergeAdapter(): void;
  adapters(): { names: string[]; active?: string };
  /** adapter_config.json and adapter_model.safetensors. */
  saveAdapter(base: string): Promise<[string, Uint8Array]>;
  /** Milliseconds of a pass through the encoder that `config` asks for. Needs no checkpoint. */
  encoderTime(config: Uint8Array, texts: number, tokens: number, repeats: number): Promise<number>;
  /** For each [MASK] of the one row, the likeliest tokens. */
  fillMask(row: Encoding, topK: number): Promise<FilledMask[][]>;
  /** The summed loss of the masked tokens of some rows, and how many those are. */
  maskedLoss(rows: Encoding, indices: Uint32Array, recipe: PretrainRecipe): Promise<[number, number]>;
  save(as: SavedClass, dtype: "f32" | "f16"): Promise<Uint8Array>;
  savedConfig(as: SavedClass, dtype: "f32" | "f16"): string;
  savedTokenizer(): string;
  savedTokenizerConfig(): string;
  savedModelingCode(as: SavedClass): string | undefined;
}

export interface WasmModule extends Pool {
  default(input: { module_or_path: Response }): Promise<{ memory: WebAssembly.Memory }>;
  Engine: { open(device: "webgpu" | "wasm"): Promise<Engine> };
  softmax(logits: Float32Array, classes: number): Float32Array;
  sigmoid(logits: Float32Array): Float32Array;
  /** `threshold` counts where there are `ends`. */
  report(
    logits: Float32Array,
    targets: Uint32Array,
    ends: Uint32Array | undefined,
    labels: string[],
    threshold: number,
  ): Report;
  bestThreshold(logits: Float32Array, targets: Uint32Array, ends: Uint32Array, classes: number): number;
}
