/**
 * Takes nothing; gives the types of what the page knows of words and of adapters, and how each begins: learning from text
 * without labels, filling a blank, and the adapters on the model in hand. Parts of state.ts.
 */
import type { FilledMask, MaskedReport, PretrainEndEvent, SavedCheckpoint } from "../../src/index.ts";
import type { OwnTexts } from "../data/unlabelled.ts";
import type { Failure } from "../i18n/messages.ts";

export interface PretrainingState {
  phase: "idle" | "preparing" | "running" | "stopping" | "done" | "failed";
  epochs: number;
  learningRate: number;
  wholeWords: boolean;
  /** Left out: the texts of the training rows. */
  own?: OwnTexts | undefined;
  fileError?: Failure | undefined;
  /** Whether the checkpoint had no head over words, so that one begins anew. */
  newHead: boolean;
  /** Texts that the run learns from. */
  texts: number;
  step: number;
  steps: number;
  epoch: number;
  /** Parallel arrays, as uPlot wants them; appended in place. */
  stepNumbers: number[];
  losses: number[];
  /** On the texts held out, before the run and after the latest epoch. */
  before?: MaskedReport | undefined;
  after?: MaskedReport | undefined;
  heldOut: readonly { step: number; loss: number }[];
  secondsLeft?: number | undefined;
  reason?: PretrainEndEvent["reason"] | undefined;
  milliseconds: number;
  /** The model as it is afterwards: what fine-tuning starts from. */
  files?: SavedCheckpoint | undefined;
  error?: Failure | undefined;
}

export interface FillMaskState {
  text: string;
  busy: boolean;
  /** The likeliest words of each blank. */
  blanks?: readonly (readonly FilledMask[])[] | undefined;
  error?: Failure | undefined;
}

export const idlePretraining: PretrainingState = {
  phase: "idle",
  epochs: 3,
  learningRate: 5e-5,
  wholeWords: false,
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

/** What the person chose for a run, without what came of the last one. */
export function withoutOutcome(state: PretrainingState): PretrainingState {
  const { epochs, learningRate, wholeWords, own } = state;
  return { ...idlePretraining, stepNumbers: [], losses: [], epochs, learningRate, wholeWords, own };
}
