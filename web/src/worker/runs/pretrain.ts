// Masked-language modelling: tokenizes texts, runs the step loop, and evaluates the perplexity on dev before,
// between and after the epochs. The engine computes.

import type { MaskedReport, PretrainEndEvent } from "../../../bertlet.d.ts";
import { INFERENCE } from "../../shared/defaults.ts";
import { BertletError } from "../../shared/errors.ts";
import type { PretrainRequest, PretrainRunEvent } from "../../shared/messages.ts";
import { nextTurn } from "../../shared/next-turn.ts";
import type { PretrainRecipe } from "../../shared/recipe.ts";
import { encode, longestFirst, type OnProgress } from "../answers/infer.ts";
import type { Encoding } from "../engine/wasm-boundary.ts";
import type { Journal } from "../journal/journal.ts";
import { RunKeeper } from "../journal/run-keeper.ts";
import { type RunJob, type Session, Stopped } from "../session.ts";
import { checkFits } from "./plan.ts";
import { StepLoop, untilStopped } from "./step-loop.ts";

export async function pretrain(
  session: Session,
  request: PretrainRequest,
  job: RunJob,
  emit: (event: PretrainRunEvent) => void,
  onProgress: OnProgress,
  journal?: Journal,
): Promise<PretrainEndEvent> {
  checkFits(session, "pretrain");
  const startedAt = performance.now();
  const splits: Encoding[] = [];
  const open = async (texts: string[]): Promise<Encoding> => {
    const rows = await session.turn(() => encode(session, texts, job, onProgress));
    splits.push(rows);
    return rows;
  };
  try {
    const { recipe } = request;
    const train = await open(request.train);
    const dev = request.dev && (await open(request.dev));
    const evaluate = (): Promise<MaskedReport> =>
      session.turn(() => evaluateMasked(session, dev as Encoding, recipe, job, onProgress));
    const before = dev && (await evaluate());
    /** Of the last epoch, where it was evaluated here, and not before the run went on from its journal. */
    let report: MaskedReport | undefined;
    const evaluateEpoch = async (): Promise<MaskedReport> => {
      report = await evaluate();
      return report;
    };
    const { steps, trainedParameters, rows } = await session.turn(() => {
      const begun = session.engine.beginPretraining(train, recipe);
      session.encoderMoves = true;
      return begun;
    });
    emit({
      type: "start",
      steps,
      epochs: recipe.epochs,
      trainedParameters,
      trainRows: rows,
      devRows: dev?.length ?? 0,
      truncatedRows: splits.reduce((sum, { truncated }) => sum + truncated, 0),
      ...(before && { dev: before }),
    });
    const keeper = journal && new RunKeeper(journal, session, steps, undefined, emit);
    const loop = new StepLoop<MaskedReport>(session, job, emit, startedAt, keeper);
    let reason: PretrainEndEvent["reason"] | undefined;
    try {
      const ended = await loop.run(steps, dev && { evaluate: evaluateEpoch, continues: () => true });
      reason = ended === "early-stopping" ? "finished" : ended;
    } finally {
      // This frees the optimizer's state. The weights of the last step stay.
      if (!session.crashed) {
        await session.turn(() => {
          session.engine.endTraining();
          session.encoderMoves = false;
          session.refresh();
        });
      }
    }
    const known = reason === "finished" ? report : undefined;
    const after = dev && (known ?? (await untilStopped(evaluate())));
    // A run that went on from its last step has that evaluation alone to make.
    if (dev !== undefined && after === undefined && reason === "finished") reason = "stopped";
    const { steps: made, milliseconds } = loop;
    return { type: "end", reason, steps: made, milliseconds, ...(after && { dev: after }) };
  } catch (error) {
    // The run was stopped before its first step.
    if (!(error instanceof Stopped)) throw error;
    return { type: "end", reason: "stopped", steps: 0, milliseconds: performance.now() - startedAt };
  } finally {
    if (!session.crashed) for (const rows of splits) rows.free();
  }
}

/** Loss and perplexity of masked tokens. The same tokens are masked each time. To be called within a turn. */
async function evaluateMasked(
  { engine }: Session,
  rows: Encoding,
  recipe: PretrainRecipe,
  job: RunJob,
  onProgress: OnProgress,
): Promise<MaskedReport> {
  const order = longestFirst(rows.lengths());
  let [loss, maskedTokens] = [0, 0];
  for (let from = 0; from < order.length; from += INFERENCE.batchSize) {
    job.check();
    const indices = order.slice(from, from + INFERENCE.batchSize);
    const batch = await engine.maskedLoss(rows, indices, recipe);
    loss += batch.loss;
    maskedTokens += batch.maskedTokens;
    onProgress({ stage: "dev", loaded: from + indices.length, total: order.length });
    await nextTurn();
  }
  if (maskedTokens === 0) {
    throw new BertletError(
      "bad-row",
      `pretrain: dev: of ${rows.length} texts not one token was masked`,
      "give more or longer texts to dev, or a larger maskProbability",
    );
  }
  return { loss: loss / maskedTokens, perplexity: Math.exp(loss / maskedTokens), maskedTokens };
}
