// Takes the data and options of a run that has not begun; gives the memory and the minutes it will take.
// The engine counts bytes and work; here a step is timed, on a copy, so that no weight changes.

import type { FinetunePlan } from "../../bertlet.d.ts";
import { BertletError } from "../shared/errors.ts";
import type { FinetuneRequest, LabelledRows } from "../shared/messages.ts";
import type { Recipe } from "../shared/recipe.ts";
import { encode, type OnProgress } from "./infer.ts";
import { type Job, type Session, yieldToMessages } from "./session.ts";
import type { Encoding } from "./wasm-boundary.ts";

/** What wasm32 can address. */
const WASM_BYTES = 2 ** 32;
/** Kept free of it: memory is handed out in pieces, and not every piece can be filled. */
const SPARE_BYTES = 256 * 1024 * 1024;
/** A timed step is to be no longer: of a large batch, fewer rows are timed. */
const STEP_MS = 1500;
/** Steps of a size that are timed at the most. */
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
    // Centroids take one pass over the rows: no more than a frozen encoder's first epoch.
    const recipe: Recipe =
      request.recipe.method === "centroid"
        ? { ...request.recipe, method: "head", epochs: 1 }
        : request.recipe;
    // The best epoch's weights are kept beside the run's own: those that it trains, which else are few.
    const kept = selection.restoreBest && recipe.method === "full" ? 4 * session.info.parameters : 0;
    const usedBytes = session.restingBytes + kept;
    const limit = session.info.device === "wasm" ? WASM_BYTES - SPARE_BYTES : undefined;
    const { steps, tokens, paddedTokens, work, evaluationWork, typicalRows, peakBytes, proposal } =
      session.engine.plan(
        train,
        dev.lengths(),
        test.lengths(),
        recipe,
        usedBytes,
        limit ?? Number.MAX_SAFE_INTEGER,
      );
    const found: FinetunePlan = {
      steps,
      tokens,
      paddedShare: paddedTokens / tokens,
      peakBytes: Math.round(peakBytes),
      fits: limit === undefined || peakBytes <= limit,
    };
    if (limit !== undefined) found.limitBytes = limit;
    if (found.fits) {
      const speed = await timeSteps(session, recipe, train, Uint32Array.from(typicalRows), job);
      const milliseconds = speed.step * steps + speed.work * work + speed.evaluation * evaluationWork;
      found.minutes = milliseconds / 60_000;
    } else if (proposal !== undefined) {
      const { batchSize, maxLength } = proposal;
      const needed = `${gibibytes(peakBytes)} would be needed, and there are ${gibibytes(limit as number)}`;
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

/** Refused before anything is tried, since running out of memory at work costs the worker. */
export function checkFits({ info: { parameters, device } }: Session, call: string): void {
  // A weight, its gradient and AdamW's two moments, in f32, whatever the batch.
  const needed = parameters * 16;
  if (device !== "wasm" || needed < WASM_BYTES) return;
  throw new BertletError(
    "out-of-memory",
    `${call}: ${parameters} parameters need ${gibibytes(needed)}, and WebAssembly holds 4 GiB`,
    "use a smaller model, or WebGPU",
  );
}

/** Milliseconds: of each step whatever its size, and of each unit of work, in a step and in an evaluation. */
async function timeSteps(
  { engine }: Session,
  recipe: Recipe,
  train: Encoding,
  typical: Uint32Array,
  job: Job,
): Promise<{ step: number; work: number; evaluation: number }> {
  const timed = async (count: number): Promise<{ work: number; ms: number }> => {
    job.check();
    await yieldToMessages();
    const { work, milliseconds } = await engine.timeStep(train, typical.subarray(0, count), recipe);
    return { work, ms: milliseconds };
  };
  // The mean of a few; the first of a size makes room in memory, and shaders: it is not counted. Nor is the first half of
  // many quick ones, in which the browser still compiles.
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
  // Of a batch of one row nothing tells the two apart.
  if (!(many.work > one.work) || each <= 0) return { step: 0, work: many.ms / many.work, evaluation };
  return { step: Math.max(0, many.ms - each * many.work), work: each, evaluation };
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
