// The first stage of a run that trains its head first: the head alone, on states that are computed once. Leaves the
// run's own steps to the step loop.

import type { EndEvent } from "../../../bertlet.d.ts";
import type { LabelledRows } from "../../shared/messages.ts";
import type { Recipe } from "../../shared/recipe.ts";
import type { OnProgress } from "../answers/infer.ts";
import type { Encoding } from "../engine/wasm-boundary.ts";
import type { RunJob, Session } from "../session.ts";
import { StepLoop } from "./step-loop.ts";

/** To be called outside of a turn, before the run begins. Its progress is that of the first pass, which takes the time. */
export async function trainHeadFirst(
  session: Session,
  rows: Encoding,
  { targets, ends }: Pick<LabelledRows, "targets" | "ends">,
  recipe: Recipe,
  job: RunJob,
  onProgress: OnProgress,
): Promise<{ reason: EndEvent["reason"]; pausedMs: number }> {
  const { steps } = await session.turn(() => {
    const begun = session.engine.beginTraining(rows, targets, ends, recipe, recipe.adapterName);
    session.running = "head first";
    return begun;
  });
  let loaded = 0;
  const loop = new StepLoop(
    session,
    job,
    (event) => {
      if (event.type !== "step" || event.epoch > 1) return;
      loaded += event.rows;
      onProgress({ stage: "infer", loaded, total: rows.length });
    },
    performance.now(),
  );
  try {
    const reason = await loop.run(steps, undefined);
    return { reason, pausedMs: loop.pausedMs };
  } finally {
    if (!session.crashed) {
      await session.turn(() => {
        session.engine.endTraining();
        session.running = undefined;
        if (loop.steps > 0) session.forgetNewHead();
        session.refresh(session.scope);
      });
    }
  }
}
