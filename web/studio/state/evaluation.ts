/**
 * What the page knows of the trained model's evaluation, and of earlier runs to compare it with.
 */
import type { LabelledText, Prediction, Report } from "../../src/index.ts";
import type { Failure } from "../i18n/messages.ts";
import type { Recipe } from "./recipe.ts";

type Scored = Prediction["scores"][number];

export interface Mistake {
  text: string;
  textPair?: string | undefined;
  /** The true labels with their scores. */
  truth: readonly Scored[];
  predicted: readonly Scored[];
}

export interface EvaluationState {
  part?: "dev" | "test" | undefined;
  report?: Report | undefined;
  labels: readonly string[];
  wrong: readonly Mistake[];
  done: number;
  total: number;
  filter: string;
  error?: Failure | undefined;
}

/** An evaluated run of this visit, to compare later runs with. */
export interface EvaluatedRun {
  /** From 1. */
  number: number;
  model: string;
  recipe: Recipe;
  rows: readonly LabelledText[];
  predictions: readonly Pick<Prediction, "label" | "labels">[];
  report: Report;
}

export const emptyEvaluation: EvaluationState = { labels: [], wrong: [], done: 0, total: 0, filter: "" };
