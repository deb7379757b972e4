// Takes a run away: what goes on with it elsewhere, from its first step or from where it is. Computes the order of its rows
// and the losses that are expected, and leaves the engine as it was. Loads what packs the zip only when it is called.

import type { Report } from "../../../bertlet.d.ts";
import { INFERENCE } from "../../shared/defaults.ts";
import { BertletError } from "../../shared/errors.ts";
import { targetsOf } from "../../shared/labels.ts";
import type { Calls, FinetuneRequest, LabelledRows } from "../../shared/messages.ts";
import { nextTurn } from "../../shared/next-turn.ts";
import type { Recipe } from "../../shared/recipe.ts";
import { checkTakable } from "../../shared/takable.ts";
import { encode, logits, type OnProgress, reportOf } from "../answers/infer.ts";
import type { Encoding, RunNumbers } from "../engine/wasm-boundary.ts";
import { fill } from "../pieces.ts";
import { finetuneRequestOf } from "../requests.ts";
import { withRecipe } from "../runs/auto-recipe.ts";
import { type Job, type Session, thenFree } from "../session.ts";
import type * as Pack from "./pack.ts";

/** Steps that are held against the page's losses. */
const CHECKED_STEPS = 20;

interface Hooks {
  job: Job;
  onProgress: OnProgress;
}

export async function takeAway(
  session: Session,
  named: Calls["takeAway"]["request"],
  hooks: Hooks,
): Promise<{ zip: Blob }> {
  const { pack } = await loadPacker();
  const run = await session.turn(async () => {
    const request = await requestOf(session, named, hooks);
    checkTakable(request, session.info, session.running);
    return thenFree(await encode(session, request.train.texts, hooks.job, hooks.onProgress), (rows) =>
      taken(session, request, rows, hooks),
    );
  });
  hooks.job.check();
  return { zip: await pack({ ...run, rows: { train: named.train, dev: named.dev, test: named.test } }) };
}

/** The run that is asked for, or with the automatic recipe the one under way, whose options were chosen at its start. */
async function requestOf(
  session: Session,
  named: Calls["takeAway"]["request"],
  { job, onProgress }: Hooks,
): Promise<FinetuneRequest> {
  const { info, running } = session;
  if (running === undefined) {
    const { request } = await withRecipe("takeAway", session, named, job, onProgress);
    return finetuneRequestOf("takeAway", request, info);
  }
  if (running === "head first") {
    throw new BertletError(
      "busy",
      "takeAway: the run under way is training its head first",
      "ask again after its first step",
    );
  }
  if (named.options.recipe === undefined) return finetuneRequestOf("takeAway", named, info);
  const { recipe, selection } = running;
  return { ...finetuneRequestOf("takeAway", { ...named, options: {} }, info), recipe, selection };
}

/** What is packed, but for the rows. */
async function taken(
  session: Session,
  { train, dev, test, recipe, selection, headFirst }: FinetuneRequest,
  rows: Encoding,
  hooks: Hooks,
): Promise<Omit<Pack.Run, "rows">> {
  const { engine } = session;
  const state = await stateOf(session);
  const before = engine.snapshot();
  let start = before;
  const begin = async (own: Recipe) => {
    engine.restore(start);
    const { steps } = engine.beginTraining(rows, train.targets, train.ends, own, own.adapterName);
    // What the rows do not use of the word embeddings has decayed already.
    if (state !== undefined)
      await engine.resumeRun({ ...state.numbers, decay: 1 }, valuesOf(session, state.values));
    return steps;
  };
  try {
    // A run that goes on has its head in its state.
    if (headFirst !== undefined && state === undefined) {
      await losses(session, await begin(headFirst), rows, hooks);
      engine.endTraining();
      start = engine.snapshot();
    }
    const steps = await begin(recipe);
    const adapted = engine.adapters().active !== undefined;
    const weights = {
      base: await engine.takeAway("base"),
      ...(adapted && { adapter: await engine.takeAway("weights") }),
      ...(state && { mean: await engine.takeAway("mean"), square: await engine.takeAway("square") }),
    };
    const files = {
      config: engine.savedConfig("classifier", "f32"),
      tokenizer: engine.savedTokenizer(),
      tokenizerConfig: engine.savedTokenizerConfig(),
      modelingCode: engine.savedModelingCode("classifier"),
      adapterConfig: adapted ? (await engine.saveAdapter("checkpoint")).config : undefined,
    };
    const order = Array.from({ length: recipe.epochs }, (_, epoch) =>
      stepsOf(engine.epochOrder(rows, epoch + 1, recipe)),
    );
    const scores: Record<string, Report> = {};
    if (dev !== undefined) scores.dev = await reportOn(session, dev, "dev", hooks);
    if (test !== undefined) scores.test = await reportOn(session, test, "test", hooks);
    await begin(withoutDropout(recipe));
    const first = state?.numbers.step ?? 0;
    const checked = await losses(session, Math.min(CHECKED_STEPS, steps - first), rows, hooks);
    const classWeights = weightsOf(recipe.classWeights, train, session.info.labels.length);
    return {
      recipe,
      selection,
      headFirst: headFirst !== undefined,
      info: session.info,
      classWeights,
      step: first,
      order,
      weights,
      epoch: session.epoch,
      files,
      expected: { steps: checked, scores },
    };
  } finally {
    if (!session.crashed) {
      if (state === undefined) engine.restore(before);
      else await begin(recipe);
      if (start !== before) start.free();
      before.free();
      session.refresh(session.scope);
    }
  }
}

/** The state of the run under way, if there is one. */
async function stateOf({
  engine,
  running,
}: Session): Promise<{ numbers: RunNumbers; values: Float32Array } | undefined> {
  if (running === undefined) return undefined;
  return thenFree(engine.runState(true), async (state) => {
    const values = new Float32Array(state.length);
    await fill(state, 0, values);
    return { numbers: state.numbers(), values };
  });
}

function valuesOf({ wasm }: Session, values: Float32Array) {
  const given = new wasm.RunValues();
  given.push(values);
  return given;
}

function withoutDropout(recipe: Recipe): Recipe {
  const { lora, adalora } = recipe;
  return { ...recipe, dropout: 0, lora: { ...lora, dropout: 0 }, adalora: { ...adalora, dropout: 0 } };
}

/** Makes steps of the run that the engine has begun. */
async function losses(
  { engine }: Session,
  count: number,
  rows: Encoding,
  { job, onProgress }: Hooks,
): Promise<Pack.Run["expected"]["steps"]> {
  const made: Pack.Run["expected"]["steps"] = [];
  for (let step = 1; step <= count; step++) {
    job.check();
    const { loss, learningRate, gradNorm } = await engine.trainStep();
    made.push({ loss, learningRate, gradNorm });
    onProgress({ stage: "infer", loaded: Math.round((rows.length * step) / count), total: rows.length });
    await nextTurn();
  }
  return made;
}

async function reportOn(
  session: Session,
  data: LabelledRows,
  stage: "dev" | "test",
  { job, onProgress }: Hooks,
): Promise<Report> {
  const rows = await encode(session, data.texts, job, onProgress);
  return thenFree(rows, async () =>
    reportOf(session, await logits(session, rows, INFERENCE.batchSize, job, stage, onProgress), data),
  );
}

/** The steps of an epoch, of which the engine gives the number of rows and then their indices, one after another. */
function stepsOf(flat: Uint32Array): number[][] {
  const steps: number[][] = [];
  for (let at = 0; at < flat.length; at += 1 + (flat[at] as number)) {
    steps.push(Array.from(flat.subarray(at + 1, at + 1 + (flat[at] as number))));
  }
  return steps;
}

/** The weight of each label as the engine computes with it. */
function weightsOf(given: Recipe["classWeights"], train: LabelledRows, labels: number): number[] {
  if (given === null) return new Array(labels).fill(1);
  if (given !== "balanced") return given;
  const counts = new Array<number>(labels).fill(0);
  const rows = train.texts.length;
  for (let row = 0; row < rows; row++) {
    for (const target of targetsOf(train, row)) counts[target] = (counts[target] as number) + 1;
  }
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 1 : rows / (present * count)));
}

async function loadPacker(): Promise<typeof Pack> {
  try {
    return await import("./pack.ts");
  } catch (error) {
    throw new BertletError(
      "fetch-failed",
      `pack.js: it could not be loaded: ${error}`,
      "pack.js must lie in the same folder as worker.js",
    );
  }
}
