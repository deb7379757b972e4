// What a run's state says beside its values: where the run was.

import type { JournalledName } from "../../shared/messages.ts";
import type { RunNumbers } from "../engine/wasm-boundary.ts";
import type { BestEpochState } from "../runs/best-epoch.ts";
import {
  has,
  isCount,
  isFlag,
  isListOf,
  isLoss,
  isNumber,
  isOneOf,
  isRecord,
  maybe,
} from "../storage/shape.ts";
import type { Slot } from "./slots.ts";

/** An epoch's sums so far. */
export interface EpochSums {
  rows: number;
  loss: number;
  tokens: number;
  paddedTokens: number;
  milliseconds: number;
  /** Its number, from its last step until it is evaluated: a run that was stopped meanwhile goes on with that. */
  owed?: number;
  /** The epoch before ended the run early: what follows are its last evaluations. */
  early?: true;
}

export interface Progress {
  numbers: RunNumbers;
  epoch: EpochSums;
  /** How many of the slot's pieces are the run's; the rest is the best epoch's. */
  parts: number;
  best?: BestEpochState;
}

type Is = (value: unknown) => boolean;

const isNumbers = has<RunNumbers>({
  step: isCount,
  gradientScale: isNumber,
  decay: isNumber,
  moments: isListOf(isFlag),
  triples: isCount,
  lengths: maybe(isListOf(isCount)),
});

const isProgress = has<Progress>({
  numbers: isNumbers,
  epoch: has<EpochSums>({
    rows: isCount,
    loss: isLoss,
    tokens: isCount,
    paddedTokens: isCount,
    milliseconds: isNumber,
    owed: maybe(isCount),
    early: maybe(isOneOf(true)),
  }),
  parts: isCount,
  best: maybe(
    has<BestEpochState>({
      epoch: isCount,
      threshold: maybe(isNumber),
      loss: isLoss,
      waited: isCount,
      numbers: maybe(isNumbers),
    }),
  ),
});

const isReport: Is = (value) =>
  isRecord(value) && [value.accuracy, value.microF1, value.macroF1, value.loss].every(isLoss);

const isTrialRun = has({
  trial: isCount,
  rung: isCount,
  steps: isCount,
  devLoss: isLoss,
  devAccuracy: isLoss,
  curve: isListOf(isRecord),
  milliseconds: isNumber,
});

/** Whether a state has what a run of the call goes on from, and as many values as it says. */
export function fits(call: JournalledName, { head, pieces }: Slot): boolean {
  if (call === "crossValidate") return isListOf(isReport)(head.progress);
  if (call === "search") return isListOf(isTrialRun)(head.progress);
  if (!isProgress(head.progress)) return false;
  const { numbers, parts, best } = head.progress as Progress;
  const own = hasValues(numbers, pieces.slice(0, parts));
  return own && (best?.numbers === undefined || hasValues(best.numbers, pieces.slice(parts)));
}

function hasValues({ lengths = [] }: RunNumbers, pieces: Float32Array[]): boolean {
  const sum = (counts: number[]) => counts.reduce((all, count) => all + count, 0);
  // Without lengths, each part is a piece.
  return lengths.length === 0 || sum(lengths) === sum(pieces.map(({ length }) => length));
}
