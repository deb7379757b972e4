/**
 * What the page knows of pretraining on unlabelled text and of filling masks, and how both begin.
 */

import type { FilledMask, MaskedReport, PretrainEndEvent, SavedCheckpoint } from "../../src/index.ts";
import { PRETRAIN } from "../../src/shared/defaults.ts";
import type { OwnTexts } from "../data/unlabelled.ts";
import type { Failure } from "../i18n/messages.ts";

export interface PretrainingState {
  phase: "idle" | "preparing" | "running" | "stopping" | "done" | "failed";
  epochs: number;
  learningRate: number;
  wholeWords: boolean;
  /** Left out: the texts of the training rows are used. */
  own?: OwnTexts | undefined;
  fileError?: Failure | undefined;
  /** Whether the checkpoint had no masked-LM head, so that a new one is trained. */
  newHead: boolean;
  /** Number of texts that the run trains on. */
  texts: number;
  step: number;
  steps: number;
  epoch: number;
  /** Parallel arrays, as uPlot wants them; appended in place. */
  stepNumbers: number[];
  losses: number[];
  /** Evaluation on the held-out texts, before the run and after the latest epoch. */
  before?: MaskedReport | undefined;
  after?: MaskedReport | undefined;
  heldOut: readonly { step: number; loss: number }[];
  secondsLeft?: number | undefined;
  reason?: PretrainEndEvent["reason"] | undefined;
  milliseconds: number;
  /** The pretrained model, from which fine-tuning starts. */
  files?: SavedCheckpoint | undefined;
  error?: Failure | undefined;
}

export interface FillMaskState {
  text: string;
  busy: boolean;
  /** The most likely words of each blank. */
  blanks?: readonly (readonly FilledMask[])[] | undefined;
  error?: Failure | undefined;
}

export const idlePretraining: PretrainingState = {
  phase: "idle",
  epochs: PRETRAIN.epochs,
  learningRate: PRETRAIN.learningRate,
  wholeWords: PRETRAIN.wholeWords,
  newHead: false,
  texts: 0,
  step: 0,
  steps: 0,
  epoch: 0,
  stepNumbers: [],
  losses: [],
  heldOut: [],
  milliseconds: 0,
};
export const emptyFillMask: FillMaskState = { text: "", busy: false };

/** The options of a run, without the outcome of the last one. */
export function withoutOutcome(state: PretrainingState): PretrainingState {
  const { epochs, learningRate, wholeWords, own } = state;
  return { ...idlePretraining, stepNumbers: [], losses: [], epochs, learningRate, wholeWords, own };
}
