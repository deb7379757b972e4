/**
 * Takes nothing; gives the one typed object that holds everything the page knows, and the store
 * that tells views what changed. Data flows one way: actions (model.ts, dataset.ts, training.ts,
 * judging.ts) set state, views (steps/) read it. Live objects (classifier, run) stay in the actions.
 */
import type {
  FinetunePlan,
  LabelledText,
  LoadProgress,
  ModelInfo,
  Pooling,
  Prediction,
  Report,
  SavedCheckpoint,
  Source,
} from "../src/index.ts";
import type { Dictionary } from "./i18n/en.ts";
import type { Table } from "./parse.ts";

export type DeviceChoice = "auto" | "webgpu" | "wasm";

export const STEPS = ["load", "data", "train", "judge", "use", "keep"] as const;
export type Step = (typeof STEPS)[number];

/** Something to tell, in whatever language the page is in when it is shown. */
export interface Notice {
  level: "error" | "warning" | "note";
  text: (t: Dictionary) => string;
  /** Examples or places, shown folded. */
  details?: readonly string[] | undefined;
}

/** A failure as it is shown: a `BertletError`, or one of the page's own. */
export interface Failure {
  code: string;
  message: string | ((t: Dictionary) => string);
  hint?: string | ((t: Dictionary) => string) | undefined;
}

export interface ModelState {
  phase: "none" | "loading" | "ready" | "failed";
  name: string;
  source?: Source | undefined;
  progress?: LoadProgress | undefined;
  info?: ModelInfo | undefined;
  /** The labels and head the checkpoint came with, if it had a head. */
  ownLabels?: readonly string[] | undefined;
  /** Whether the classifier in hand can name labels: its own head, or one trained here. */
  usable: boolean;
  error?: Failure | undefined;
}

/** Any but train may be empty. */
export interface Parts {
  train: readonly LabelledText<string>[];
  dev: readonly LabelledText<string>[];
  test: readonly LabelledText<string>[];
  /** Labels in the order they are shown and learned: by name. */
  labels: readonly string[];
}

export type Role = "train" | "dev" | "test";
export interface DataFile {
  table: Table;
  role: Role;
}
export interface DataState {
  files: readonly DataFile[];
  /** The files are the page's own sample: files brought along take its place. */
  sample: boolean;
  reading: boolean;
  textColumn?: string | undefined;
  labelColumn?: string | undefined;
  splitSeed: number;
  parts?: Parts | undefined;
  notices: readonly Notice[];
  error?: Failure | undefined;
}

export interface Recipe {
  epochs: number;
  batchSize: number;
  learningRate: number;
  maxLength: number;
  pooling: Pooling | "checkpoint";
  schedule: "linear" | "constant" | "cosine";
  warmupRatio: number;
  weightDecay: number;
  dropout: number | "config";
  seed: number;
}

/** What a run would take, and the choices that this was asked of. */
export interface Forecast {
  recipe: Recipe;
  parts: Parts | undefined;
  source: Source | undefined;
  device: DeviceChoice;
  phase: "working" | "done" | "failed";
  plan?: FinetunePlan | undefined;
  error?: Failure | undefined;
}

export interface EpochLine {
  epoch: number;
  step: number;
  trainLoss: number;
  dev?: Report | undefined;
  milliseconds: number;
}
export interface TrainingState {
  phase: "idle" | "preparing" | "running" | "paused" | "stopping" | "done" | "failed";
  step: number;
  steps: number;
  epoch: number;
  epochs: number;
  truncatedRows: number;
  /** Parallel arrays, as uPlot wants them; appended in place. */
  stepNumbers: number[];
  losses: number[];
  lines: readonly EpochLine[];
  secondsLeft?: number | undefined;
  reason?: "finished" | "stopped" | "early-stopping" | "diverged" | undefined;
  milliseconds: number;
  error?: Failure | undefined;
}

export interface JudgedRow {
  text: string;
  label: string;
  predicted: string;
  score: number;
  /** The score the true label got. */
  labelScore: number;
}
export interface JudgeState {
  part?: "dev" | "test" | undefined;
  report?: Report | undefined;
  labels: readonly string[];
  wrong: readonly JudgedRow[];
  done: number;
  total: number;
  filter: string;
  error?: Failure | undefined;
}

export interface UseState {
  /** The text being tried, kept over language switches. */
  text: string;
  prediction?: Prediction | undefined;
  busy: boolean;
  error?: Failure | undefined;
  table?: Table | undefined;
  column?: string | undefined;
  done: number;
  running: boolean;
  results?: readonly Prediction[] | undefined;
  fileError?: Failure | undefined;
}

export interface KeepState {
  dtype: "f32" | "f16";
  saving: boolean;
  /** What the last save made, for downloads one by one. */
  files?: SavedCheckpoint | undefined;
  error?: Failure | undefined;
}

export interface State {
  step: Step;
  device: DeviceChoice;
  model: ModelState;
  data: DataState;
  recipe: Recipe;
  forecast: Forecast | undefined;
  training: TrainingState;
  judge: JudgeState;
  use: UseState;
  keep: KeepState;
}

export const idleTraining: TrainingState = {
  phase: "idle",
  step: 0,
  steps: 0,
  epoch: 0,
  epochs: 0,
  truncatedRows: 0,
  stepNumbers: [],
  losses: [],
  lines: [],
  milliseconds: 0,
};
export const emptyJudge: JudgeState = { labels: [], wrong: [], done: 0, total: 0, filter: "" };
export const emptyUse: UseState = { text: "", busy: false, done: 0, running: false };
export const emptyKeep: KeepState = { dtype: "f32", saving: false };

export function initialState(): State {
  return {
    step: "load",
    device: "auto",
    model: { phase: "none", name: "", usable: false },
    data: { files: [], sample: false, reading: false, splitSeed: 42, notices: [] },
    recipe: {
      epochs: 5,
      batchSize: 8,
      learningRate: 1e-4,
      maxLength: 128,
      pooling: "checkpoint",
      schedule: "linear",
      warmupRatio: 0.1,
      weightDecay: 0.01,
      dropout: "config",
      seed: 42,
    },
    forecast: undefined,
    training: idleTraining,
    judge: emptyJudge,
    use: emptyUse,
    keep: emptyKeep,
  };
}

type Listener = { keys: readonly (keyof State)[]; run: (state: State) => void };

export class Store {
  #state = initialState();
  #listeners = new Set<Listener>();

  get state(): Readonly<State> {
    return this.#state;
  }

  set(patch: Partial<State>): void {
    this.#state = { ...this.#state, ...patch };
    for (const listener of [...this.#listeners])
      if (listener.keys.some((key) => key in patch)) listener.run(this.#state);
  }

  /** Changes some fields of one part of the state. */
  patch<K extends Exclude<keyof State, "step" | "device" | "forecast">>(
    key: K,
    fields: Partial<State[K]>,
  ): void {
    this.set({ [key]: { ...this.#state[key], ...fields } } as Partial<State>);
  }

  /** Runs now and whenever one of `keys` is set, until `signal` aborts. */
  on(keys: readonly (keyof State)[], run: (state: State) => void, signal?: AbortSignal): void {
    const listener = { keys, run };
    this.#listeners.add(listener);
    signal?.addEventListener("abort", () => this.#listeners.delete(listener));
    run(this.#state);
  }
}
