// Scales the head by the temperature that fits rows with labels best, so that a score of 0.8 is right in four of five
// texts. Decisions stay as they are. A model that is refused stays as it was.

import type { CalibrationReceipt } from "../../../bertlet.d.ts";
import {
  answersOf,
  calibrationError,
  decisionsOf,
  fitTemperature,
  meanLoss,
  reliability,
} from "../../shared/calibration.ts";
import { BertletError } from "../../shared/errors.ts";
import { targetsOf } from "../../shared/labels.ts";
import type { Calls } from "../../shared/messages.ts";
import { encode, logits, type OnProgress } from "../answers/infer.ts";
import { type Job, type Session, thenFree } from "../session.ts";
import { checkHasLabels, targetRows } from "../targets.ts";

/** To be called within a turn, outside of a run. */
export async function scaleByTemperature(
  session: Session,
  { rows: named, bins, batchSize }: Calls["calibrate"]["request"],
  job: Job,
  onProgress: OnProgress,
): Promise<CalibrationReceipt> {
  checkHasLabels("calibrate", session.info);
  const targets = targetRows("calibrate", named, session.info);
  const { labels, problemType } = session.info;
  const values = await thenFree(await encode(session, targets.texts, job, onProgress), (rows) =>
    logits(session, rows, batchSize, job, "infer", onProgress),
  );
  const truthOf = (row: number) => [...targetsOf(targets, row)];
  const multiLabel = problemType === "multi_label_classification";
  const decisions = decisionsOf(values, labels.length, truthOf, multiLabel);
  const temperature = fitTemperature(decisions);
  if (temperature === undefined) {
    throw new BertletError(
      "bad-row",
      `calibrate: the ${targets.texts.length} rows fit no temperature: the model is right on all of them, or no better than chance. The model is as it was`,
      "give more rows, of which it gets some wrong, and none that it was trained on",
    );
  }
  job.check();
  session.engine.scaleHead(1 / temperature);
  session.refresh(session.scope);
  const at = (temperature: number) => {
    const found = reliability(answersOf(decisions, temperature), bins);
    return { loss: meanLoss(decisions, temperature), error: calibrationError(found), bins: found };
  };
  return { temperature, rows: targets.texts.length, before: at(1), after: at(temperature) };
}
