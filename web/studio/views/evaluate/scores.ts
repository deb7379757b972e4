/**
 * Takes a report, single-label or multi-label; gives its scores as cards, each with its interval. Part of step 4's
 * view.
 */
import type { Report } from "../../../src/index.ts";
import { wilson } from "../../data/wilson.ts";
import type { Dictionary } from "../../i18n/en.ts";
import { h } from "../../widgets/dom.ts";

type Score = keyof Report["intervals"];

const three = (value: number): string => value.toFixed(3);

export function scoreCards(t: Dictionary, report: Report, texts: number): HTMLElement {
  const card = (score: Score, name: string, help: string, write = three): HTMLElement => {
    // The headline has the same interval.
    const [low, high] =
      score === "accuracy" ? wilson(Math.round(report.accuracy * texts), texts) : report.intervals[score];
    return h(
      "div",
      { class: "figure" },
      h("p", { class: "figure-name" }, name),
      h("p", { class: "figure-value" }, write(report[score])),
      h("p", { class: "figure-range" }, t.evaluation.interval(write(low), write(high))),
      h("p", { class: "help" }, help),
    );
  };
  const cards =
    report.threshold === undefined
      ? [card("accuracy", t.evaluation.accuracy, t.evaluation.accuracyHelp, t.percent)]
      : [
          card("microF1", t.rowKinds.microF1, t.rowKinds.microF1Help),
          card("accuracy", t.rowKinds.exact, t.rowKinds.exactHelp, t.percent),
        ];
  return h(
    "div",
    { class: "figures" },
    ...cards,
    card("macroF1", t.evaluation.macroF1, t.evaluation.macroF1Help),
    card("loss", t.evaluation.loss, t.evaluation.lossHelp),
  );
}
