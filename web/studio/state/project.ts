/**
 * What the page knows of the project in hand and of those kept in this browser.
 */
import type { ProjectSummary } from "../data/project/project-record.ts";
import type { Failure } from "../i18n/messages.ts";
import type { ProjectRun } from "./evaluation.ts";
import type { Recipe } from "./recipe.ts";

/** A run that did not end, and how far it came. */
export interface Interrupted {
  journal: string;
  step: number;
  steps?: number | undefined;
  when: number;
}

export interface ProjectState {
  /** Left out until there is something to keep. */
  id?: string | undefined;
  /** "" until it has one. */
  name: string;
  /** "denied": the browser has no storage for this page, so that nothing outlasts it. */
  phase: "none" | "saving" | "kept" | "failed" | "denied";
  /** The name of the project that this is a copy of, since another tab has that one. */
  copyOf?: string | undefined;
  /** The kept projects, the latest first. */
  list: readonly ProjectSummary[];
  /** The run whose model is in hand. */
  run?: number | undefined;
  /** Whether the model of the run that ended is being kept. */
  keeping: boolean;
  busy?: "opening" | "packing" | "wiping" | undefined;
  /** Whether a saved file holds the examples. */
  withExamples: boolean;
  /** Runs of kept projects that were interrupted, by their journals. */
  interrupted: readonly Interrupted[];
  /** Of the project that was opened: the curves of its interrupted run. */
  unfinished?: { recipe: Recipe; curves: ProjectRun["training"] } | undefined;
  /** Why nothing could be kept, and why a file or a project could not be opened or saved. */
  error?: Failure | undefined;
  fileError?: Failure | undefined;
  /** Whether everything was just wiped. */
  wiped?: boolean | undefined;
}

export const noProject: ProjectState = {
  name: "",
  phase: "none",
  list: [],
  keeping: false,
  interrupted: [],
  withExamples: true,
};
