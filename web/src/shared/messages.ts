// Gives the types of every message between the page and its worker. No code, and no other channel.

import type {
  AugmentOptions,
  CrossValidation,
  DataReport,
  EndEvent,
  EpochEvent,
  FilledMask,
  FinetuneOptions,
  FinetunePlan,
  FoldEvent,
  LoadProgress,
  ModelInfo,
  Pooling,
  PretrainEndEvent,
  PretrainEpochEvent,
  PretrainStartEvent,
  Report,
  RowProgress,
  SavedClass,
  SearchResult,
  StartEvent,
  StepEvent,
  TrialEvent,
  TrialRun,
  TrialRunEvent,
} from "../../bertlet.d.ts";
import type { Failure } from "./errors.ts";
import type { MethodRecipe } from "./methods.ts";

/** One file: an absolute URL, or bytes. */
export type FileAsk = { url: string } | { bytes: Blob | ArrayBuffer | Uint8Array };

/** Where a checkpoint is: a folder (its URL ends in "/") or its files. */
export type CheckpointAsk =
  | { folder: string }
  | { config: FileAsk; tokenizer: FileAsk; tokenizerConfig?: FileAsk; weights: FileAsk };

/** Where a peft folder is: its URL, which ends in "/", or its files. */
export type AdapterAsk = { folder: string } | { config: FileAsk; weights: FileAsk };

/** Where to compute. */
export interface DeviceAsk {
  device: "auto" | "webgpu" | "wasm";
  threads?: number;
}

export interface LoadAsk extends DeviceAsk {
  checkpoint: CheckpointAsk;
  labels?: string[];
  problemType?: ModelInfo["problemType"];
  pooling?: Pooling;
  maxLength?: number;
  maskedLm: boolean;
  seed: number;
}

/** The shape of a new model. */
export interface Shape {
  vocabSize: number;
  layers: number;
  hiddenSize: number;
  heads: number;
  intermediateSize?: number;
  maxLength: number;
  labels?: string[];
  seed: number;
}

export interface CreateAsk extends DeviceAsk {
  texts: string[];
  shape: Shape;
}

/** A text, or a text and its pair. */
export type Text = string | [text: string, pair: string];

/** What rows are checked against. */
export type Head = Pick<ModelInfo, "labels" | "problemType">;

/** Rows with their labels as indices into ModelInfo.labels. */
export interface LabelledRows {
  texts: Text[];
  /** One a row, or as many as each row has, ascending, row after row. */
  targets: Uint32Array;
  /** Where each row's end among them, of a model whose rows may have several. */
  ends?: Uint32Array;
}

/** Rows with their labels by name, which need not be the model's. */
export interface NamedRows {
  texts: Text[];
  labels: (readonly string[])[];
}

export interface InspectAsk {
  train: NamedRows;
  dev?: NamedRows;
  test?: NamedRows;
}

/** FinetuneOptions with every default filled in; `dropout` null is "as config.json says". */
export interface Recipe extends MethodRecipe {
  epochs: number;
  batchSize: number;
  learningRate: number;
  weightDecay: number;
  warmupRatio: number;
  schedule: "linear" | "constant" | "cosine";
  adamBeta1: number;
  adamBeta2: number;
  adamEpsilon: number;
  maxGradNorm: number;
  dropout: number | null;
  shuffle: boolean;
  groupByLength: boolean;
  augment: Required<AugmentOptions>;
  seed: number;
}

export interface PretrainRecipe extends Recipe {
  maskProbability: number;
  wholeWords: boolean;
}

export interface PretrainAsk {
  train: string[];
  dev?: string[];
  recipe: PretrainRecipe;
}

/** What dev decides: epochs to wait for a lower loss, whether the best epoch's weights come back, and the threshold. */
export interface Keeping {
  patience?: number;
  restoreBest: boolean;
  tuneThreshold: boolean;
}

export interface FinetuneAsk {
  train: LabelledRows;
  dev?: LabelledRows;
  test?: LabelledRows;
  recipe: Recipe;
  keeping: Keeping;
  /** The run ends after so many of the recipe's steps. */
  limit?: number;
}

export interface CrossValidateAsk {
  rows: LabelledRows;
  folds: number;
  /** Of each row, from 0. */
  fold: Uint8Array;
  recipe: Recipe;
}

/** What a search tries. */
export interface Trial {
  /** As the caller would give them to finetune. */
  options: FinetuneOptions;
  recipe: Recipe;
  keeping: Keeping;
  /** Of the whole recipe. */
  steps: number;
}

export interface SearchAsk {
  train: LabelledRows;
  dev: LabelledRows;
  trials: Trial[];
  rungs: number;
  budget: { steps: number } | { minutes: number };
  /** Told again in every state. */
  settings: Record<string, unknown>;
  /** Runs that are not to be repeated. */
  finished: TrialRun[];
}

/** For a worker of its own: see choice.ts. */
export interface CalibrateAsk {
  /** config.json */
  config: Uint8Array;
  threads: number;
}

/** Of one pass through the encoder. */
export interface DeviceTimes {
  webgpuMs: number;
  wasmMs: number;
}

export interface SavedText {
  config: string;
  tokenizer: string;
  tokenizerConfig: string;
  modelingCode?: string;
}

/** Every call: what the page asks and what the worker answers. */
export interface Calls {
  load: { ask: LoadAsk; answer: ModelInfo };
  create: { ask: CreateAsk; answer: ModelInfo };
  calibrate: { ask: CalibrateAsk; answer: DeviceTimes };
  /** scores: texts x labels */
  classify: { ask: { texts: Text[]; batchSize: number }; answer: { scores: Float32Array } };
  /** vectors: texts x hiddenSize */
  embed: {
    ask: { texts: Text[]; batchSize: number; normalize: boolean };
    answer: { vectors: Float32Array };
  };
  evaluate: { ask: LabelledRows & { batchSize: number; threshold?: number }; answer: Report };
  fillMask: { ask: { text: string; topK: number }; answer: { masks: FilledMask[][] } };
  inspect: { ask: InspectAsk; answer: DataReport };
  plan: { ask: FinetuneAsk; answer: FinetunePlan };
  finetune: { ask: FinetuneAsk; answer: EndEvent };
  pretrain: { ask: PretrainAsk; answer: PretrainEndEvent };
  crossValidate: { ask: CrossValidateAsk; answer: CrossValidation };
  search: { ask: SearchAsk; answer: SearchResult };
  save: {
    ask: { dtype: "f32" | "f16"; as: SavedClass };
    answer: SavedText & { weights: Uint8Array };
  };
  addAdapter: { ask: { name: string; files: AdapterAsk }; answer: { labels: string[] } };
  /** null: none */
  useAdapter: { ask: { name: string | null }; answer: null };
  mergeAdapter: { ask: null; answer: null };
  saveAdapter: { ask: { base: string }; answer: { config: string; weights: Uint8Array } };
  setLabels: { ask: { labels: string[]; seed: number }; answer: null };
}

export type CallName = keyof Calls;

/** Calls that take steps: they can be held and ended, and tell of each event but the last, which is their answer. */
export interface RunEvents {
  finetune: RunEvent;
  pretrain: PretrainRunEvent;
  crossValidate: FoldEvent;
  search: SearchRunEvent;
}

export type RunName = keyof RunEvents;
export type RunEvent = StartEvent | StepEvent | EpochEvent;
export type PretrainRunEvent = PretrainStartEvent | StepEvent | PretrainEpochEvent;
export type SearchRunEvent = TrialRunEvent | TrialEvent;

/** One call on its way to the worker. */
export type Ask = { [K in CallName]: { type: "ask"; call: K; id: number; ask: Calls[K]["ask"] } }[CallName];

export type ToWorker =
  /** The first message: the name of the lock that the worker holds while it lives. */
  | { type: "hello"; lock: string }
  | Ask
  /** Ends the call `id` with "aborted" before its next batch or step. */
  | { type: "cancel"; id: number }
  /** For a call that takes steps. */
  | { type: "pause" | "resume" | "stop"; id: number };

export type ToPage =
  /** The worker holds its lock. */
  | { type: "ready" }
  | { [K in CallName]: { type: "answer"; call: K; id: number; answer: Calls[K]["answer"] } }[CallName]
  | { type: "failed"; id: number; failure: Failure }
  /** Comes before the answer of a call that changed it. */
  | { type: "info"; info: ModelInfo }
  | { type: "progress"; id: number; progress: LoadProgress | RowProgress }
  | { type: "event"; id: number; event: RunEvents[RunName] }
  /** The worker is of no more use: every pending call fails with this. */
  | { type: "fatal"; failure: Failure };
