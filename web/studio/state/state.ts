/**
 * Takes nothing; gives the type of the one object that holds everything the page knows, and how its
 * parts begin. Data flows one way: actions (model.ts, dataset.ts, training.ts,
 * judging.ts) set state, views (steps/) read it. Live objects (classifier, run) stay in the actions.
 */
import type { DataState, Inspection } from "./data.ts";
import { emptyJudge, type JudgedRun, type JudgeState } from "./evaluation.ts";
import { emptyFilling, type FillingState, idlePretraining, type PretrainingState } from "./masked-lm.ts";
import { type AdaptersState, type DeviceChoice, type ModelState, noAdapters } from "./model.ts";
import { type Recipe, usualRecipe } from "./recipe.ts";
import {
  type Forecast,
  idleSeveral,
  idleTraining,
  type SeveralState,
  type TrainingState,
} from "./training.ts";
import { emptyKeep, emptyUse, type KeepState, type UseState } from "./use.ts";

export const STEPS = ["load", "data", "train", "judge", "use", "keep"] as const;
export type Step = (typeof STEPS)[number];

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

export function initialState(): State {
  return {
    step: "load",
    device: "auto",
    model: { phase: "none", name: "", usable: false },
    data: { files: [], sample: false, reading: false, splitSeed: 42, notices: [] },
    recipe: usualRecipe,
    inspection: undefined,
    forecast: undefined,
    several: idleSeveral,
    pretraining: idlePretraining,
    training: idleTraining,
    judge: emptyJudge,
    judged: [],
    use: emptyUse,
    filling: emptyFilling,
    adapters: noAdapters,
    keep: emptyKeep,
  };
}
