/**
 * What the page knows of a run: its plan, its progress, and the search or cross-validation before it.
 */

import type {
  EndEvent,
  FinetunePlan,
  JournalEvent,
  MeanAndSpread,
  RecipeReason,
  Report,
  ResumedEvent,
  SearchResult,
  Source,
  TrialEvent,
} from "../../src/index.ts";
import { CROSS_VALIDATE, SEARCH } from "../../src/shared/defaults.ts";
import type { Parts } from "../data/parts.ts";
import type { Failure } from "../i18n/messages.ts";
import type { DeviceChoice } from "./model.ts";
import type { Recipe } from "./recipe.ts";

/** The time and memory of a run, and the choices that the plan belongs to. */
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
  /** The recipe and the parts that the run started with. */
  recipe?: Recipe | undefined;
  parts?: Parts | undefined;
  /** Why the automatic recipe is what it is; left out for a recipe of the person's. */
  why?: RecipeReason | undefined;
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
  /** What became of the run's journal: the run goes on from it, or less is kept. */
  journal?: ResumedEvent | JournalEvent | undefined;
  reason?: EndEvent["reason"] | undefined;
  /** The epoch whose weights were restored at the end, with early stopping. */
  restoredEpoch?: number | undefined;
  /** The decision threshold that was tuned on dev; multi-label rows only. */
  threshold?: number | undefined;
  milliseconds: number;
  error?: Failure | undefined;
}

/** A search for a recipe, or a cross-validation of one. */
export interface TuningState {
  phase: "idle" | "working" | "done" | "failed";
  kind: "search" | "folds";
  /** Most recipes to try. */
  trials: number;
  /** Time limit of a search; 0: no limit. */
  minutes: number;
  folds: number;
  /** The parts that recipes were tried on. */
  parts?: Parts | undefined;
  source?: Source | undefined;
  /** The latest run of each trial. */
  results: readonly TrialEvent[];
  best?: SearchResult["best"] | undefined;
  /** Micro F1 on each finished fold; it equals accuracy on single-label rows. */
  scores: readonly number[];
  spread?: MeanAndSpread | undefined;
  error?: Failure | undefined;
}

export const idleTuning: TuningState = {
  phase: "idle",
  kind: "search",
  trials: SEARCH.trials,
  minutes: 0,
  folds: CROSS_VALIDATE.folds,
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
