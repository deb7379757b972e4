/**
 * Step 4: how good the model is, what to do next, and its mistakes. Shows `state.evaluation`; the work is in
 * actions/evaluate.ts and actions/corrections.ts.
 */
import type { Report } from "../../../src/index.ts";
import type { EvaluationState } from "../../state/evaluation.ts";
import { isTraining, lacksTest } from "../../state/selectors.ts";
import { h, refill } from "../../widgets/dom.ts";
import { failureBox } from "../../widgets/failure.ts";
import { FEWEST_TO_SPLIT } from "../data/parts.ts";
import { nextLink, type Studio, type View, waitingFor } from "../view.ts";
import { runsOf } from "./compare.ts";
import { headline } from "./headline.ts";
import { leaveOpenBlock } from "./leave-open.ts";
import { mistakesOf } from "./mistakes.ts";
import { mixedUpOf } from "./mixed-up.ts";
import { nextOf } from "./next.ts";
import { recordsOf } from "./records.ts";
import { tablesOf } from "./tables.ts";

export const evaluateStep: View = (studio) => {
  const { store, t, signal } = studio;
  const [scores, next, pairs] = [h("div"), h("div"), h("div")];
  const [mistakes, tables, runs] = [h("div"), h("div"), h("div")];
  let shown: unknown[] = [];
  store.on(
    ["runs", "evaluation", "project", "training"],
    (state) => {
      const { evaluation, model, runs: all, project } = state;
      const busy = evaluation.done < evaluation.total || model.phase === "loading";
      const now = busy ? [] : [all, project.run, evaluation.against, isTraining(state)];
      if (now.length === shown.length && now.every((value, at) => value === shown[at])) return;
      shown = now;
      refill(runs, ...(busy || all.length === 0 ? [] : [runsOf(studio), recordsOf(studio)]));
    },
    signal,
  );
  let report: Report | undefined;
  let total = -1;
  let complete = false;
  let learned: EvaluationState["learned"];
  let calibration: EvaluationState["calibration"];
  let drawn: unknown[] = [];
  store.on(
    ["evaluation", "training", "inspection", "data"],
    ({ evaluation, training, data }) => {
      const done = evaluation.done === evaluation.total;
      const changed = evaluation.report !== report || evaluation.total !== total;
      if (changed || evaluation.learned !== learned || !evaluation.report) {
        learned = evaluation.learned;
        refill(scores, ...(evaluation.report ? [headline(t, evaluation)] : [emptyOf(studio, evaluation)]));
        refill(pairs, mixedUpOf(studio, evaluation));
      }
      if (changed || done !== complete || calibration !== evaluation.calibration || !evaluation.report)
        refill(tables, ...tablesOf(studio, evaluation));
      [report, total, complete] = [evaluation.report, evaluation.total, done];
      calibration = evaluation.calibration;
      refill(next, evaluation.report !== undefined && done && nextOf(studio));
      const now = [evaluation, training.parts, data.parts];
      if (now.every((value, at) => value === drawn[at])) return;
      drawn = now;
      if (evaluation.report && training.parts) refill(mistakes, ...mistakesOf(studio, evaluation));
      // Of a run on other rows than those of now, no mistake can be shown.
      else refill(mistakes, evaluation.report !== undefined && failureBox(t, evaluation.error));
    },
    signal,
  );
  const last = h("div", {}, nextLink(t, "use"));
  return [scores, next, pairs, leaveOpenBlock(studio), mistakes, tables, runs, last];
};

/** What stands where there are no scores. */
function emptyOf({ store, t }: Studio, evaluation: EvaluationState): HTMLElement | false {
  const { training, data } = store.state;
  if (evaluation.error) return failureBox(t, evaluation.error);
  if (isTraining(store.state)) return waitingFor(t, t.evaluation.stillTraining, "train");
  if (training.error) return failureBox(t, training.error);
  if (training.phase !== "done") return waitingFor(t, t.evaluation.notTrained, "train");
  const lacks = lacksTest(store.state);
  if (lacks === "run") return waitingFor(t, t.evaluation.heldSince, "train");
  if (lacks === "rows") {
    const missing = data.files.length === 0 ? FEWEST_TO_SPLIT - data.examples.length : 0;
    if (missing > 0) return waitingFor(t, t.evaluation.tooFewToHold(missing), "bench");
    return waitingFor(t, t.evaluation.nothingHeld, "data");
  }
  return h("p", { class: "block", "aria-busy": "true" }, t.evaluation.computing);
}
