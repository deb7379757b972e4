/**
 * What the page knows of the trained model's evaluation, and of the project's runs.
 */
import type { CalibrationReceipt, LabelledText, Prediction, Report, Source } from "../../src/index.ts";
import type { Answer } from "../data/certainty.ts";
import type { Environment } from "../data/records/facts.ts";
import type { Failure } from "../i18n/messages.ts";
import type { Recipe } from "./recipe.ts";
import type { TrainingState } from "./training.ts";

type Scored = Prediction["scores"][number];

export interface Mistake {
  text: string;
  textPair?: string;
  /** The true labels with their scores. */
  truth: readonly Scored[];
  predicted: readonly Scored[];
}

/** "kept": its label is right. A label: it was given that one. */
export type Handled = { kind: "kept" | "hidden" } | { kind: "fixed"; label: LabelledText["label"] };

/** The search for slips among the training rows. */
export interface SlipsState {
  phase: "working" | "done" | "failed";
  found: readonly { row: LabelledText; likely: string }[];
  error?: Failure | undefined;
}

/** Making scores honest. */
export interface CalibrationState {
  phase: "working" | "done" | "failed";
  receipt?: CalibrationReceipt | undefined;
  error?: Failure | undefined;
}

/** Wrong rows shown at first, and with each press. */
export const SHOWN_AT_ONCE = 20;

export interface EvaluationState {
  part?: "dev" | "test" | undefined;
  report?: Report | undefined;
  labels: readonly string[];
  wrong: readonly Mistake[];
  /** Of single-label rows: how sure each answer was, and whether it was right. */
  answers: readonly Answer[];
  done: number;
  total: number;
  filter: string;
  /** Two labels that are mixed up, whose rows alone are shown. */
  pair?: { truth: string; predicted: string } | undefined;
  /** Whether only wrong answers of which it was sure are shown. */
  sureOnly: boolean;
  /** How many wrong rows are shown. */
  shown: number;
  /** What the person did with wrong rows and likely slips, by `rowKey`. */
  handled: ReadonlyMap<string, Handled>;
  slips?: SlipsState | undefined;
  /** What learning corrections did: accuracy on the rows that the model knew, before and after. */
  learned?: { rows: number; before: number; after: number } | undefined;
  calibration?: CalibrationState | undefined;
  /** The run that the others are compared with; left out: the current one. */
  against?: number | undefined;
  error?: Failure | undefined;
}

/** The model that a run started from. */
export interface Base {
  name: string;
  source: Source;
  ownLabels?: readonly string[] | undefined;
  maskedLmHead?: boolean | undefined;
}

/** How the model of a run is kept, beside its files. */
export interface KeptModel {
  maxLength: number;
  maskedLm: boolean;
  ownHead: boolean;
  /** The adapter that is on; its files lie beside the model's. */
  adapter?: { name: string; kind: string } | undefined;
  bytes: number;
}

/** What the rows of a run were, without their texts. */
export interface RowsOfRun {
  train: number;
  /** The labels of the rows that it was evaluated on. */
  truth: readonly LabelledText["label"][];
  part?: "dev" | "test" | undefined;
  /** Equal for equal rows: of train, and of those evaluated on. */
  trainKey: string;
  heldKey: string;
  /** A short hash of each training row with its labels, with spaces between. Left out by earlier versions of the page. */
  learned?: string | undefined;
  pairs: boolean;
}

/** A run of the project: what it did, how good it was, and whether its model can be taken back. */
export interface ProjectRun {
  /** From 1. */
  number: number;
  /** When it ended, in milliseconds since 1970. */
  when: number;
  base: Base;
  recipe: Recipe;
  training: Omit<TrainingState, "parts" | "error" | "recipe">;
  rows: RowsOfRun;
  labels: readonly string[];
  /** Left out until it is evaluated, and where no rows are held out. */
  report?: Report | undefined;
  /** Scores are left out by earlier versions of the page. */
  predictions: readonly (Pick<Prediction, "label" | "labels"> & { score?: number | undefined })[];
  environment?: Environment | undefined;
  /** Left out where the model could not be kept. */
  kept?: KeptModel | undefined;
}

export const emptyEvaluation: EvaluationState = {
  labels: [],
  wrong: [],
  answers: [],
  done: 0,
  total: 0,
  filter: "",
  sureOnly: false,
  shown: SHOWN_AT_ONCE,
  handled: new Map(),
};
