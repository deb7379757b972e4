/**
 * Step 4: how good it is, and where it is wrong. Shows `state.judge`; the work is in judging.ts.
 */
import type { Report } from "../../../src/index.ts";
import type { Dictionary } from "../../i18n/en.ts";
import type { JudgeState } from "../../state/evaluation.ts";
import { isTraining } from "../../state/selectors.ts";
import { fill, h, refill } from "../../widgets/dom.ts";
import { failureBox } from "../../widgets/failure.ts";
import { block, scrolling } from "../../widgets/layout.ts";
import { nextLink, type Studio, type View, waitingFor } from "../view.ts";
import { comparisonOf } from "./compare.ts";
import { mistakesOf } from "./mistakes.ts";
import { scoreCards } from "./scores.ts";

export const judgeStep: View = (studio) => {
  const { store, t, signal } = studio;
  const scores = h("div");
  const runs = h("div");
  const mistakes = h("div");
  store.on(
    ["judged", "judge"],
    ({ judged, judge }) =>
      fill(runs, judge.done > 0 && judge.done === judge.total && comparisonOf(t, judged)),
    signal,
  );
  let report: Report | undefined;
  let total = -1;
  store.on(
    ["judge", "training"],
    ({ judge }) => {
      if (judge.report !== report || judge.total !== total || !judge.report)
        fill(scores, ...scoresOf(studio, judge));
      report = judge.report;
      total = judge.total;
      refill(mistakes, ...(judge.report ? mistakesOf(studio, judge) : []));
    },
    signal,
  );
  return [scores, runs, mistakes, h("div", {}, nextLink(t, "use"))];
};

function scoresOf({ store, t }: Studio, judge: JudgeState): (HTMLElement | false)[] {
  const { training, data } = store.state;
  if (judge.error && !judge.report) return [failureBox(t, judge.error)];
  if (!judge.report) {
    if (isTraining(store.state)) return [waitingFor(t, t.judge.stillTraining, "train")];
    if (training.phase !== "done") return [waitingFor(t, t.judge.notTrained, "train")];
    if (data.parts && data.parts.dev.length + data.parts.test.length === 0)
      return [waitingFor(t, t.judge.nothingHeld, "data")];
    return [h("p", { class: "block", "aria-busy": "true" }, t.judge.computing)];
  }
  const { report, part } = judge;
  return [
    block(
      part === "test" ? t.judge.onTest(judge.total) : t.judge.onDev(judge.total),
      scoreCards(t, report, judge.total),
      h("p", { class: "help" }, t.judge.intervalHelp),
      report.threshold !== undefined &&
        h("p", { id: "threshold" }, t.kinds.threshold(report.threshold, training.threshold !== undefined)),
      labelTable(t, report),
    ),
    // Of several labels none is taken for another.
    report.confusion.length > 0 &&
      block(
        t.judge.confusion,
        h("p", { class: "help" }, t.judge.confusionHelp),
        confusionTable(t, report, judge.labels),
      ),
  ];
}

function labelTable(t: Dictionary, report: Report): HTMLElement {
  const heads = [t.judge.precision, t.judge.recall, t.judge.f1, t.judge.support];
  return h(
    "div",
    { class: "stack" },
    scrolling(
      t.judge.perLabel,
      h(
        "table",
        { class: "report" },
        h("caption", {}, t.judge.perLabel),
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
    h("p", { class: "help" }, t.judge.perLabelHelp),
  );
}

/** Rows are the true labels, columns what was predicted; the deeper the shade, the larger the row's share. */
function confusionTable(t: Dictionary, report: Report, labels: readonly string[]): HTMLElement {
  return scrolling(
    t.judge.confusion,
    h(
      "table",
      { class: "confusion" },
      h("caption", { class: "visually-hidden" }, t.judge.confusionHelp),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, t.judge.corner),
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
