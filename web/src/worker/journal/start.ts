// What a journal says of its run beside the states, and the check of it.

import type { ChosenRecipe } from "../../../bertlet.d.ts";
import type { Calls, JournalledName } from "../../shared/messages.ts";
import {
  type Flaw,
  has,
  isCount,
  isListOf,
  isNumber,
  isOneOf,
  isRecord,
  isText,
  maybe,
  shaped,
} from "../storage/shape.ts";

/** What the run was asked, and, once it is over, its last event. */
export interface Start {
  /** Added as it is written; absent from journals of earlier versions. */
  format?: 1;
  call: JournalledName;
  /** Tells it from another run of the same name. */
  run: string;
  request: Calls[JournalledName]["request"];
  device: "webgpu" | "wasm";
  startedAt: number;
  /** What the automatic recipe has chosen, where that was asked for. */
  recipe?: ChosenRecipe;
  endedAt?: number;
  /** Steps done in the last state: the last event of a cross-validation does not tell them. */
  step?: number;
  ended?: Calls[JournalledName]["response"];
}

type Is = (value: unknown) => boolean;

const isTexts = isListOf((text) => isText(text) || isListOf(isText)(text));

const isRows: Is = (value) => {
  if (!isRecord(value)) return false;
  const { texts, labels } = value as { texts: unknown[]; labels: unknown[] };
  return isTexts(texts) && isTexts(labels) && texts.length === labels.length;
};

/** As a journal has them: JSON has no typed arrays. */
const REQUESTS: Record<JournalledName, Record<string, Is>> = {
  finetune: { train: isRows, dev: maybe(isRows), test: maybe(isRows), options: isRecord },
  pretrain: { train: isListOf(isText), dev: maybe(isListOf(isText)), recipe: isRecord },
  crossValidate: { rows: isRows, folds: isCount, fold: isListOf(isCount), options: isRecord },
  search: { train: isRows, dev: isRows, options: isRecord },
};

const isEnd: Is = (value) =>
  isRecord(value) && isText(value.type) && (value.type !== "end" || isCount(value.steps));

const isStart = has<Start>({
  format: maybe(isOneOf(1)),
  call: isOneOf(...Object.keys(REQUESTS)),
  run: isText,
  request: isRecord,
  device: isOneOf("webgpu", "wasm"),
  startedAt: isNumber,
  recipe: maybe(isRecord),
  endedAt: maybe(isNumber),
  step: maybe(isCount),
  ended: maybe(isEnd),
});

/** A start as it was read back, or what is wrong with it. */
export function startOf(record: unknown): Start | Flaw {
  const start = shaped<Start>(record, isStart);
  if (typeof start === "string") return start;
  return has(REQUESTS[start.call])(start.request) ? start : "damaged";
}
