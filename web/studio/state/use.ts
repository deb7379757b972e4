/**
 * What the page knows of texts being classified and of the model being saved.
 */

import type { LabelledText, Prediction, SavedAdapter, SavedCheckpoint } from "../../src/index.ts";
import { SAVE } from "../../src/shared/defaults.ts";
import type { Table } from "../data/reading/table.ts";
import type { Failure } from "../i18n/messages.ts";

export interface UseState {
  /** The text being tried, kept over language switches. */
  text: string;
  /** Whether the model reads a second text with it, and that text. */
  pairs: boolean;
  textPair: string;
  prediction?: Prediction | undefined;
  /** The text that the prediction is of: the field may hold another by now. */
  asked?: Pick<LabelledText, "text" | "textPair"> | undefined;
  /** The label or labels that the person said are right for the text. */
  said?: LabelledText["label"] | undefined;
  busy: boolean;
  error?: Failure | undefined;
  table?: Table | undefined;
  column?: string | undefined;
  pairColumn?: string | undefined;
  done: number;
  running: boolean;
  /** None for a row without a text. */
  results?: readonly (Prediction | undefined)[] | undefined;
  /** Rows of the results in order of doubt, made with them. */
  order: readonly number[];
  /** Which results are shown: a page from 0, those of a label ("": all), those left open. */
  resultPage: number;
  resultLabel: string;
  openOnly: boolean;
  /** The labels that the person gave to rows of the file, or confirmed, by their index. */
  checked: ReadonlyMap<number, LabelledText["label"]>;
  secondsLeft?: number | undefined;
  fileError?: Failure | undefined;
  /** Whether texts unlike the examples are told: the model has learned what these look like. Over with the model. */
  scope: "off" | "working" | "on";
  scopeError?: Failure | undefined;
  /** Answers with a score under it are left open; 0: none. Kept with the project. */
  leaveOpen: number;
}

export interface KeepState {
  dtype: "f32" | "f16";
  saving: boolean;
  /** The files of the last save, for downloads one by one. */
  files?: (SavedCheckpoint & { "README.md"?: Blob }) | undefined;
  adapter?: (SavedAdapter & { "README.md"?: Blob }) | undefined;
  adapterError?: Failure | undefined;
  error?: Failure | undefined;
  onnx: { dtype: "f32" | "int8"; saving: boolean; error?: Failure | undefined };
  /** The run that is packed; `share` of the present part of the work is done. */
  away: { working: boolean; share?: number; error?: Failure | undefined };
}

export const emptyUse: UseState = {
  text: "",
  pairs: false,
  textPair: "",
  busy: false,
  done: 0,
  running: false,
  scope: "off",
  leaveOpen: 0,
  ...noRows(),
};

/** The table of results as it begins. What a person said of the rows holds whatever answers them. */
export function noResults(): Pick<
  UseState,
  "results" | "order" | "resultPage" | "resultLabel" | "openOnly" | "secondsLeft"
> {
  return {
    results: undefined,
    order: [],
    resultPage: 0,
    resultLabel: "",
    openOnly: false,
    secondsLeft: undefined,
  };
}

/** The table of results where another file or column is chosen: nothing was said of these texts. */
export function noRows(): ReturnType<typeof noResults> & Pick<UseState, "checked"> {
  return { ...noResults(), checked: new Map() };
}

export const emptyKeep: KeepState = {
  dtype: SAVE.dtype,
  saving: false,
  onnx: { dtype: SAVE.dtype, saving: false },
  away: { working: false },
};

/** What the person typed and chose, without what the model answered. */
export function withoutAnswers(use: UseState): UseState {
  return {
    ...use,
    ...noResults(),
    scope: "off",
    scopeError: undefined,
    prediction: undefined,
    error: undefined,
    fileError: undefined,
  };
}
