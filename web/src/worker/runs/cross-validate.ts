// Cross-validation: for each fold, fine-tunes on the other folds and reports on that one. Afterwards the
// weights are what they were before.

import type { CrossValidation, FoldEvent, JournalEvent, MeanAndSpread, Report } from "../../../bertlet.d.ts";
import { selectRows } from "../../shared/labels.ts";
import type { CrossValidateRequest } from "../../shared/messages.ts";
import type { OnProgress } from "../answers/infer.ts";
import type { Journal } from "../journal/journal.ts";
import { keepProgress } from "../journal/run-keeper.ts";
import { type RunJob, type Session, withWeightsRestored } from "../session.ts";
import { finetune } from "./finetune.ts";

export function crossValidate(
  session: Session,
  request: CrossValidateRequest,
  job: RunJob,
  emit: (event: FoldEvent | JournalEvent) => void,
  onProgress: OnProgress,
  journal?: Journal,
): Promise<CrossValidation> {
  return withWeightsRestored(session, async (restore) => {
    const before = journal?.slot?.head;
    // A fold that was interrupted is trained anew.
    const folds = (before?.progress ?? []) as Report[];
    let reason: CrossValidation["reason"] = "finished";
    let milliseconds = before?.elapsedMs ?? 0;
    let step = before?.step ?? 0;
    for (let fold = folds.length + 1; fold <= request.folds && reason === "finished"; fold++) {
      await restore();
      const ofFold = {
        train: selectRows(request.rows, (row) => request.fold[row] !== fold - 1),
        test: selectRows(request.rows, (row) => request.fold[row] === fold - 1),
        recipe: request.recipe,
        selection: { restoreBest: false, tuneThreshold: false },
      };
      const end = await finetune(
        session,
        ofFold,
        job,
        (event) => emit({ ...event, fold } as FoldEvent),
        onProgress,
      );
      emit({ ...end, fold });
      milliseconds += end.milliseconds;
      step += end.steps;
      if (end.test !== undefined) {
        folds.push(end.test);
        await keepProgress(journal, { step, elapsedMs: milliseconds, progress: folds }, emit);
      } else reason = end.reason === "diverged" ? "diverged" : "stopped";
    }
    const of = (score: "accuracy" | "microF1" | "macroF1" | "loss") =>
      spread(folds.map((report) => report[score]));
    return {
      type: "result",
      reason,
      folds,
      accuracy: of("accuracy"),
      microF1: of("microF1"),
      macroF1: of("macroF1"),
      loss: of("loss"),
      milliseconds,
    };
  });
}

function spread(scores: number[]): MeanAndSpread {
  const count = scores.length;
  const mean = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, count);
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
  return { mean, std: Math.sqrt(squares / Math.max(1, count - 1)) };
}
