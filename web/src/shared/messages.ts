// Types of every message between the page and its worker, which have no other channel. No code.

import type {
  CalibrationReceipt,
  CrossValidation,
  DataReport,
  DistillEndEvent,
  Dtype,
  EndEvent,
  EpochEvent,
  Explanation,
  FilledMask,
  FinetuneOptions,
  FinetunePlan,
  FoldEvent,
  JournalEvent,
  JournalInfo,
  KeptModelInfo,
  LearnEndEvent,
  LoadProgress,
  ModelInfo,
  PretrainEndEvent,
  PretrainEpochEvent,
  PretrainStartEvent,
  PruneReceipt,
  QuantizeReceipt,
  Report,
  ResumedEvent,
  RowProgress,
  SavedClass,
  ScopeReceipt,
  SearchOptions,
  SearchResult,
  SourcePreview,
  StartEvent,
  StepEvent,
  Suggestion,
  TokenizedText,
  TrialEvent,
  TrialRun,
  TrialRunEvent,
} from "../../bertlet.d.ts";
import type { Failure } from "./errors.ts";
import type {
  Access,
  AdapterRequest,
  CheckpointRequest,
  CreateRequest,
  DeviceRequest,
  FetchRequest,
  LoadRequest,
  PreviewRequest,
} from "./loading-requests.ts";
import type { DistillRecipe, ModelSelection, PretrainRecipe, Recipe } from "./recipe.ts";

/** A text, or a text and its pair. */
export type Text = string | [text: string, pair: string];

/** The model's head, as far as rows are checked against it. */
export type Head = Pick<ModelInfo, "labels" | "problemType">;

/** Rows with their labels as indices into ModelInfo.labels. */
export interface LabelledRows {
  texts: Text[];
  /** Label indices, row after row: one for each row, or any number of them, ascending. */
  targets: Uint32Array;
  /** The end of each row in `targets`; multi-label models only. */
  ends?: Uint32Array;
}

/** Rows with their labels by name, which need not be the model's. An array is for multi-label models. */
export interface NamedRows {
  texts: Text[];
  labels: (string | readonly string[])[];
}

export interface NamedSplits {
  train: NamedRows;
  dev?: NamedRows;
  test?: NamedRows;
}

export interface PretrainRequest {
  train: string[];
  dev?: string[];
  recipe: PretrainRecipe;
}

export interface FinetuneRequest {
  train: LabelledRows;
  dev?: LabelledRows;
  test?: LabelledRows;
  recipe: Recipe;
  selection: ModelSelection;
  /** The head's own recipe, where it is trained before the rest. */
  headFirst?: Recipe;
  /** Largest number of steps, where it is not the whole recipe. */
  limit?: number;
  /** Where the model teaches a smaller one. */
  distill?: DistillRecipe;
}

export interface CrossValidateRequest {
  rows: LabelledRows;
  folds: number;
  /** The fold of each row, from 0. */
  fold: Uint8Array;
  recipe: Recipe;
}

/** One trial of a search. */
export interface Trial {
  /** The options, ready for `finetune`. */
  options: FinetuneOptions;
  recipe: Recipe;
  selection: ModelSelection;
  /** Steps of the whole recipe. */
  steps: number;
}

export interface SearchRequest {
  train: LabelledRows;
  dev: LabelledRows;
  trials: Trial[];
  rungs: number;
  budget: { steps: number } | { minutes: number };
  /** The settings that every state repeats. */
  settings: Record<string, unknown>;
  /** Finished runs of the resumed search. */
  finished: TrialRun[];
}

/** A measurement, made in a worker of its own that the page starts: see choose-device.ts. */
export interface CalibrateRequest {
  /** config.json */
  config: Uint8Array;
  threads: number;
  memoryBytes: number;
  /** The GPU's name. */
  adapter: string | undefined;
}

/** Time of one forward pass through the encoder. */
export interface DeviceTimes {
  webgpuMs: number;
  wasmMs: number;
}

/** What comes through the port of "calibrate". */
export type Calibrated = { times: DeviceTimes } | { failure: Failure };

export interface SavedText {
  config: string;
  tokenizer: string;
  tokenizerConfig: string;
  modelingCode?: string;
}

/** Scores `[texts, labels]`, with what the model was in the turn of the call. */
export interface Scores {
  scores: Float32Array;
  labels: readonly string[];
  /** The decision threshold; multi-label models only. */
  threshold?: number;
  /** Of each text, with the scope's threshold; where there is a scope. */
  scope?: { similarities: Float32Array; threshold: number };
}

/** A run's journal, where it has one: its name, and which run of that name it is. */
export interface Journalled {
  journal?: { name: string; run: string };
}

/** A text to explain; `steps` with "integrated-gradients", `nearest` with examples. */
export interface ExplainRequest {
  text: Text;
  method: Explanation["method"];
  label?: string;
  /** Left out: as many as completeness asks for. */
  steps?: number;
  examples?: Text[];
  nearest: number;
}

/** An explanation on its way: what the page makes predictions and examples of is still numbers. */
export interface Explained {
  label: number;
  words: { segment: 0 | 1; start: number; end: number; attribution: number }[];
  truncated: boolean;
  /** Of the text; with "occlusion" then of the text without each word. */
  answers: Scores;
  /** Texts without each word; with "occlusion" only. */
  without?: string[];
  tokens?: Explanation["tokens"];
  completeness?: Explanation["completeness"];
  /** Examples by their index, the nearest first. */
  nearest?: { index: number; similarity: number }[];
}

/** Every call, with the page's request and the worker's response. */
export interface Calls {
  load: { request: LoadRequest; response: ModelInfo };
  create: { request: CreateRequest; response: ModelInfo };
  preview: { request: PreviewRequest; response: SourcePreview };
  open: { request: DeviceRequest & { name: string }; response: ModelInfo };
  list: { request: null; response: KeptModelInfo[] };
  isCached: { request: { checkpoint: CheckpointRequest }; response: boolean };
  /** Without a checkpoint: all. */
  clearCache: { request: { checkpoint?: CheckpointRequest }; response: null };
  forget: { request: { name: string }; response: null };
  keep: { request: { name: string }; response: { bytes: number } };
  timeDevice: { request: CalibrateRequest; response: DeviceTimes };
  classify: { request: { texts: Text[]; batchSize: number; threshold?: number }; response: Scores };
  /** `vectors` is `[texts, hiddenSize]`. */
  embed: {
    request: { texts: Text[]; batchSize: number; normalize: boolean };
    response: { vectors: Float32Array };
  };
  tokenize: { request: { texts: Text[] }; response: { rows: TokenizedText[] } };
  evaluate: { request: { rows: NamedRows; batchSize: number; threshold?: number }; response: Report };
  /** `examples` with the scope's other texts. */
  fitScope: {
    request: { examples: Text[]; dev?: Text[]; share: number; neighbours: number; batchSize: number };
    response: ScopeReceipt;
  };
  suggest: { request: { texts: Text[]; count: number; batchSize: number }; response: Suggestion[] };
  calibrate: {
    request: { rows: NamedRows; bins: number; batchSize: number };
    response: CalibrationReceipt;
  };
  learn: {
    request: {
      rows: NamedRows;
      replay?: NamedRows;
      /** Of all rows that could have been drawn: a wrong one is an error whatever is drawn. */
      knownLabels?: NamedRows["labels"];
      addLabels: boolean;
      options: FinetuneOptions;
    };
    response: LearnEndEvent;
  };
  explain: { request: ExplainRequest; response: Explained };
  quantize: {
    request: { rows: NamedRows; dtype: "f16" | "int8"; batchSize: number; maxDrop: number };
    response: QuantizeReceipt;
  };
  fillMask: { request: { text: string; topK: number }; response: { masks: FilledMask[][] } };
  inspect: { request: NamedSplits; response: DataReport };
  takeAway: { request: NamedSplits & { options: FinetuneOptions }; response: { zip: Blob } };
  plan: { request: NamedSplits & { options: FinetuneOptions }; response: FinetunePlan };
  finetune: { request: NamedSplits & { options: FinetuneOptions } & Journalled; response: EndEvent };
  distill: {
    request: NamedSplits & { options: FinetuneOptions; distill: DistillRecipe };
    response: DistillEndEvent;
  };
  pretrain: { request: PretrainRequest & Journalled; response: PretrainEndEvent };
  /** `fold` is the fold of each row, from 0. */
  crossValidate: {
    request: { rows: NamedRows; folds: number; fold: Uint8Array; options: FinetuneOptions } & Journalled;
    response: CrossValidation;
  };
  search: {
    request: Omit<NamedSplits, "test"> & { options: SearchOptions } & Journalled;
    response: SearchResult;
  };
  /** Opens the model of a journal. Without a device: the journal's. With `run`: of that run only. */
  resume: {
    request: Omit<DeviceRequest, "device"> & {
      name: string;
      run?: string;
      device?: DeviceRequest["device"];
    };
    response: { info: ModelInfo; call: JournalledName; step: number; run: string; ended: boolean };
  };
  /** The run of the journal that "resume" has opened. */
  continue: { request: null; response: EndEvent | PretrainEndEvent | CrossValidation | SearchResult };
  listJournals: { request: null; response: JournalInfo[] };
  deleteJournal: { request: { name: string }; response: null };
  save: {
    request: { dtype: Dtype; as: SavedClass };
    response: SavedText & { weights: Uint8Array };
  };
  saveOnnx: {
    request: { dtype: "f32" | "int8" };
    response: Omit<SavedText, "modelingCode"> & { model: Uint8Array };
  };
  addAdapter: {
    request: { name: string; files: AdapterRequest; access: Access };
    response: { labels: string[] };
  };
  /** null switches all adapters off. */
  useAdapter: { request: { name: string | null }; response: null };
  mergeAdapter: { request: null; response: null };
  saveAdapter: { request: { base: string }; response: { config: string; weights: Uint8Array } };
  /** `data` with a number of layers alone. */
  prune: {
    request: { vocabulary?: string[]; layers?: number | number[]; data?: NamedRows };
    response: PruneReceipt;
  };
  setLabels: { request: { labels: string[]; seed: number }; response: null };
}

export type CallName = keyof Calls;

/** Runs: calls that can be paused and stopped, and that emit events. The last event is the response. */
export interface RunEvents {
  finetune: RunEvent;
  distill: RunEvent;
  learn: RunEvent;
  pretrain: PretrainRunEvent;
  crossValidate: FoldEvent | JournalEvent | ResumedEvent;
  search: SearchRunEvent;
}

export type RunName = keyof RunEvents;
/** Runs that can have a journal. */
export type JournalledName = Exclude<RunName, "distill" | "learn">;
export type RunEvent = StartEvent | StepEvent | EpochEvent | JournalEvent | ResumedEvent;
export type PretrainRunEvent =
  | PretrainStartEvent
  | StepEvent
  | PretrainEpochEvent
  | JournalEvent
  | ResumedEvent;
export type SearchRunEvent = TrialRunEvent | TrialEvent | JournalEvent | ResumedEvent;

/** One call on its way to the worker. */
export type CallRequest = {
  [K in CallName]: { type: "request"; call: K; id: number; request: Calls[K]["request"] };
}[CallName];

export type ToWorker =
  /** The first message: the library's version, and the name of the lock that the worker holds while it lives. */
  | { type: "hello"; version: string; lock: string }
  | CallRequest
  /** Ends the call `id` with "aborted" before its next batch or step. */
  | { type: "cancel"; id: number }
  /** Controls a run. "keep" has its journal written before the next step. */
  | { type: "pause" | "resume" | "stop" | "keep"; id: number };

export type ToPage =
  /** The first message. */
  | { type: "ready"; version: string }
  /** The worker holds its lock. */
  | { type: "locked" }
  /** The page's end of a thread's lifeline; where there are no locks, also of the worker's own. */
  | { type: "lifeline"; port: MessagePort }
  /** Asks for a file of the call `id`. */
  | ({ type: "fetch"; id: number } & FetchRequest)
  /** Asks for a measurement, for the call `id`. */
  | { type: "calibrate"; id: number; request: CalibrateRequest; port: MessagePort }
  | { [K in CallName]: { type: "response"; call: K; id: number; response: Calls[K]["response"] } }[CallName]
  | { type: "failed"; id: number; failure: Failure }
  /** The changed model's info, sent before the response of the call. */
  | { type: "info"; info: ModelInfo }
  | { type: "progress"; id: number; progress: LoadProgress | RowProgress }
  | { type: "event"; id: number; event: RunEvents[RunName] }
  /** The worker cannot go on: every pending call fails with this. */
  | { type: "fatal"; failure: Failure };
