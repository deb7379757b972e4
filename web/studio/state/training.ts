/**
 * What the page knows of a run: its plan, its progress, and the search or cross-validation before it.
 */
import type {
  EndEvent,
  FinetunePlan,
  MeanAndSpread,
  Report,
  SearchResult,
  Source,
  TrialEvent,
} from "../../src/index.ts";
import type { Parts } from "../data/parts.ts";
import type { Failure } from "../i18n/messages.ts";
import type { DeviceChoice } from "./model.ts";
import type { Recipe } from "./recipe.ts";

/** What a run would take, and the choices that this was asked of. */
export interface PlanState {
  recipe: Recipe;
  parts: Parts | undefined;
  source: Source | undefined;
  device: DeviceChoice;
  phase: "working" | "done" | "failed";
  result?: FinetunePlan | undefined;
  error?: Failure | undefined;
}

interface EpochResult {
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
  epochResults: readonly EpochResult[];
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
export interface TuningState {
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
  results: readonly TrialEvent[];
  best?: SearchResult["best"] | undefined;
  /** Micro F1 on each finished fold: with one label a row its accuracy. */
  scores: readonly number[];
  spread?: MeanAndSpread | undefined;
  error?: Failure | undefined;
}

export const idleTuning: TuningState = {
  phase: "idle",
  kind: "search",
  trials: 9,
  minutes: 0,
  folds: 5,
  results: [],
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
  epochResults: [],
  milliseconds: 0,
};
