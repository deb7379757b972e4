// Takes the data and options of a run; estimates its memory and minutes. The engine counts bytes and work.
// Here steps are timed on a copy, so that no weight changes.

import type { FinetunePlan, Method } from "../../../bertlet.d.ts";
import { BertletError } from "../../shared/errors.ts";
import type { FinetuneRequest, LabelledRows } from "../../shared/messages.ts";
import { nextTurn } from "../../shared/next-turn.ts";
import type { Recipe } from "../../shared/recipe.ts";
import { encode, type OnProgress } from "../answers/infer.ts";
import type { Encoding } from "../engine/wasm-boundary.ts";
import type { Job, Session } from "../session.ts";

/** Memory left free, since allocation leaves gaps. */
const SPARE_BYTES = 256 * 1024 * 1024;
/** Largest tensor: WebAssembly's allocator gives less at once. */
const LARGEST_TENSOR = 2 ** 31 - 1;
/** Longest timed step. Of a larger batch, fewer rows are timed. */
const STEP_MS = 1500;
/** Largest number of timed steps of one size. */
const MOST_TIMED = 32;

/** To be called within a turn, outside of a run. */
export async function plan(
  session: Session,
  request: FinetuneRequest,
  job: Job,
  onProgress: OnProgress,
): Promise<FinetunePlan> {
  const opened: Encoding[] = [];
  const open = async (data: LabelledRows | undefined): Promise<Encoding> => {
    const rows = await encode(session, data?.texts ?? [], job, onProgress);
    opened.push(rows);
    return rows;
  };
  try {
    const [train, dev, test] = [await open(request.train), await open(request.dev), await open(request.test)];
    const { selection } = request;
    // Centroids take one pass over the rows, as the first epoch with a frozen encoder.
    const recipe: Recipe =
      request.recipe.method === "centroid"
        ? { ...request.recipe, method: "head", epochs: 1 }
        : request.recipe;
    // The best epoch's trained weights are kept beside the run's own. Only the method "full" trains many.
    const kept = selection.restoreBest && recipe.method === "full" ? 4 * session.info.parameters : 0;
    const usedBytes = session.restingBytes + kept;
    const limit = session.info.device === "wasm" ? session.memoryBytes - SPARE_BYTES : undefined;
    const {
      steps,
      tokens,
      paddedTokens,
      work,
      evaluationWork,
      typicalRows,
      peakBytes,
      largestBytes,
      proposal,
    } = session.engine.plan(
      train,
      request.train.targets,
      dev.lengths(),
      test.lengths(),
      recipe,
      usedBytes,
      limit ?? Number.MAX_SAFE_INTEGER,
    );
    // The head's own stage is one pass over the rows, and steps that take nearly no time.
    const headWork = request.headFirst === undefined ? 0 : work / recipe.epochs;
    const found: FinetunePlan = {
      steps: request.recipe.method === "centroid" ? 0 : steps,
      tokens,
      paddedShare: paddedTokens / tokens,
      peakBytes: Math.round(peakBytes),
      fits: limit === undefined || (peakBytes <= limit && largestBytes <= LARGEST_TENSOR),
    };
    if (limit !== undefined) found.limitBytes = limit;
    if (found.fits) {
      const speed = await timeSteps(session, recipe, train, Uint32Array.from(typicalRows), job);
      const milliseconds =
        speed.step * steps + speed.work * work + speed.evaluation * (evaluationWork + headWork);
      found.minutes = milliseconds / 60_000;
    } else if (proposal !== undefined) {
      const { batchSize, maxLength } = proposal;
      const needed =
        peakBytes > (limit as number)
          ? `${gibibytes(peakBytes)} would be needed, and there are ${gibibytes(limit as number)}`
          : `one tensor would have ${gibibytes(largestBytes)}, and WebAssembly gives less than 2 GiB at once`;
      found.proposal =
        maxLength === undefined
          ? { batchSize, why: `${needed}: ${batchSize} rows a step fit` }
          : { batchSize, maxLength, why: `${needed}: 1 row of ${maxLength} tokens a step fits` };
    }
    return found;
  } finally {
    if (!session.crashed) for (const rows of opened) rows.free();
  }
}

/** Refuses a model that cannot fit before anything is tried: running out of memory ends the worker. */
export function checkFits(session: Session, call: string, method?: Method): void {
  const { info, memoryBytes, restingBytes } = session;
  const { parameters, vocabSize, hiddenSize, device } = info;
  // Pretraining trains every word embedding, runs with labels those in use; other methods next to nothing.
  const encoder = method === "full" || method === "contrastive" ? parameters - vocabSize * hiddenSize : 0;
  const trained = method === undefined ? parameters : Math.max(0, encoder);
  // Beside the weights, a gradient and AdamW's two moments in f32, for any batch.
  const needed = restingBytes + trained * 12;
  if (device !== "wasm" || needed < memoryBytes) return;
  throw new BertletError(
    "out-of-memory",
    `${call}: a model of ${parameters} parameters needs ${gibibytes(needed)} for it, and WebAssembly may have ${gibibytes(memoryBytes)} here`,
    "use a smaller model, or WebGPU",
  );
}

/**
 * A linear model of time, in milliseconds: a constant for each step, and a factor for the work of steps and
 * of evaluations.
 */
async function timeSteps(
  { engine }: Session,
  recipe: Recipe,
  train: Encoding,
  typical: Uint32Array,
  job: Job,
): Promise<{ step: number; work: number; evaluation: number }> {
  const timed = async (count: number): Promise<{ work: number; ms: number }> => {
    job.check();
    await nextTurn();
    const { work, milliseconds } = await engine.timeStep(train, typical.subarray(0, count), recipe);
    return { work, ms: milliseconds };
  };
  // The mean of a few steps. The first step of a size allocates memory and compiles shaders, so it is not
  // counted. Nor is the first half of many quick steps, while the browser still optimizes.
  const meanTime = async (count: number): Promise<{ work: number; ms: number }> => {
    const { work } = await timed(count);
    const all: number[] = [];
    const sum = (some: number[]) => some.reduce((sum, ms) => sum + ms, 0);
    while (all.length < 2 || (all.length < MOST_TIMED && sum(all) < STEP_MS / 2)) {
      all.push((await timed(count)).ms);
    }
    const settled = all.slice(all.length > 8 ? all.length / 2 : 0);
    return { work, ms: sum(settled) / settled.length };
  };
  const one = await meanTime(1);
  const count = Math.min(typical.length, Math.max(2, Math.floor(STEP_MS / one.ms)));
  const many = count > 1 ? await meanTime(count) : one;
  const indices = typical.subarray(0, count);
  await engine.logits(train, indices);
  const startedAt = performance.now();
  await engine.logits(train, indices);
  const evaluation = (performance.now() - startedAt) / many.work;
  const each = (many.ms - one.ms) / (many.work - one.work);
  // A batch of one row cannot tell the constant from the factor.
  if (!(many.work > one.work) || each <= 0) return { step: 0, work: many.ms / many.work, evaluation };
  return { step: Math.max(0, many.ms - each * many.work), work: each, evaluation };
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
