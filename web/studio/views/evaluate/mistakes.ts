/**
 * The rows that the model got wrong, with what they are and what it said. Part of step 4's view.
 */
import { shortened } from "../../data/rows.ts";
import type { Dictionary } from "../../i18n/en.ts";
import type { JudgedRow, JudgeState } from "../../state/evaluation.ts";
import { h, select } from "../../widgets/dom.ts";
import { failureBox } from "../../widgets/failure.ts";
import { block } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";

const ROWS_SHOWN = 100;

export function mistakesOf({ store, t }: Studio, judge: JudgeState): (HTMLElement | false)[] {
  const has = (entries: JudgedRow["truth"]): boolean => entries.some(({ label }) => label === judge.filter);
  const shown = judge.wrong.filter((row) => judge.filter === "" || has(row.truth) || has(row.predicted));
  const filter = select(
    [{ value: "", text: t.judge.allLabels }, ...judge.labels.map((value) => ({ value, text: value }))],
    judge.filter,
    (value) => store.patch("judge", { filter: value }),
  );
  filter.id = "wrong-filter";
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
          ...shown.slice(0, ROWS_SHOWN).map((row) => mistake(t, row, judge.report?.threshold !== undefined)),
        ),
      shown.length > ROWS_SHOWN && h("p", { class: "help" }, t.judge.more(shown.length - ROWS_SHOWN)),
      h("p", { class: "help" }, t.judge.wrongHelp),
    ),
  ];
}

function mistake(
  t: Dictionary,
  { text, textPair, truth, predicted }: JudgedRow,
  several: boolean,
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
      h("div", {}, h("dt", {}, several ? t.kinds.truth : t.judge.truth), ...named(t, truth)),
      h("div", {}, h("dt", {}, t.judge.predicted), ...named(t, predicted)),
    ),
  );
}

/** Each label with its score, a line each. */
function named(t: Dictionary, labels: JudgedRow["truth"]): HTMLElement[] {
  if (labels.length === 0) return [h("dd", {}, t.kinds.none)];
  return labels.map(({ label, score }) =>
    h("dd", {}, label, " ", h("span", { class: "help" }, `${Math.round(score * 100)} %`)),
  );
}
