/**
 * Takes nothing; gives the type of the one object that holds everything the page knows, and how its
 * parts begin. Data flows one way: actions (model.ts, dataset.ts, training.ts,
 * judging.ts) set state, views (steps/) read it. Live objects (classifier, run) stay in the actions.
 */
import type {
  DataReport,
  EndEvent,
  FinetunePlan,
  LabelledText,
  LoadProgress,
  MeanAndSpread,
  ModelInfo,
  Prediction,
  Report,
  SavedAdapter,
  SavedCheckpoint,
  SearchResult,
  Source,
  TrialEvent,
} from "../../src/index.ts";
import type { Table } from "../data/parse.ts";
import type { DataFile, Parts } from "../data/parts.ts";
import type { Likely, Separator } from "../data/separator.ts";
import type { Failure, Notice } from "../i18n/messages.ts";
import type { AdaptersState, FillingState, PretrainingState } from "./masked-lm.ts";
import type { Recipe } from "./recipe.ts";

export type DeviceChoice = "auto" | "webgpu" | "wasm";

export const STEPS = ["load", "data", "train", "judge", "use", "keep"] as const;
export type Step = (typeof STEPS)[number];

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
  /** Whether it has, without an adapter, a head that the checkpoint came with. */
  ownHead?: boolean | undefined;
  /** Whether its checkpoint has a head that tells masked words. */
  fills?: boolean | undefined;
  /** The checkpoint before it learned from texts without labels, where it did. */
  asItCame?: { source: Source; name: string } | undefined;
  error?: Failure | undefined;
}

export interface DataState {
  files: readonly DataFile[];
  /** The files are the page's own sample: files brought along take its place. */
  sample: boolean;
  reading: boolean;
  textColumn?: string | undefined;
  /** Of the second text, where rows have one. */
  pairColumn?: string | undefined;
  labelColumn?: string | undefined;
  /** What stands between the labels of a row; left out where it has one. */
  separator?: Separator | undefined;
  /** What most likely stands between several labels, whether or not it is taken so. */
  likely?: Likely | undefined;
  splitSeed: number;
  parts?: Parts | undefined;
  notices: readonly Notice[];
  error?: Failure | undefined;
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

/** The data report, and what it was asked of. */
export interface Inspection {
  parts: Parts;
  source: Source | undefined;
  phase: "working" | "done" | "failed";
  report?: DataReport | undefined;
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
  /** What the run was told, and what it was given. */
  recipe?: Recipe | undefined;
  parts?: Parts | undefined;
  step: number;
  steps: number;
  epoch: number;
  epochs: number;
  trainedParameters: number;
  truncatedRows: number;
  /** Parallel arrays, as uPlot wants them; appended in place. */
  stepNumbers: number[];
  losses: number[];
  lines: readonly EpochLine[];
  secondsLeft?: number | undefined;
  reason?: EndEvent["reason"] | undefined;
  /** The epoch whose weights were taken back at the end, where that was asked for. */
  restoredEpoch?: number | undefined;
  /** Found on dev: from which score on a label is given, where there may be several. */
  threshold?: number | undefined;
  milliseconds: number;
  error?: Failure | undefined;
}

/** Trying several recipes before one is trained, or one on several folds. */
export interface SeveralState {
  phase: "idle" | "working" | "done" | "failed";
  kind: "search" | "folds";
  /** Recipes to draw at most. */
  trials: number;
  /** What a search may take; 0: as long as it takes. */
  minutes: number;
  folds: number;
  /** What was tried on. */
  parts?: Parts | undefined;
  source?: Source | undefined;
  /** The latest run of each trial. */
  lines: readonly TrialEvent[];
  best?: SearchResult["best"] | undefined;
  /** Micro F1 on each finished fold: with one label a row its accuracy. */
  scores: readonly number[];
  spread?: MeanAndSpread | undefined;
  error?: Failure | undefined;
}

type Scored = Prediction["scores"][number];
export interface JudgedRow {
  text: string;
  textPair?: string | undefined;
  /** The true labels, with the scores they got. */
  truth: readonly Scored[];
  predicted: readonly Scored[];
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

/** A run of this visit as it was judged, to compare later ones with. */
export interface JudgedRun {
  /** From 1. */
  number: number;
  model: string;
  recipe: Recipe;
  rows: readonly LabelledText[];
  predictions: readonly Pick<Prediction, "label" | "labels">[];
  report: Report;
}

export interface UseState {
  /** The text being tried, kept over language switches. */
  text: string;
  /** Whether a second text is read with it, and which. */
  pairs: boolean;
  textPair: string;
  prediction?: Prediction | undefined;
  busy: boolean;
  error?: Failure | undefined;
  table?: Table | undefined;
  column?: string | undefined;
  pairColumn?: string | undefined;
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
  adapter?: SavedAdapter | undefined;
  adapterError?: Failure | undefined;
  error?: Failure | undefined;
}

export interface State {
  step: Step;
  device: DeviceChoice;
  model: ModelState;
  data: DataState;
  recipe: Recipe;
  inspection: Inspection | undefined;
  forecast: Forecast | undefined;
  several: SeveralState;
  pretraining: PretrainingState;
  training: TrainingState;
  judge: JudgeState;
  judged: readonly JudgedRun[];
  use: UseState;
  filling: FillingState;
  adapters: AdaptersState;
  keep: KeepState;
}

export const idleSeveral: SeveralState = {
  phase: "idle",
  kind: "search",
  trials: 9,
  minutes: 0,
  folds: 5,
  lines: [],
  scores: [],
};
export const idleTraining: TrainingState = {
  phase: "idle",
  step: 0,
  steps: 0,
  epoch: 0,
  epochs: 0,
  trainedParameters: 0,
  truncatedRows: 0,
  stepNumbers: [],
  losses: [],
  lines: [],
  milliseconds: 0,
};
export const emptyJudge: JudgeState = { labels: [], wrong: [], done: 0, total: 0, filter: "" };
export const emptyUse: UseState = {
  text: "",
  pairs: false,
  textPair: "",
  busy: false,
  done: 0,
  running: false,
};
export const emptyKeep: KeepState = { dtype: "f32", saving: false };
