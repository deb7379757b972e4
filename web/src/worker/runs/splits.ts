// The rows of a fine-tuning run: tokenized once, and evaluated as often as the run asks.

import type { DistillEndEvent, Report } from "../../../bertlet.d.ts";
import { INFERENCE } from "../../shared/defaults.ts";
import type { LabelledRows } from "../../shared/messages.ts";
import { encode, logits, type OnProgress, reportOf } from "../answers/infer.ts";
import type { Encoding } from "../engine/wasm-boundary.ts";
import type { RunJob, Session } from "../session.ts";

export type Split = LabelledRows & {
  rows: Encoding;
  /** Pooled states, where the encoder stays as it is: the rows go through it once. */
  pooled?: Float32Array;
};

export interface Splits {
  train: Split;
  dev?: Split;
  test?: Split;
}

/** The run whose rows they are. */
interface OfRun {
  session: Session;
  job: RunJob;
  onProgress: OnProgress;
}

interface Evaluation {
  report: Report;
  /** The tuned threshold, where it was asked for. */
  threshold?: number;
}

/** Tokenizes the rows and runs `work` on them, then frees them. */
export async function withSplits<T>(
  { session, job, onProgress }: OfRun,
  { train, dev, test }: { train: LabelledRows; dev?: LabelledRows; test?: LabelledRows },
  work: (splits: Splits) => Promise<T>,
): Promise<T> {
  const opened: Split[] = [];
  const open = async (data: LabelledRows): Promise<Split> => {
    const split = { ...data, rows: await session.turn(() => encode(session, data.texts, job, onProgress)) };
    opened.push(split);
    return split;
  };
  try {
    const splits: Splits = { train: await open(train) };
    if (dev !== undefined) splits.dev = await open(dev);
    if (test !== undefined) splits.test = await open(test);
    return await work(splits);
  } finally {
    if (!session.crashed) for (const { rows } of opened) rows.free();
  }
}

export function evaluate(
  { session, job, onProgress }: OfRun,
  { rows, pooled, targets, ends }: Split,
  stage: "dev" | "test",
  tuneThreshold = false,
): Promise<Evaluation> {
  return session.turn(async () => {
    const values = await logits(session, rows, INFERENCE.batchSize, job, stage, onProgress, pooled);
    const report = reportOf(session, values, { targets, ends });
    if (!tuneThreshold || ends === undefined) return { report };
    const threshold = session.wasm.bestThreshold(values, targets, ends, session.info.labels.length);
    return { report, threshold };
  });
}

export async function reportsOf(
  run: OfRun,
  dev: Split | undefined,
  test: Split | undefined,
): Promise<DistillEndEvent["teacher"]> {
  return {
    ...(dev && { dev: (await evaluate(run, dev, "dev")).report }),
    ...(test && { test: (await evaluate(run, test, "test")).report }),
  };
}
