/**
 * The results of a file in step 5: how many texts got each label, the texts themselves with the least sure first, corrections,
 * and downloads.
 */
import type { LabelledText } from "../../../src/index.ts";
import { checkRow, textOfRow } from "../../actions/classify.ts";
import { labelsOf } from "../../data/parts.ts";
import { answered, isOpen, labelCounts, type Outcome } from "../../data/results.ts";
import { shortened } from "../../data/rows.ts";
import type { UseState } from "../../state/use.ts";
import { barTable } from "../../widgets/bars.ts";
import { h, select } from "../../widgets/dom.ts";
import type { Studio } from "../view.ts";
import { otherLabels } from "./other-labels.ts";
import { answerOf } from "./verdict.ts";

const ROWS_SHOWN = 20;
const BARS_SHOWN = 12;

export function outcomeOf({ store }: Studio, use: UseState): Outcome {
  const { results = [], leaveOpen, checked } = use;
  return { results, labels: store.state.model.info?.labels ?? [], leaveOpen, checked };
}

export function resultsOf(studio: Studio, use: UseState): HTMLElement[] {
  const { t } = studio;
  const outcome = outcomeOf(studio, use);
  const { counts, open } = labelCounts(outcome);
  const total = answered(outcome.results);
  const empty = outcome.results.length - total;
  const bar = ([name, rows]: [string, number]) => ({
    name,
    value: rows.toLocaleString(t.htmlLang),
    share: total > 0 ? rows / total : 0,
    strong: true,
  });
  const bars = counts.map(bar);
  const table = (some: typeof bars): HTMLElement =>
    h("div", { class: "scores" }, barTable(t.use.counts, t.data.label, t.use.rowsHead, some));
  const parts = [
    h("h3", {}, t.use.counts),
    open > 0 && h("p", {}, t.use.openRows(open)),
    empty > 0 && h("p", { id: "use-empty" }, t.use.emptyRows(empty)),
    table(bars.slice(0, BARS_SHOWN)),
    bars.length > BARS_SHOWN &&
      h(
        "details",
        { id: "use-more-labels" },
        h("summary", {}, t.data.moreLabels(bars.length - BARS_SHOWN)),
        table(bars.slice(BARS_SHOWN)),
      ),
    h("h3", {}, t.use.rowsTitle),
    filter(studio, use, outcome, open),
    ...rowsOf(studio, use, outcome),
  ];
  return parts.filter((part) => part !== false);
}

function filter({ store, t }: Studio, use: UseState, outcome: Outcome, open: number): HTMLElement {
  const choice = select(
    [
      { value: "all", text: t.use.allRows },
      ...(open > 0 ? [{ value: "open", text: t.use.openOnly }] : []),
      ...outcome.labels.map((label, at) => ({ value: `${at}`, text: label })),
    ],
    use.openOnly ? "open" : use.resultLabel === "" ? "all" : `${outcome.labels.indexOf(use.resultLabel)}`,
    (value) =>
      store.patch("use", {
        resultPage: 0,
        openOnly: value === "open",
        resultLabel: outcome.labels[Number(value)] ?? "",
      }),
  );
  choice.id = "use-filter";
  return h("p", { class: "row" }, h("label", { for: "use-filter" }, t.evaluation.filter), choice);
}

function rowsOf(studio: Studio, use: UseState, outcome: Outcome): HTMLElement[] {
  const { t, store } = studio;
  const { results, leaveOpen } = outcome;
  const rows = use.order.filter((row) => {
    const prediction = results[row];
    if (prediction === undefined) return false;
    if (use.openOnly) return isOpen(prediction, leaveOpen);
    if (use.resultLabel === "") return true;
    // What is left open counts for no label.
    return (
      !isOpen(prediction, leaveOpen) && (prediction.labels ?? [prediction.label]).includes(use.resultLabel)
    );
  });
  const first = use.resultPage * ROWS_SHOWN;
  const shown = rows.slice(first, first + ROWS_SHOWN);
  const turn = (id: string, text: string, by: number, possible: boolean): HTMLElement =>
    h(
      "button",
      {
        type: "button",
        id,
        "aria-disabled": !possible,
        onclick: () => possible && store.patch("use", { resultPage: use.resultPage + by }),
      },
      text,
    );
  const list = h(
    "ul",
    { class: "mistakes", "aria-label": t.use.rowsTitle },
    ...shown.map((row) => line(studio, use, outcome, row)),
  );
  return [
    shown.length > 0 ? list : h("p", {}, t.use.noRows),
    h(
      "div",
      { class: "actions" },
      turn("use-earlier", t.use.earlier, -1, first > 0),
      h("span", {}, t.use.page(rows.length === 0 ? 0 : first + 1, first + shown.length, rows.length)),
      turn("use-later", t.use.later, 1, first + ROWS_SHOWN < rows.length),
    ),
  ];
}

function line(studio: Studio, use: UseState, outcome: Outcome, row: number): HTMLElement {
  const { t } = studio;
  const { text, textPair } = textOfRow(use, row);
  const prediction = outcome.results[row];
  return h(
    "li",
    { id: `use-row-${row}`, tabindex: -1 },
    h(
      "div",
      {},
      h("p", {}, shortened(text, 200)),
      textPair !== undefined && h("p", { class: "help" }, shortened(textPair, 200)),
    ),
    h(
      "div",
      {},
      h("p", {}, prediction && answerOf(t, prediction, outcome.leaveOpen)),
      check(studio, outcome, row, text),
    ),
  );
}

function check({ store, t, say }: Studio, { results, labels, checked }: Outcome, row: number, text: string) {
  const prediction = results[row];
  const given = checked.get(row);
  // A row without a text is no example.
  if (prediction === undefined || text.trim() === "") return false;
  const shown = (label: LabelledText["label"]): string => t.rowKinds.list(labelsOf({ text, label }));
  if (given !== undefined) return h("span", { class: "badge" }, shown(given));
  const tell = (label: LabelledText["label"]): void => {
    checkRow(store, row, label);
    say(t.use.learned(shown(label)));
    document.getElementById(`use-row-${row}`)?.focus();
  };
  const said = prediction.labels ?? prediction.label;
  return h(
    "div",
    { class: "actions" },
    h(
      "button",
      {
        type: "button",
        class: "quiet",
        id: `use-row-${row}-right`,
        "aria-label": t.use.isRightNamed(shortened(text, 60), shown(said)),
        onclick: () => tell(said),
      },
      t.use.right,
    ),
    otherLabels(t, { id: `use-row-${row}`, text, labels, given: said }, tell),
  );
}
