// Takes texts without labels; has the loop make the steps of masked-language modelling, and tells the perplexity on dev
// before, between and after them. The arithmetic is the engine's.

import type { MaskedReport, PretrainEndEvent } from "../../bertlet.d.ts";
import { INFERENCE } from "../shared/defaults.ts";
import { BertletError } from "../shared/errors.ts";
import type { PretrainRequest, PretrainRunEvent } from "../shared/messages.ts";
import type { PretrainRecipe } from "../shared/recipe.ts";
import { encode, longestFirst, type OnProgress } from "./infer.ts";
import { checkFits } from "./plan.ts";
import { type RunJob, type Session, Stopped, yieldToMessages } from "./session.ts";
import { StepLoop, untilStopped } from "./step-loop.ts";
import type { Encoding } from "./wasm-boundary.ts";

export async function pretrain(
  session: Session,
  request: PretrainRequest,
  job: RunJob,
  emit: (event: PretrainRunEvent) => void,
  onProgress: OnProgress,
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
    let report: MaskedReport | undefined;
    const evaluate = async (): Promise<MaskedReport> => {
      const rows = dev as Encoding;
      report = await session.turn(() => evaluateMasked(session, rows, recipe, job, onProgress));
      return report;
    };
    const before = dev && (await evaluate());
    const { steps, trainedParameters, rows } = await session.turn(() =>
      session.engine.beginPretraining(train, recipe),
    );
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
    const loop = new StepLoop<MaskedReport>(session, job, emit);
    let reason: PretrainEndEvent["reason"] | undefined;
    try {
      const ended = await loop.run(steps, dev && { evaluate, continues: () => true });
      reason = ended === "early-stopping" ? "finished" : ended;
    } finally {
      // Frees the optimizer's state; the weights of the last finished step stay.
      if (!session.crashed) {
        await session.turn(() => {
          session.engine.endTraining();
          session.refresh();
        });
      }
    }
    const after = dev && reason !== "finished" ? await untilStopped(evaluate()) : report;
    const milliseconds = performance.now() - startedAt - loop.pausedMs;
    return { type: "end", reason, steps: loop.steps, milliseconds, ...(after && { dev: after }) };
  } catch (error) {
    // Stopped before the first step.
    if (!(error instanceof Stopped)) throw error;
    return { type: "end", reason: "stopped", steps: 0, milliseconds: performance.now() - startedAt };
  } finally {
    if (!session.crashed) for (const rows of splits) rows.free();
  }
}

/** Loss and perplexity of masked tokens, the same ones each time. To be called within a turn. */
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
    await yieldToMessages();
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
