/**
 * The mistakes of the model: each row with its true and its predicted labels. Part of step 4's view.
 */
import { shortened } from "../../data/rows.ts";
import type { Dictionary } from "../../i18n/en.ts";
import type { EvaluationState, Mistake } from "../../state/evaluation.ts";
import { h, select } from "../../widgets/dom.ts";
import { failureBox } from "../../widgets/failure.ts";
import { block } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";

const ROWS_SHOWN = 100;

export function mistakesOf({ store, t }: Studio, evaluation: EvaluationState): (HTMLElement | false)[] {
  const has = (entries: Mistake["truth"]): boolean =>
    entries.some(({ label }) => label === evaluation.filter);
  const shown = evaluation.wrong.filter(
    (row) => evaluation.filter === "" || has(row.truth) || has(row.predicted),
  );
  const filter = select(
    [
      { value: "", text: t.evaluation.allLabels },
      ...evaluation.labels.map((value) => ({ value, text: value })),
    ],
    evaluation.filter,
    (value) => store.patch("evaluation", { filter: value }),
  );
  filter.id = "wrong-filter";
  return [
    block(
      t.evaluation.wrongTitle,
      failureBox(t, evaluation.error),
      h(
        "p",
        {},
        evaluation.done < evaluation.total
          ? t.evaluation.looking(evaluation.done, evaluation.total)
          : t.evaluation.wrongCount(evaluation.wrong.length, evaluation.total),
      ),
      evaluation.wrong.length > 0 &&
        h("p", { class: "row" }, h("label", { for: "wrong-filter" }, t.evaluation.filter), filter),
      shown.length > 0 &&
        h(
          "ul",
          { class: "mistakes" },
          ...shown
            .slice(0, ROWS_SHOWN)
            .map((row) => mistake(t, row, evaluation.report?.threshold !== undefined)),
        ),
      shown.length > ROWS_SHOWN && h("p", { class: "help" }, t.evaluation.more(shown.length - ROWS_SHOWN)),
      h("p", { class: "help" }, t.evaluation.wrongHelp),
    ),
  ];
}

function mistake(
  t: Dictionary,
  { text, textPair, truth, predicted }: Mistake,
  multiLabel: boolean,
): HTMLElement {
  return h(
    "li",
    {},
    h(
      "div",
      {},
      h("p", {}, shortened(text, 300)),
      textPair !== undefined && h("p", { class: "help" }, shortened(textPair, 300)),
    ),
    h(
      "dl",
      {},
      h("div", {}, h("dt", {}, multiLabel ? t.rowKinds.truth : t.evaluation.truth), ...named(t, truth)),
      h("div", {}, h("dt", {}, t.evaluation.predicted), ...named(t, predicted)),
    ),
  );
}

/** Each label with its score, one per line. */
function named(t: Dictionary, labels: Mistake["truth"]): HTMLElement[] {
  if (labels.length === 0) return [h("dd", {}, t.rowKinds.none)];
  return labels.map(({ label, score }) =>
    h("dd", {}, label, " ", h("span", { class: "help" }, `${Math.round(score * 100)} %`)),
  );
}
