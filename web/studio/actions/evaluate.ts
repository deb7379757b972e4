/**
 * Takes the trained classifier and the held-out rows; sets `state.evaluation`, with the report and the mistakes.
 * Adds the scores to the run in `state.runs`, so that later runs on the same rows can be compared with it.
 */

import type { LabelledText, Prediction, Report } from "../../src/index.ts";
import { INFERENCE } from "../../src/shared/defaults.ts";
import type { Answer } from "../data/certainty.ts";
import { labelsOf, textOf } from "../data/parts.ts";
import { toFailure } from "../i18n/messages.ts";
import { type Mistake, SHOWN_AT_ONCE } from "../state/evaluation.ts";
import type { Store } from "../state/store.ts";
import { classifierInHand, untilReplaced } from "./model.ts";

/** Rows classified between two updates of the page. */
const ROWS_AT_ONCE = INFERENCE.batchSize;
let evaluating = new AbortController();

/** The labels or the model are about to change. */
export function stopEvaluating(): void {
  evaluating.abort();
}

/** `tested` is the report of these rows, where there is one. `again`: the run's own reports no longer hold. */
export async function evaluate(store: Store, tested?: Report, again = false): Promise<void> {
  const { parts } = store.state.training;
  stopEvaluating();
  if (!parts) return;
  evaluating = new AbortController();
  const part = parts.test.length > 0 ? "test" : "dev";
  const rows = parts[part];
  store.patch("evaluation", {
    ...{ part, wrong: [], answers: [], done: 0, total: rows.length },
    ...{ filter: "", pair: undefined, sureOnly: false, shown: SHOWN_AT_ONCE, error: undefined },
  });
  if (rows.length === 0) return;
  // Of two at once each would add its rows to the same lists.
  const over = AbortSignal.any([untilReplaced(), evaluating.signal]);
  try {
    const classifier = classifierInHand();
    const labels = [...classifier.info.labels];
    const { epochResults, restoredEpoch, step } = store.state.training;
    // A run that was stopped within an epoch has other weights than that epoch's report.
    const ended = epochResults.findLast((result) =>
      restoredEpoch === undefined ? result.step === step : result.epoch === restoredEpoch,
    );
    const known = tested ?? (part === "dev" ? ended?.dev : undefined);
    // The epochs' reports were made before the decision threshold was tuned.
    const current = !again && known?.threshold === classifier.info.threshold ? known : undefined;
    const report = current ?? (await classifier.evaluate(rows));
    if (over.aborted) return;
    store.patch("evaluation", { report, labels });
    const predicted: Prediction[] = [];
    for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
      const slice = rows.slice(start, start + ROWS_AT_ONCE);
      const predictions = await classifier.classify(slice.map(textOf));
      if (over.aborted) return;
      predicted.push(...predictions);
      const wrong: Mistake[] = [];
      const answers: Answer[] = [];
      slice.forEach((row, index) => {
        const prediction = predictions[index];
        const mistake = prediction && mistakeOf(row, prediction);
        if (mistake) wrong.push(mistake);
        if (prediction && !prediction.labels) answers.push({ score: prediction.score, right: !mistake });
      });
      store.patch("evaluation", {
        wrong: [...store.state.evaluation.wrong, ...wrong],
        answers: [...store.state.evaluation.answers, ...answers],
        done: start + slice.length,
      });
    }
    remember(store, predicted, report);
  } catch (error) {
    if (!over.aborted) store.patch("evaluation", { error: toFailure(error) });
  }
}

/** The row, if its prediction is wrong. */
function mistakeOf(row: LabelledText, { label, labels = [label], scores }: Prediction): Mistake | undefined {
  const truth = labelsOf(row);
  if (truth.length === labels.length && truth.every((name) => labels.includes(name))) return undefined;
  const scored = (names: readonly string[]): Mistake["truth"] =>
    scores.filter((entry) => names.includes(entry.label));
  const { text, textPair } = row;
  const texts = textPair === undefined ? { text } : { text, textPair };
  return { ...texts, truth: scored(truth), predicted: scored(labels) };
}

/** Adds the scores to the run in hand, for comparisons with it. */
function remember(store: Store, predicted: readonly Prediction[], report: Report): void {
  const { runs, project } = store.state;
  const predictions = predicted.map(({ label, labels, score }) =>
    labels ? { label, labels } : { label, score },
  );
  store.set({
    runs: runs.map((run) => (run.number === project.run ? { ...run, predictions, report } : run)),
  });
}
