/**
 * Step 4: the scores of the model and its mistakes. Shows `state.evaluation`; the work is in actions/evaluate.ts.
 */
import type { Report } from "../../../src/index.ts";
import type { Dictionary } from "../../i18n/en.ts";
import type { EvaluationState } from "../../state/evaluation.ts";
import { isTraining } from "../../state/selectors.ts";
import type { State } from "../../state/state.ts";
import { fill, h, refill } from "../../widgets/dom.ts";
import { failureBox } from "../../widgets/failure.ts";
import { block, scrolling } from "../../widgets/layout.ts";
import { nextLink, type Studio, type View, waitingFor } from "../view.ts";
import { runsOf } from "./compare.ts";
import { mistakesOf } from "./mistakes.ts";
import { recordsOf } from "./records.ts";
import { scoreCards } from "./scores.ts";

export const evaluateStep: View = (studio) => {
  const { store, t, signal } = studio;
  const scores = h("div");
  const runs = h("div");
  const mistakes = h("div");
  let shown: { all: State["runs"]; run: number | undefined; against: number | undefined } | undefined;
  store.on(
    ["runs", "evaluation", "project"],
    ({ evaluation, model, runs: all, project }) => {
      const busy = evaluation.done < evaluation.total || model.phase === "loading";
      const now = busy ? undefined : { all, run: project.run, against: evaluation.against };
      if (now?.all === shown?.all && now?.run === shown?.run && now?.against === shown?.against) return;
      shown = now;
      refill(runs, ...(busy || all.length === 0 ? [] : [runsOf(studio), recordsOf(studio)]));
    },
    signal,
  );
  let report: Report | undefined;
  let total = -1;
  store.on(
    ["evaluation", "training"],
    ({ evaluation }) => {
      if (evaluation.report !== report || evaluation.total !== total || !evaluation.report)
        fill(scores, ...scoresOf(studio, evaluation));
      report = evaluation.report;
      total = evaluation.total;
      refill(mistakes, ...(evaluation.report ? mistakesOf(studio, evaluation) : []));
    },
    signal,
  );
  return [scores, runs, mistakes, h("div", {}, nextLink(t, "use"))];
};

function scoresOf({ store, t }: Studio, evaluation: EvaluationState): (HTMLElement | false)[] {
  const { training, data } = store.state;
  if (evaluation.error && !evaluation.report) return [failureBox(t, evaluation.error)];
  if (!evaluation.report) {
    if (isTraining(store.state)) return [waitingFor(t, t.evaluation.stillTraining, "train")];
    if (training.phase !== "done") return [waitingFor(t, t.evaluation.notTrained, "train")];
    if (data.parts && data.parts.dev.length + data.parts.test.length === 0)
      return [waitingFor(t, t.evaluation.nothingHeld, "data")];
    return [h("p", { class: "block", "aria-busy": "true" }, t.evaluation.computing)];
  }
  const { report, part } = evaluation;
  return [
    block(
      part === "test" ? t.evaluation.onTest(evaluation.total) : t.evaluation.onDev(evaluation.total),
      scoreCards(t, report, evaluation.total),
      h("p", { class: "help" }, t.evaluation.intervalHelp),
      report.threshold !== undefined &&
        h("p", { id: "threshold" }, t.rowKinds.threshold(report.threshold, training.threshold !== undefined)),
      labelTable(t, report),
    ),
    // Multi-label predictions have no confusion matrix: no label is taken for another.
    report.confusion.length > 0 &&
      block(
        t.evaluation.confusion,
        h("p", { class: "help" }, t.evaluation.confusionHelp),
        confusionTable(t, report, evaluation.labels),
      ),
  ];
}

function labelTable(t: Dictionary, report: Report): HTMLElement {
  const heads = [t.evaluation.precision, t.evaluation.recall, t.evaluation.f1, t.evaluation.support];
  return h(
    "div",
    { class: "stack" },
    scrolling(
      t.evaluation.perLabel,
      h(
        "table",
        { class: "report" },
        h("caption", {}, t.evaluation.perLabel),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, t.data.label),
            ...heads.map((head) => h("th", { scope: "col", class: "number" }, head)),
          ),
        ),
        h(
          "tbody",
          {},
          ...report.perLabel.map((line) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, line.label),
              ...[line.precision.toFixed(2), line.recall.toFixed(2), line.f1.toFixed(2), line.support].map(
                (text) => h("td", { class: "number" }, text),
              ),
            ),
          ),
        ),
      ),
    ),
    h("p", { class: "help" }, t.evaluation.perLabelHelp),
  );
}

/** Rows are true labels, columns are predicted labels. A deeper shade is a larger share of the row. */
function confusionTable(t: Dictionary, report: Report, labels: readonly string[]): HTMLElement {
  return scrolling(
    t.evaluation.confusion,
    h(
      "table",
      { class: "confusion" },
      h("caption", { class: "visually-hidden" }, t.evaluation.confusionHelp),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, t.evaluation.corner),
          ...labels.map((label) => h("th", { scope: "col" }, label)),
        ),
      ),
      h(
        "tbody",
        {},
        ...report.confusion.map((line, row) => {
          const sum = line.reduce((total, count) => total + count, 0);
          return h(
            "tr",
            {},
            h("th", { scope: "row" }, labels[row]),
            ...line.map((count, column) => {
              const cell = h("td", { class: row === column ? "right" : count > 0 ? "wrong" : "none" }, count);
              cell.style.setProperty("--share", `${sum > 0 ? Math.round((count / sum) * 100) : 0}%`);
              return cell;
            }),
          );
        }),
      ),
    ),
  );
}
