// Fine-tuning: tokenizes the splits, runs the step loop with dev after each epoch, and evaluates test at the
// end. The engine computes.

import type { DistillEndEvent, EndEvent, Report } from "../../../bertlet.d.ts";
import type { FinetuneRequest, RunEvent } from "../../shared/messages.ts";
import type { Recipe } from "../../shared/recipe.ts";
import { type OnProgress, pooledOf } from "../answers/infer.ts";
import type { Journal } from "../journal/journal.ts";
import { RunKeeper } from "../journal/run-keeper.ts";
import { type RunJob, type Session, Stopped } from "../session.ts";
import { BestEpoch } from "./best-epoch.ts";
import { trainHeadFirst } from "./head-first.ts";
import { checkFits } from "./plan.ts";
import { evaluate, reportsOf, type Split, type Splits, withSplits } from "./splits.ts";
import { StepLoop, untilStopped } from "./step-loop.ts";

interface Run {
  session: Session;
  request: FinetuneRequest;
  job: RunJob;
  emit: (event: RunEvent) => void;
  onProgress: OnProgress;
  journal: Journal | undefined;
  /** When it began, or would have without the pauses before its own steps. */
  startedAt: number;
}

type End = EndEvent & Partial<DistillEndEvent>;
type Reason = EndEvent["reason"];

export async function finetune(
  session: Session,
  request: FinetuneRequest,
  job: RunJob,
  emit: (event: RunEvent) => void,
  onProgress: OnProgress,
  journal?: Journal,
): Promise<End> {
  checkFits(session, request.distill === undefined ? "finetune" : "distill", request.recipe.method);
  const run: Run = { session, request, job, emit, onProgress, journal, startedAt: performance.now() };
  try {
    return await withSplits(run, request, (splits) => stages(run, splits));
  } catch (error) {
    // The run was stopped before its first step.
    if (!(error instanceof Stopped)) throw error;
    return endOf("stopped", 0, performance.now() - run.startedAt);
  }
}

/** The run from its tokenized rows to its end. */
async function stages(run: Run, splits: Splits): Promise<End> {
  const { recipe, distill } = run.request;
  const { train, dev, test } = splits;
  const teacher = distill && (await reportsOf(run, dev, test));
  const first = await headFirst(run, train);
  if (first !== "finished") return endOf(first, 0, performance.now() - run.startedAt);
  const steps = await begin(run, splits);
  const { loop, best, reason: trained } = await makeSteps(run, steps, dev);
  let reason = trained;
  if (setsHead(recipe) && reason === "finished") {
    const event = await untilStopped(fitHead(run, splits));
    if (event === undefined) reason = "stopped";
    else run.emit(event);
  }
  let reports: DistillEndEvent["teacher"] | undefined;
  if (reason === "finished" || reason === "early-stopping") {
    reports = await untilStopped(reportsOf(run, distill && dev, test));
    if (reports === undefined) reason = "stopped";
  }
  const end = endOf(reason, loop.steps, loop.milliseconds);
  if (best.epoch !== undefined) end.bestEpoch = best.epoch;
  if (best.threshold !== undefined && trained !== "stopped") end.threshold = best.threshold;
  return { ...end, ...reports, ...(teacher && { teacher }) };
}

/** Trains the head before the rest, where that is asked for. Gives why it ended. */
async function headFirst(run: Run, train: Split): Promise<Reason> {
  const { session, job, onProgress, journal } = run;
  const { recipe, headFirst: own } = run.request;
  // A run that goes on has its head in its state, and an adapter that is trained on has its own.
  const goesOn = journal?.slot !== undefined || session.info.activeAdapter !== undefined;
  if (own === undefined || goesOn) return "finished";
  // The head is not trained for a run that cannot begin.
  await session.turn(() => session.engine.checkTraining(recipe, recipe.adapterName));
  const { reason, pausedMs } = await trainHeadFirst(session, train.rows, train, own, job, onProgress);
  run.startedAt += pausedMs;
  return reason;
}

/** Begins the run on the engine, and says so. Gives how many steps it makes. */
async function begin({ session, request, emit }: Run, splits: Splits): Promise<number> {
  const { recipe, limit, distill } = request;
  const { rows, targets, ends } = splits.train;
  const { steps, trainedParameters } = await session.turn(() => {
    const { engine } = session;
    if (recipe.method === "centroid") {
      // An adapter that is on has a head of its own, which no such run can resume.
      engine.checkTraining({ ...recipe, method: "head" }, recipe.adapterName);
      return headOnly(session);
    }
    const begun =
      distill === undefined
        ? engine.beginTraining(rows, targets, ends, recipe, recipe.adapterName)
        : engine.beginDistillation(rows, targets, ends, recipe, distill);
    if (limit === undefined && distill === undefined) session.running = request;
    session.encoderMoves = recipe.method !== "head";
    return begun;
  });
  const made = Math.min(limit ?? steps, steps);
  emit({
    type: "start",
    steps: made,
    epochs: setsHead(recipe) ? headEpoch(recipe) : recipe.epochs,
    trainedParameters,
    trainRows: rows.length,
    devRows: splits.dev?.rows.length ?? 0,
    truncatedRows: Object.values(splits).reduce((sum, { rows }) => sum + rows.truncated, 0),
  });
  return made;
}

/** The run info of a method without steps, which sets the head alone. */
function headOnly({ info: { hiddenSize, labels } }: Session) {
  return { steps: 0, trainedParameters: (hiddenSize + 1) * labels.length };
}

/** Makes the run's own steps, and leaves the weights that it keeps. */
async function makeSteps(run: Run, steps: number, dev: Split | undefined) {
  const { session, request, job, emit, journal, startedAt } = run;
  const best = new BestEpoch(session, request.selection, journal !== undefined);
  const keeper = journal && new RunKeeper(journal, session, steps, best, emit);
  const loop = new StepLoop<Report>(session, job, emit, startedAt, keeper);
  const evaluation = dev && !setsHead(request.recipe) ? evaluationOf(run, dev, best) : undefined;
  let reason: Reason | undefined;
  try {
    // After the steps come the test rows, and the head of a method that sets it.
    reason = await loop.run(steps, evaluation, request.test !== undefined || setsHead(request.recipe));
  } finally {
    if (!session.crashed) await session.turn(() => endSteps(run, loop.steps, best, reason));
  }
  return { loop, best, reason };
}

/** The evaluation after each epoch, by which the best one is chosen. */
function evaluationOf(run: Run, dev: Split, best: BestEpoch) {
  const { session, job, onProgress } = run;
  const { recipe, distill, selection } = run.request;
  let threshold: number | undefined;
  return {
    evaluate: async () => {
      if (recipe.method === "head" && distill === undefined)
        dev.pooled ??= await session.turn(() => pooledOf(session, dev.rows, job, "dev", onProgress));
      const found = await evaluate(run, dev, "dev", selection.tuneThreshold);
      threshold = found.threshold;
      return found.report;
    },
    continues: (epoch: number, { loss }: Report) => best.record(epoch, loss, threshold),
  };
}

/** Ends the steps on the engine. Without a reason they have failed. To be called within a turn. */
function endSteps(
  { session, request: { recipe } }: Run,
  steps: number,
  best: BestEpoch,
  reason: Reason | undefined,
): void {
  // This frees the optimizer's state. A stopped run keeps the weights of its last step.
  session.engine.endTraining();
  session.running = undefined;
  session.encoderMoves = false;
  if (session.engine.adapters().active === undefined) {
    if (steps > 0 && !setsHead(recipe)) session.forgetNewHead();
    session.forgetSizes();
  }
  if (reason !== undefined && reason !== "stopped") best.restore();
  best.free();
  // The encoder is as it was where the head alone has changed.
  const keepsScope = recipe.method === "head" || recipe.method === "centroid";
  session.refresh(keepsScope ? session.scope : undefined);
}

/** Whether the method computes the head, after the steps if it makes any. It does so in one more epoch. */
function setsHead({ method }: Recipe): boolean {
  return method === "centroid" || method === "contrastive";
}

function headEpoch({ method, epochs }: Recipe): number {
  return method === "centroid" ? 1 : epochs + 1;
}

/** Sets the head to centroids; gives the epoch event for it. */
async function fitHead(run: Run, { train, dev }: Splits) {
  const { session, request, job, onProgress } = run;
  const startedAt = performance.now();
  await session.turn(async () => {
    train.pooled = await pooledOf(session, train.rows, job, "infer", onProgress);
    session.engine.fitCentroids(train.pooled, train.targets);
    session.forgetNewHead();
    session.refresh(session.scope);
  });
  const { loss: trainLoss } = (await evaluate(run, train, "dev")).report;
  const reports = await reportsOf(run, dev, undefined);
  const milliseconds = performance.now() - startedAt;
  const epoch = headEpoch(request.recipe);
  return { type: "epoch", epoch, trainLoss, paddedShare: 0, milliseconds, ...reports } as const;
}

function endOf(reason: Reason, steps: number, milliseconds: number): EndEvent {
  return { type: "end", reason, steps, milliseconds };
}
