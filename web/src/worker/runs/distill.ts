// Distillation: the model of this worker is the teacher until the run begins, and the student from then on. The run is a
// fine-tuning run with another beginning.

import type { DistillEndEvent } from "../../../bertlet.d.ts";
import type { Calls, RunEvent } from "../../shared/messages.ts";
import type { OnProgress } from "../answers/infer.ts";
import { finetuneRequestOf } from "../requests.ts";
import type { RunJob, Session } from "../session.ts";
import { finetune } from "./finetune.ts";

export async function distill(
  session: Session,
  { distill, ...asked }: Calls["distill"]["request"],
  job: RunJob,
  emit: (event: RunEvent) => void,
  onProgress: OnProgress,
): Promise<DistillEndEvent> {
  const request = await session.turn(() => finetuneRequestOf("distill", asked, session.info));
  const end = await finetune(session, { ...request, distill }, job, emit, onProgress);
  return { teacher: {}, ...end };
}
