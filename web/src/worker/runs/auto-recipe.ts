// The automatic recipe: takes a run's rows, the model and the minutes at hand; gives the options that did best for such
// rows when it was measured, and why. May not change the model.

import type { ChosenRecipe, FinetuneOptions, FinetunePlan, RecipeReason } from "../../../bertlet.d.ts";
import { STAGES } from "../../shared/defaults.ts";
import { BertletError } from "../../shared/errors.ts";
import type { Calls } from "../../shared/messages.ts";
import { optionsOfMethod } from "../../shared/methods.ts";
import type { OnProgress } from "../answers/infer.ts";
import { finetuneRequestOf } from "../requests.ts";
import type { Job, Session } from "../session.ts";
import { plan } from "./plan.ts";

type Request = Pick<Calls["finetune"]["request"], "train" | "dev" | "test" | "options">;

/** Fewer rows than this for the label with the middle count: the encoder stays as it is. */
const ROWS_A_LABEL = 2;
/** Steps that a small set of rows is trained for at least, as far as `MOST_EPOCHS` allow. */
const LEAST_STEPS = 100;
const LEAST_EPOCHS = 3;
const MOST_EPOCHS = 10;

/** Encoders of at most this hidden size take a higher learning rate. */
const SMALL = 384;

/** Options that a choice of the method leaves no room for. */
const OF_THE_CHOICE = [
  "method",
  "headFirst",
  "lora",
  "adalora",
  "adapterName",
  "adapterSize",
  "virtualTokens",
] as const;

/** The request with the chosen options in it. To be called in the turn of the call, outside of a run. */
export async function withRecipe<R extends Request>(
  call: "finetune" | "plan" | "takeAway",
  session: Session,
  request: R,
  job: Job,
  onProgress: OnProgress,
): Promise<{ request: R; recipe?: ChosenRecipe; plan?: FinetunePlan }> {
  const { recipe: asked, minutes, ...given } = request.options;
  if (asked === undefined) {
    if (minutes === undefined) return { request };
    throw new BertletError(
      "bad-option",
      `${call}: option minutes goes with recipe: "auto", found it without`,
    );
  }
  const other = OF_THE_CHOICE.find((name) => given[name] !== undefined);
  if (other !== undefined) {
    throw new BertletError(
      "bad-option",
      `${call}: option ${other} does not go with recipe: "auto", which chooses the method`,
      `leave out ${other}, or recipe`,
    );
  }
  const estimate = (options: FinetuneOptions) =>
    plan(session, finetuneRequestOf("plan", { ...request, options }, session.info), job, onProgress);
  const found = await choose(factsOf(session, request), given, minutes ?? STAGES.minutes, estimate);
  // The method was not theirs to choose: what does not go with it is left out, and told.
  const options = optionsOfMethod({ ...found.recipe.options, ...given });
  const left = Object.keys(given).filter((name) => !(name in options));
  const told =
    left.length === 0 ? "" : ` That leaves out ${left.join(", ")}, which goes with training the encoder.`;
  const chosen = Object.entries(found.recipe.options).filter(([name]) => !(name in given));
  const recipe = { ...found.recipe, options: Object.fromEntries(chosen), why: found.recipe.why + told };
  return { ...found, recipe, request: { ...request, options } };
}

/** The estimate of a run; with the automatic recipe, of what that has chosen. */
export async function planned(
  session: Session,
  asked: Request,
  job: Job,
  onProgress: OnProgress,
): Promise<FinetunePlan> {
  const { request, recipe, plan: known } = await withRecipe("plan", session, asked, job, onProgress);
  const found =
    known ?? (await plan(session, finetuneRequestOf("plan", request, session.info), job, onProgress));
  return recipe === undefined ? found : { ...found, recipe };
}

/** What the choice depends on, besides time. */
export interface Facts {
  rows: number;
  labels: number;
  /** Rows of the label with the middle count. */
  rowsPerLabel: number;
  pairs: boolean;
  hasDev: boolean;
  /** Of the encoder's states. */
  hiddenSize: number;
}

function factsOf({ info }: Session, { train, dev }: Request): Facts {
  const counts = new Map<string, number>();
  for (const label of train.labels.flat()) counts.set(label, (counts.get(label) ?? 0) + 1);
  const sorted = [...counts.values()].sort((a, b) => a - b);
  return {
    rows: train.texts.length,
    labels: sorted.length,
    rowsPerLabel: sorted[Math.floor(sorted.length / 2)] ?? 0,
    pairs: train.texts.some((text) => typeof text !== "string"),
    hasDev: dev !== undefined,
    hiddenSize: info.hiddenSize,
  };
}

/** `estimate` is asked only where training the encoder is worth its time. */
export async function choose(
  facts: Facts,
  given: FinetuneOptions,
  minutes: number,
  estimate: (options: FinetuneOptions) => Promise<FinetunePlan>,
): Promise<{ recipe: ChosenRecipe; plan?: FinetunePlan }> {
  const { rows, pairs, rowsPerLabel, labels } = facts;
  const each = `${rowsPerLabel} ${rowsPerLabel === 1 ? "row" : "rows"} a label`;
  const head: FinetuneOptions = { method: "head" };
  if (!pairs && rowsPerLabel < ROWS_A_LABEL) {
    return {
      recipe: {
        reason: "few-rows",
        why: `With ${each}, only the head is trained: the encoder would learn single texts by heart.`,
        options: head,
      },
    };
  }
  const batchSize = given.batchSize ?? batchSizeOf(facts);
  const options = encoderOptions(facts, batchSize);
  const planned = await estimate({ ...options, ...given });
  const epochs = given.epochs ?? (options.epochs as number);
  const affordable = planned.minutes === undefined ? 0 : Math.floor((epochs * minutes) / planned.minutes);
  const told = { rows: `${rows} rows of ${labels} labels`, limit: `${minutes} minutes` };
  if (affordable >= epochs) {
    const reason: RecipeReason = pairs ? "pairs" : "enough-rows";
    const why = pairs
      ? `Two texts of a row meet only inside the encoder, so that all of it is trained, for ${epochs} epochs.`
      : `With ${each}, the head is trained first, then the whole model for up to ${epochs} epochs.`;
    return { recipe: { reason, why, options }, plan: planned };
  }
  if (affordable >= 1 && given.epochs === undefined) {
    const fewer = { ...options, epochs: affordable };
    const why = `${told.rows} would take longer than ${told.limit} for ${epochs} epochs, so that the whole model is trained for ${affordable}.`;
    return { recipe: { reason: "fewer-epochs", why, options: fewer } };
  }
  const why = planned.fits
    ? `Training the whole model on ${told.rows} would take longer than ${told.limit}, so that only the head is trained.`
    : "Training the whole model does not fit in memory, so that only the head is trained.";
  return { recipe: { reason: "no-time", why, options: head } };
}

/** The head first, then all of the model. */
function encoderOptions({ rows, pairs, hasDev, hiddenSize }: Facts, batchSize: number): FinetuneOptions {
  const steps = Math.ceil(rows / batchSize);
  const epochs = Math.min(MOST_EPOCHS, Math.max(LEAST_EPOCHS, Math.ceil(LEAST_STEPS / steps)));
  return {
    method: "full",
    headFirst: !pairs,
    learningRate: hiddenSize <= SMALL ? 1e-4 : 3e-5,
    warmupRatio: 0.1,
    batchSize,
    epochs,
    ...(hasDev && { earlyStopping: { patience: 2 }, restoreBest: true }),
  };
}

/** Larger batches are quicker where there are rows for them. */
function batchSizeOf({ rows }: Facts): number {
  return rows < 400 ? 8 : rows < 4000 ? 16 : 32;
}
