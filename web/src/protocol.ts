// Gives the types of every message between the page and its worker. No code, and no other channel.

import type {
  EndEvent,
  EpochEvent,
  FinetunePlan,
  LoadProgress,
  ModelInfo,
  Pooling,
  Report,
  RowProgress,
  StartEvent,
  StepEvent,
} from "../bertlet.d.ts";
import type { Failure } from "./errors.ts";

/** One file: an absolute URL, or bytes. */
export type FileAsk = { url: string } | { bytes: Blob | ArrayBuffer | Uint8Array };

/** Where a checkpoint is: a folder (its URL ends in "/") or its files. */
export type CheckpointAsk =
  | { folder: string }
  | { config: FileAsk; tokenizer: FileAsk; tokenizerConfig?: FileAsk; weights: FileAsk };

export interface LoadAsk {
  checkpoint: CheckpointAsk;
  device: "auto" | "webgpu" | "wasm";
  threads?: number;
  labels?: string[];
  pooling?: Pooling;
  maxLength?: number;
  seed: number;
}

/** Rows with their labels as indices into ModelInfo.labels. */
export interface LabelledRows {
  texts: string[];
  targets: Uint32Array;
}

/** FinetuneOptions with every default filled in; `dropout` null is "as config.json says". */
export interface Recipe {
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
  seed: number;
}

export interface FinetuneAsk {
  train: LabelledRows;
  dev?: LabelledRows;
  test?: LabelledRows;
  recipe: Recipe;
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
  calibrate: { ask: CalibrateAsk; answer: DeviceTimes };
  /** scores: texts x labels */
  classify: { ask: { texts: string[]; batchSize: number }; answer: { scores: Float32Array } };
  /** vectors: texts x hiddenSize */
  embed: {
    ask: { texts: string[]; batchSize: number; normalize: boolean };
    answer: { vectors: Float32Array };
  };
  evaluate: { ask: LabelledRows & { batchSize: number }; answer: Report };
  plan: { ask: FinetuneAsk; answer: FinetunePlan };
  finetune: { ask: FinetuneAsk; answer: EndEvent };
  save: { ask: { dtype: "f32" | "f16" }; answer: SavedText & { weights: Uint8Array } };
}

export type CallName = keyof Calls;

/** One call on its way to the worker. */
export type Ask = { [K in CallName]: { type: "ask"; call: K; id: number; ask: Calls[K]["ask"] } }[CallName];

export type ToWorker =
  /** The first message: the name of the lock that the worker holds while it lives. */
  | { type: "hello"; lock: string }
  | Ask
  /** Ends the call `id` with "aborted" before its next batch or step. */
  | { type: "cancel"; id: number }
  /** For a finetune call. */
  | { type: "pause" | "resume" | "stop"; id: number };

export type RunEvent = StartEvent | StepEvent | EpochEvent;

export type ToPage =
  /** The worker holds its lock. */
  | { type: "ready" }
  | { [K in CallName]: { type: "answer"; call: K; id: number; answer: Calls[K]["answer"] } }[CallName]
  | { type: "failed"; id: number; failure: Failure }
  | { type: "progress"; id: number; progress: LoadProgress | RowProgress }
  | { type: "event"; id: number; event: RunEvent }
  /** The worker is of no more use: every pending call fails with this. */
  | { type: "fatal"; failure: Failure };
