/**
 * The scores in full: of each label, the confusion matrix, and the reliability curve. Folded, and bounded in height, since
 * there may be hundreds of labels. Part of step 4's view.
 */
import type { Report } from "../../../src/index.ts";
import { calibrate } from "../../actions/runs.ts";
import { reliability } from "../../data/certainty.ts";
import { FEW_TEXTS } from "../../data/wilson.ts";
import type { Dictionary } from "../../i18n/en.ts";
import type { EvaluationState } from "../../state/evaluation.ts";
import { barTable } from "../../widgets/bars.ts";
import { h } from "../../widgets/dom.ts";
import { failureBox } from "../../widgets/failure.ts";
import { scrolling } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";
import { scoreCards } from "./scores.ts";

/** A matrix of more labels is too large for the page, and says less than its pairs. */
const MOST_CONFUSION = 60;

export function tablesOf(studio: Studio, evaluation: EvaluationState): HTMLElement[] {
  const { t, store } = studio;
  const tuned = store.state.training.threshold !== undefined;
  const { report, labels } = evaluation;
  if (!report) return [];
  const confusion = report.confusion.length > 0 && report.confusion.length <= MOST_CONFUSION;
  return [
    folded(
      "all-scores",
      t.evaluation.allScores,
      scoreCards(t, report, evaluation.total),
      h("p", { class: "help" }, t.evaluation.intervalHelp),
      report.threshold !== undefined &&
        h("p", { id: "threshold" }, t.rowKinds.threshold(report.threshold, tuned)),
      labelTable(t, report),
    ),
    // Multi-label predictions have no confusion matrix: no label is taken for another.
    confusion &&
      folded(
        "confusion",
        t.evaluation.confusion,
        h("p", { class: "help" }, t.evaluation.confusionHelp),
        confusionTable(t, report, labels),
      ),
    report.threshold === undefined &&
      folded("reliability", t.evaluation.reliability.title, ...reliabilityOf(studio, evaluation)),
  ].filter((part) => part !== false);
}

function folded(id: string, title: string, ...children: (HTMLElement | false)[]): HTMLElement {
  return h("details", { id, class: "block" }, h("summary", {}, h("h2", {}, title)), ...children);
}

function bounded(label: string, table: HTMLElement): HTMLElement {
  const element = scrolling(label, table);
  element.classList.add("bounded");
  return element;
}

function reliabilityOf(
  { t, store }: Studio,
  { answers, calibration }: EvaluationState,
): (HTMLElement | false)[] {
  const { reliability: words } = t.evaluation;
  const dev = store.state.training.parts?.dev.length ?? 0;
  const { bins, error } = reliability(answers);
  if (answers.length === 0) return [];
  const bars = bins.map(({ from: low, to: high, accuracy, score: certainty, count }) => ({
    name: words.bin(low, high),
    value: words.value(Math.round(accuracy * count), count),
    share: accuracy,
    mark: certainty,
    strong: true,
  }));
  return [
    h("p", { class: "help" }, words.help),
    h("div", { class: "scores" }, barTable(words.title, words.sure, words.right, bars)),
    h("p", {}, words.error(error)),
    dev > 0 &&
      h("p", { class: "help" }, dev < FEW_TEXTS ? words.calibrateFew(dev) : words.calibrateHelp(dev)),
    dev >= FEW_TEXTS &&
      h(
        "div",
        { class: "actions" },
        h(
          "button",
          {
            type: "button",
            id: "calibrate",
            "aria-disabled": calibration?.phase === "working",
            onclick: () => void calibrate(store),
          },
          calibration?.phase === "working" ? words.calibrating : words.calibrate,
        ),
        calibration?.receipt && h("span", {}, words.calibrated(calibration.receipt.temperature)),
      ),
    failureBox(t, calibration?.error),
  ];
}

function labelTable(t: Dictionary, report: Report): HTMLElement {
  const heads = [t.evaluation.precision, t.evaluation.recall, t.evaluation.f1, t.evaluation.support];
  return h(
    "div",
    { class: "stack" },
    bounded(
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
              h("th", { scope: "row" }, h("bdi", {}, line.label)),
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
  return bounded(
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
          ...labels.map((label) => h("th", { scope: "col" }, h("bdi", {}, label))),
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
            h("th", { scope: "row" }, h("bdi", {}, labels[row])),
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
