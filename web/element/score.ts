/**
 * Takes how a training ended; gives its score in the form of xAPI, where rows were kept back to check the model.
 */
import type { TrainingEnd } from "./training.ts";

export interface Score {
  /** 0 to 1. */
  scaled: number;
  /** 0 to 100. */
  raw: number;
  min: 0;
  max: 100;
}

export function scoreOf({ checked }: Pick<TrainingEnd, "checked">): Score | undefined {
  if (!checked) return undefined;
  const scaled = checked.correct / checked.rows;
  return { scaled, raw: Math.round(scaled * 100), min: 0, max: 100 };
}
