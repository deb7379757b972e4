// Learns new rows on top of what the model knows: a fine-tuning of them and of rows that it knew, with the reports on
// both before and after. The run itself is `finetune`'s.

import type { LearnEndEvent, Report } from "../../bertlet.d.ts";
import { INFERENCE } from "../shared/defaults.ts";
import type { Calls, NamedRows, RunEvent } from "../shared/messages.ts";
import { finetune } from "./finetune.ts";
import { evaluate, type OnProgress } from "./infer.ts";
import { finetuneRequestOf } from "./requests.ts";
import type { RunJob, Session } from "./session.ts";
import { untilStopped } from "./step-loop.ts";

export async function learn(
  session: Session,
  { rows, replay, options }: Calls["learn"]["request"],
  job: RunJob,
  emit: (event: RunEvent) => void,
  onProgress: OnProgress,
): Promise<LearnEndEvent> {
  const startedAt = performance.now();
  const train = replay === undefined ? rows : joined(rows, replay);
  const request = await session.turn(() => finetuneRequestOf("learn", { train, options }, session.info));
  const reportOf = (rows: NamedRows) =>
    evaluate(session, { rows, batchSize: INFERENCE.batchSize }, job, onProgress);
  const reports = async (): Promise<[Report, Report | undefined]> => [
    await reportOf(rows),
    replay && (await reportOf(replay)),
  ];
  const before = await untilStopped(reports());
  if (before === undefined) {
    return { type: "end", reason: "stopped", steps: 0, milliseconds: performance.now() - startedAt };
  }
  const end = await finetune(session, request, job, emit, onProgress);
  const after = end.reason === "finished" ? await untilStopped(reports()) : undefined;
  if (after === undefined) return end.reason === "finished" ? { ...end, reason: "stopped" } : end;
  const found: LearnEndEvent = { ...end, learned: { before: before[0], after: after[0] } };
  if (before[1] && after[1]) found.replayed = { before: before[1], after: after[1] };
  return found;
}

function joined(a: NamedRows, b: NamedRows): NamedRows {
  return { texts: [...a.texts, ...b.texts], labels: [...a.labels, ...b.labels] };
}
