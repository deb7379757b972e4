/**
 * What the tag knows while it is on a page, and what its views may ask of it. No code.
 */
import type { BertletError, ModelInfo, Prediction } from "../src/index.ts";
import type { Fault, Settings } from "./attributes.ts";
import type { Lesson } from "./lesson.ts";
import type { Strings } from "./strings/en.ts";
import type { TrainingEnd } from "./training.ts";
import type { Progress } from "./work.ts";

/** "waiting": for the page to show it, or for a click. "failed": the model could not be loaded. */
export type Phase = "waiting" | "loading" | "ready" | "classifying" | "training" | "saving" | "failed";

/** Where an error is shown: beside what caused it. */
export type Place = "load" | "rows" | "train" | "use" | "keep";

export interface State {
  phase: Phase;
  progress?: Progress | undefined;
  info?: ModelInfo | undefined;
  /** Whether the model's labels can be asked for: it came with them, or learned them. */
  askable: boolean;
  prediction?: Prediction | undefined;
  estimate?: number | undefined;
  end?: TrainingEnd | undefined;
  faults: readonly Fault[];
  errors: Partial<Record<Place, BertletError>>;
  disabled: boolean;
}

/** The tag, as its views see it. */
export interface Desk {
  readonly t: Strings;
  readonly settings: Settings;
  readonly lesson: Lesson;
  readonly now: State;
  load(): void;
  ask(text: string): void;
  /** Gives the answer up that is shown, or under way. */
  forget(): void;
  /** Resolves when the training has ended, in whatever way. */
  teach(): Promise<void>;
  stop(): void;
  download(): void;
  /** Takes a recipe that a pupil chose. */
  choose(recipe: Partial<Pick<Settings, "method" | "epochs">>): void;
  /** Speaks a line to a screen reader. */
  say(line: string): void;
}
