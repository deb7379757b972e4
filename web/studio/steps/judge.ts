/**
 * Step 4: how good it is, and where it is wrong. Shows `state.judge`; the work is in judging.ts.
 */

import type { Interval, Report } from "../../src/index.ts";
import { fill, h, refill, select } from "../dom.ts";
import { failureBox } from "../failure.ts";
import type { Dictionary } from "../i18n/en.ts";
import { shortened } from "../rows.ts";
import type { JudgeState } from "../state.ts";
import { isTraining } from "../training.ts";
import { block, nextLink, type Studio, scrolling, type View, waitingFor } from "../view.ts";
import { comparisonOf } from "./compare.ts";

const ROWS_SHOWN = 100;

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
    if (isTraining(store)) return [waitingFor(t, t.judge.stillTraining, "train")];
    if (training.phase !== "done") return [waitingFor(t, t.judge.notTrained, "train")];
    if (data.parts && data.parts.dev.length + data.parts.test.length === 0)
      return [waitingFor(t, t.judge.nothingHeld, "data")];
    return [h("p", { class: "block", "aria-busy": "true" }, t.judge.computing)];
  }
  const { report, part } = judge;
  const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
  const three = (value: number): string => value.toFixed(3);
  const card = (
    name: string,
    value: string,
    help: string,
    [low, high]: Interval,
    write: (value: number) => string,
  ): HTMLElement =>
    h(
      "div",
      { class: "figure" },
      h("p", { class: "figure-name" }, name),
      h("p", { class: "figure-value" }, value),
      h("p", { class: "figure-range" }, t.judge.interval(write(low), write(high))),
      h("p", { class: "help" }, help),
    );
  return [
    block(
      part === "test" ? t.judge.onTest(judge.total) : t.judge.onDev(judge.total),
      h(
        "div",
        { class: "figures" },
        card(
          t.judge.accuracy,
          percent(report.accuracy),
          t.judge.accuracyHelp(Math.round(report.accuracy * judge.total), judge.total),
          report.intervals.accuracy,
          percent,
        ),
        card(
          t.judge.macroF1,
          report.macroF1.toFixed(3),
          t.judge.macroF1Help,
          report.intervals.macroF1,
          three,
        ),
        card(t.judge.loss, report.loss.toFixed(3), t.judge.lossHelp, report.intervals.loss, three),
      ),
      h("p", { class: "help" }, t.judge.intervalHelp),
      labelTable(t, report),
    ),
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

function mistakesOf({ store, t }: Studio, judge: JudgeState): (HTMLElement | false)[] {
  const shown = judge.wrong.filter(
    (row) => judge.filter === "" || row.label === judge.filter || row.predicted === judge.filter,
  );
  const filter = select(
    [{ value: "", text: t.judge.allLabels }, ...judge.labels.map((value) => ({ value, text: value }))],
    judge.filter,
    (value) => store.patch("judge", { filter: value }),
  );
  filter.id = "wrong-filter";
  const percent = (score: number): string => `${Math.round(score * 100)} %`;
  return [
    block(
      t.judge.wrongTitle,
      failureBox(t, judge.error),
      h(
        "p",
        {},
        judge.done < judge.total
          ? t.judge.looking(judge.done, judge.total)
          : t.judge.wrongCount(judge.wrong.length, judge.total),
      ),
      judge.wrong.length > 0 &&
        h("p", { class: "row" }, h("label", { for: "wrong-filter" }, t.judge.filter), filter),
      shown.length > 0 &&
        h(
          "ul",
          { class: "mistakes" },
          ...shown
            .slice(0, ROWS_SHOWN)
            .map((row) =>
              h(
                "li",
                {},
                h("p", {}, shortened(row.text, 300)),
                h(
                  "dl",
                  {},
                  h(
                    "div",
                    {},
                    h("dt", {}, t.judge.truth),
                    h("dd", {}, row.label, " ", h("span", { class: "help" }, percent(row.labelScore))),
                  ),
                  h(
                    "div",
                    {},
                    h("dt", {}, t.judge.predicted),
                    h("dd", {}, row.predicted, " ", h("span", { class: "help" }, percent(row.score))),
                  ),
                ),
              ),
            ),
        ),
      shown.length > ROWS_SHOWN && h("p", { class: "help" }, t.judge.more(shown.length - ROWS_SHOWN)),
      h("p", { class: "help" }, t.judge.wrongHelp),
    ),
  ];
}
