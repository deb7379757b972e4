// Fine-tuning: tokenizes the splits, runs the step loop with dev after each epoch, and evaluates test at the
// end. The engine computes.

import type { DistillEndEvent, EndEvent, EpochEvent, Report } from "../../../bertlet.d.ts";
import { INFERENCE } from "../../shared/defaults.ts";
import type { FinetuneRequest, LabelledRows, RunEvent } from "../../shared/messages.ts";
import type { Recipe } from "../../shared/recipe.ts";
import { encode, logits, type OnProgress, pooledOf, reportOf } from "../answers/infer.ts";
import type { Encoding } from "../engine/wasm-boundary.ts";
import type { Journal } from "../journal/journal.ts";
import { RunKeeper } from "../journal/run-keeper.ts";
import { type RunJob, type Session, Stopped } from "../session.ts";
import { BestEpoch } from "./best-epoch.ts";
import { trainHeadFirst } from "./head-first.ts";
import { checkFits } from "./plan.ts";
import { StepLoop, untilStopped } from "./step-loop.ts";

type Split = LabelledRows & {
  rows: Encoding;
  /** Pooled states, where the encoder stays as it is: the rows go through it once. */
  pooled?: Float32Array;
};

export async function finetune(
  session: Session,
  request: FinetuneRequest,
  job: RunJob,
  emit: (event: RunEvent) => void,
  onProgress: OnProgress,
  journal?: Journal,
): Promise<EndEvent & Partial<DistillEndEvent>> {
  const { distill } = request;
  checkFits(session, distill === undefined ? "finetune" : "distill", request.recipe.method);
  let startedAt = performance.now();
  const splits: Split[] = [];
  const open = async (data: LabelledRows | undefined): Promise<Split | undefined> => {
    if (data === undefined) return undefined;
    const split = { ...data, rows: await session.turn(() => encode(session, data.texts, job, onProgress)) };
    splits.push(split);
    return split;
  };
  try {
    const train = (await open(request.train)) as Split;
    const dev = await open(request.dev);
    const test = await open(request.test);
    const { recipe } = request;
    const { method } = recipe;
    const reportsOf = async (): Promise<DistillEndEvent["teacher"]> => ({
      ...(dev && { dev: await evaluateSplit(session, dev, job, "dev", onProgress) }),
      ...(test && { test: await evaluateSplit(session, test, job, "test", onProgress) }),
    });
    const teacher = distill && (await reportsOf());
    // A run that goes on has its head in its state, and an adapter that is trained on has its own.
    const goesOn = journal?.slot !== undefined || session.info.activeAdapter !== undefined;
    if (request.headFirst !== undefined && !goesOn) {
      // The head is not trained for a run that cannot begin.
      await session.turn(() => session.engine.checkTraining(recipe, recipe.adapterName));
      const { headFirst } = request;
      const { reason, pausedMs } = await trainHeadFirst(
        session,
        train.rows,
        train,
        headFirst,
        job,
        onProgress,
      );
      startedAt += pausedMs;
      if (reason !== "finished") return endOf(reason, 0, performance.now() - startedAt);
    }
    const { steps, trainedParameters } = await session.turn(() => {
      if (method === "centroid") {
        // An adapter that is on has a head of its own, which no such run can resume.
        session.engine.checkTraining({ ...recipe, method: "head" }, recipe.adapterName);
        return headOnly(session);
      }
      const begun =
        distill === undefined
          ? beginTraining(session, train, recipe)
          : session.engine.beginDistillation(train.rows, train.targets, train.ends, recipe, distill);
      if (request.limit === undefined && distill === undefined) session.running = request;
      session.encoderMoves = method !== "head";
      return begun;
    });
    const limit = Math.min(request.limit ?? steps, steps);
    // Methods that compute the head do so in one more epoch.
    const setsHead = method === "centroid" || method === "contrastive";
    const epochs = method === "centroid" ? 0 : recipe.epochs;
    emit({
      type: "start",
      steps: limit,
      epochs: setsHead ? epochs + 1 : epochs,
      trainedParameters,
      trainRows: train.rows.length,
      devRows: dev?.rows.length ?? 0,
      truncatedRows: splits.reduce((sum, { rows }) => sum + rows.truncated, 0),
    });
    const best = new BestEpoch(session, request.selection, journal !== undefined);
    const keeper = journal && new RunKeeper(journal, session, limit, best, emit);
    const loop = new StepLoop(session, job, emit, startedAt, keeper);
    let threshold: number | undefined;
    const evaluation = dev && {
      evaluate: async () => {
        if (method === "head" && distill === undefined)
          dev.pooled ??= await session.turn(() => pooledOf(session, dev.rows, job, "dev", onProgress));
        const found = await evaluate(session, dev, job, "dev", onProgress, request.selection.tuneThreshold);
        threshold = found.threshold;
        return found.report;
      },
      continues: (epoch: number, { loss }: Report) => best.record(epoch, loss, threshold),
    };
    let reason: EndEvent["reason"] | undefined;
    try {
      reason = await loop.run(limit, setsHead ? undefined : evaluation);
    } finally {
      if (!session.crashed) {
        await session.turn(() => {
          // This frees the optimizer's state. A stopped run keeps the weights of its last step.
          session.engine.endTraining();
          session.running = undefined;
          session.encoderMoves = false;
          if (session.engine.adapters().active === undefined) {
            if (loop.steps > 0 && !setsHead) session.forgetNewHead();
            session.forgetSizes();
          }
          if (reason !== undefined && reason !== "stopped") best.restore();
          best.free();
          // The encoder is as it was where the head alone has changed.
          const keepsScope = method === "head" || method === "centroid";
          session.refresh(keepsScope ? session.scope : undefined);
        });
      }
    }
    const isApplied = reason !== "stopped";
    if (setsHead && reason === "finished") {
      const fitted = await untilStopped(fit(session, train, dev, job, onProgress));
      if (fitted === undefined) reason = "stopped";
      else emit({ ...fitted, epoch: epochs + 1 });
    }
    let reports: DistillEndEvent["teacher"] | undefined;
    const splitsAtEnd = test !== undefined || distill !== undefined;
    if (splitsAtEnd && (reason === "finished" || reason === "early-stopping")) {
      const all = async () =>
        distill === undefined
          ? { test: await evaluateSplit(session, test as Split, job, "test", onProgress) }
          : reportsOf();
      reports = await untilStopped(all());
      if (reports === undefined) reason = "stopped";
    }
    const end = endOf(reason, loop.steps, loop.milliseconds);
    if (best.epoch !== undefined) end.bestEpoch = best.epoch;
    if (best.threshold !== undefined && isApplied) end.threshold = best.threshold;
    return { ...end, ...reports, ...(teacher && { teacher }) };
  } catch (error) {
    // The run was stopped while rows were tokenized.
    if (!(error instanceof Stopped)) throw error;
    return endOf("stopped", 0, performance.now() - startedAt);
  } finally {
    if (!session.crashed) for (const { rows } of splits) rows.free();
  }
}

function endOf(reason: EndEvent["reason"], steps: number, milliseconds: number): EndEvent {
  return { type: "end", reason, steps, milliseconds };
}

function beginTraining(session: Session, train: Split, recipe: Recipe) {
  const { rows, targets, ends } = train;
  return session.engine.beginTraining(rows, targets, ends, recipe, recipe.adapterName);
}

/** The run info of a method without steps, which sets the head alone. */
function headOnly({ info: { hiddenSize, labels } }: Session) {
  return { steps: 0, trainedParameters: (hiddenSize + 1) * labels.length };
}

/** Sets the head to centroids; gives the epoch event for it. */
async function fit(
  session: Session,
  train: Split,
  dev: Split | undefined,
  job: RunJob,
  onProgress: OnProgress,
): Promise<EpochEvent> {
  const startedAt = performance.now();
  await session.turn(async () => {
    train.pooled = await pooledOf(session, train.rows, job, "infer", onProgress);
    session.engine.fitCentroids(train.pooled, train.targets);
    session.forgetNewHead();
    session.refresh(session.scope);
  });
  const { loss } = await evaluateSplit(session, train, job, "dev", onProgress);
  const report = dev && (await evaluateSplit(session, dev, job, "dev", onProgress));
  const milliseconds = performance.now() - startedAt;
  const event: EpochEvent = { type: "epoch", epoch: 1, trainLoss: loss, paddedShare: 0, milliseconds };
  return report === undefined ? event : { ...event, dev: report };
}

interface Evaluation {
  report: Report;
  /** The tuned threshold, where it was asked for. */
  threshold?: number;
}

function evaluate(
  session: Session,
  split: Split,
  job: RunJob,
  stage: "dev" | "test",
  onProgress: OnProgress,
  tuneThreshold: boolean,
): Promise<Evaluation> {
  return session.turn(async () => {
    const { rows, pooled } = split;
    const values = await logits(session, rows, INFERENCE.batchSize, job, stage, onProgress, pooled);
    const report = reportOf(session, values, split);
    const { targets, ends } = split;
    if (!tuneThreshold || ends === undefined) return { report };
    const threshold = session.wasm.bestThreshold(values, targets, ends, session.info.labels.length);
    return { report, threshold };
  });
}

async function evaluateSplit(
  session: Session,
  split: Split,
  job: RunJob,
  stage: "dev" | "test",
  onProgress: OnProgress,
): Promise<Report> {
  return (await evaluate(session, split, job, stage, onProgress, false)).report;
}
