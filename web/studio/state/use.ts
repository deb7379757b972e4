/**
 * What the page knows of texts being classified and of the model being saved.
 */

import type { Prediction, SavedAdapter, SavedCheckpoint } from "../../src/index.ts";
import { SAVE } from "../../src/shared/defaults.ts";
import type { Table } from "../data/table.ts";
import type { Failure } from "../i18n/messages.ts";

export interface UseState {
  /** The text being tried, kept over language switches. */
  text: string;
  /** Whether the model reads a second text with it, and that text. */
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
  /** The files of the last save, for downloads one by one. */
  files?: SavedCheckpoint | undefined;
  adapter?: SavedAdapter | undefined;
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
};

export const emptyKeep: KeepState = {
  dtype: SAVE.dtype,
  saving: false,
  onnx: { dtype: SAVE.dtype, saving: false },
  away: { working: false },
};

/** What the person typed and chose, without what the model answered. */
export function withoutAnswers(use: UseState): UseState {
  return { ...use, prediction: undefined, results: undefined, error: undefined, fileError: undefined };
}
