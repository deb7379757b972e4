// Learns new rows on top of what the model knows: a fine-tuning of them and of rows that it knew, with the reports on
// both before and after. Labels that the model lacks may join its head first. The run itself is `finetune`'s.

import type { LearnEndEvent } from "../../../bertlet.d.ts";
import { INFERENCE } from "../../shared/defaults.ts";
import type { Calls, NamedRows, RunEvent } from "../../shared/messages.ts";
import { evaluate, type OnProgress } from "../answers/infer.ts";
import { finetuneRequestOf } from "../requests.ts";
import { type RunJob, type Session, Stopped } from "../session.ts";
import { checkHasLabels, targetRows } from "../targets.ts";
import { finetune } from "./finetune.ts";
import { labelsBeside, NewLabels } from "./new-labels.ts";
import { untilStopped } from "./step-loop.ts";

export async function learn(
  session: Session,
  { rows, replay, knownLabels, addLabels, options }: Calls["learn"]["request"],
  job: RunJob,
  emit: (event: RunEvent) => void,
  onProgress: OnProgress,
): Promise<LearnEndEvent> {
  const startedAt = performance.now();
  const train = replay === undefined ? rows : joined(rows, replay);
  const { request, added } = await session.turn(() => {
    const { labels } = session.info;
    if (knownLabels !== undefined) {
      checkHasLabels("learn", session.info);
      targetRows("learn: replay", { texts: [], labels: knownLabels }, session.info);
    }
    const added = addLabels ? labelsBeside(labels, rows) : [];
    const head = { ...session.info, labels: [...labels, ...added] };
    return { request: finetuneRequestOf("learn", { train, options }, head), added };
  });
  const reportOf = (rows: NamedRows) =>
    evaluate(session, { rows, batchSize: INFERENCE.batchSize }, job, onProgress);
  let labels: NewLabels | undefined;
  try {
    // What was known is measured by the head as it was.
    const knownBefore = replay && (await reportOf(replay));
    if (added.length > 0) labels = await NewLabels.add(session, rows, added, job, onProgress);
    const before = await reportOf(rows);
    const withLabels = (event: RunEvent) => {
      if (event.type === "step") labels?.stay();
      emit(event);
    };
    const end: LearnEndEvent = await finetune(session, request, job, withLabels, onProgress);
    if (end.reason !== "finished") return end;
    const after = await untilStopped(Promise.all([reportOf(rows), replay && reportOf(replay)]));
    if (after === undefined) return { ...end, reason: "stopped" };
    end.learned = { before, after: after[0] };
    if (knownBefore && after[1]) end.replayed = { before: knownBefore, after: after[1] };
    return end;
  } catch (error) {
    // The run was stopped before its first step.
    if (!(error instanceof Stopped)) throw error;
    return { type: "end", reason: "stopped", steps: 0, milliseconds: performance.now() - startedAt };
  } finally {
    await labels?.end();
  }
}

function joined(a: NamedRows, b: NamedRows): NamedRows {
  return { texts: [...a.texts, ...b.texts], labels: [...a.labels, ...b.labels] };
}
