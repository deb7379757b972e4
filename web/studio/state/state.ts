/**
 * Takes nothing; gives the type of the one object that holds everything the page knows, and its beginning. Data
 * flows one way: actions set the state, views read it. Live objects (classifier, run) stay in the actions.
 */
import { LOAD, SPLIT } from "../../src/shared/defaults.ts";
import { noEdits } from "../data/edits.ts";
import { type BenchState, type Drafts, emptyBench, noDrafts } from "./bench.ts";
import type { DataState, Inspection } from "./data.ts";
import { type EvaluationState, emptyEvaluation, type ProjectRun } from "./evaluation.ts";
import { emptyFillMask, type FillMaskState, idlePretraining, type PretrainingState } from "./masked-lm.ts";
import { type AdaptersState, type DeviceChoice, type ModelState, noAdapters } from "./model.ts";
import { noProject, type ProjectState } from "./project.ts";
import { defaultRecipe, type Recipe } from "./recipe.ts";
import { noRemote, type RemoteState } from "./remote.ts";
import { emptyShare, type ShareState } from "./share.ts";
import {
  idleTraining,
  idleTuning,
  type PlanState,
  type TrainingState,
  type TuningState,
} from "./training.ts";
import { emptyKeep, emptyUse, type KeepState, type UseState } from "./use.ts";
import { emptyWhy, type WhyState } from "./why.ts";

export const STEPS = ["load", "data", "train", "judge", "use", "keep"] as const;
/** The bench stands before the steps: it is all of them at once. */
export type Step = "bench" | (typeof STEPS)[number];

export interface State {
  step: Step;
  device: DeviceChoice;
  model: ModelState;
  remote: RemoteState;
  data: DataState;
  bench: BenchState;
  drafts: Drafts;
  recipe: Recipe;
  inspection: Inspection | undefined;
  plan: PlanState | undefined;
  tuning: TuningState;
  pretraining: PretrainingState;
  training: TrainingState;
  evaluation: EvaluationState;
  runs: readonly ProjectRun[];
  project: ProjectState;
  use: UseState;
  why: WhyState;
  fillMask: FillMaskState;
  adapters: AdaptersState;
  keep: KeepState;
  share: ShareState;
}

export function initialState(): State {
  return {
    step: "bench",
    device: LOAD.device,
    model: { phase: "none", name: "", usable: false },
    remote: noRemote,
    data: {
      files: [],
      sample: false,
      reading: false,
      joins: new Map(),
      alike: [],
      handPage: 0,
      splitSeed: SPLIT.seed,
      edits: noEdits,
      past: [],
      examples: [],
      notices: [],
    },
    bench: emptyBench,
    drafts: noDrafts,
    recipe: defaultRecipe,
    inspection: undefined,
    plan: undefined,
    tuning: idleTuning,
    pretraining: idlePretraining,
    training: idleTraining,
    evaluation: emptyEvaluation,
    runs: [],
    project: noProject,
    use: emptyUse,
    why: emptyWhy,
    fillMask: emptyFillMask,
    adapters: noAdapters,
    keep: emptyKeep,
    share: emptyShare,
  };
}
