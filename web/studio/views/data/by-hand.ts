/**
 * Labels that a person adds to a file which has none: a few rows at a time, each with a field. Takes and sets
 * `state.data`.
 */
import { labelByHand, setHandLabel, trainFile } from "../../actions/dataset.ts";
import { handLabels } from "../../data/by-hand.ts";
import { rowCount, type Table } from "../../data/reading/table.ts";
import { shortened } from "../../data/rows.ts";
import type { DataState } from "../../state/data.ts";
import { fill, h } from "../../widgets/dom.ts";
import { block } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";

const ROWS_SHOWN = 10;
/** Labels that are offered while one is typed. */
const OFFERED = 50;

/** The button that begins it, beside the choice of the label column. */
export function byHandButton({ store, t }: Studio, data: DataState): HTMLElement | false {
  const file = trainFile(data.files);
  if (file?.table.columns.length !== 1) return false;
  const index = data.files.indexOf(file);
  return h(
    "button",
    { type: "button", id: "by-hand", onclick: () => labelByHand(store, index) },
    t.reading.byHand,
  );
}

/**
 * The panel, made once for a page of rows and kept over changes elsewhere: a label that is being typed stays. Gives
 * false where no file is labelled by hand.
 */
export function handPanel(studio: Studio): (data: DataState) => HTMLElement | false {
  const { t } = studio;
  const progress = h("p", { class: "help", id: "hand-progress" });
  const offered = h("datalist", { id: "hand-labels" });
  let panel: HTMLElement | false = false;
  let shown: { source?: File; page?: number } = {};
  return (data) => {
    const index = data.files.findIndex(({ table }) => table.labelledByHand);
    const table = data.files[index]?.table;
    if (table === undefined) {
      shown = {};
      return false;
    }
    const labels = handLabels(table);
    const done = table.records.slice(1).filter((record) => (record.at(-1) ?? "").trim() !== "").length;
    fill(progress, t.reading.labelled(done, rowCount(table)));
    fill(offered, ...labels.slice(0, OFFERED).map((value) => h("option", { value })));
    if (panel === false || shown.source !== table.source || shown.page !== data.handPage) {
      shown = { source: table.source, page: data.handPage };
      panel = block(
        t.reading.byHandTitle,
        h("p", { class: "help" }, t.reading.byHandHelp),
        offered,
        ...pageOf(studio, table, index, data.handPage),
        progress,
      );
    }
    return panel;
  };
}

/** One page of rows, and the buttons to those before and after it. */
function pageOf(studio: Studio, table: Table, index: number, page: number): HTMLElement[] {
  const { store, t } = studio;
  const total = rowCount(table);
  const from = page * ROWS_SHOWN;
  const to = Math.min(from + ROWS_SHOWN, total);
  const go = (id: string, text: string, to: number, possible: boolean): HTMLElement | false =>
    possible &&
    h("button", { type: "button", id, onclick: () => store.patch("data", { handPage: to }) }, text);
  return [
    h(
      "div",
      { class: "by-hand" },
      ...Array.from({ length: to - from }, (_, at) => rowField(studio, table, index, from + at)),
    ),
    h(
      "div",
      { class: "actions" },
      go("hand-earlier", t.reading.earlier, page - 1, from > 0),
      go("hand-later", t.reading.later, page + 1, to < total),
    ),
  ];
}

function rowField({ store, t }: Studio, table: Table, index: number, row: number): HTMLElement {
  const record = table.records[table.records.length - rowCount(table) + row] ?? [];
  const id = `hand-${row}`;
  let set = record.at(-1) ?? "";
  const commit = (): void => {
    const label = input.value.trim();
    if (label === set) return;
    set = label;
    // The focus moves on first.
    setTimeout(() => setHandLabel(store, index, row, label), 0);
  };
  const input = h("input", {
    id,
    type: "text",
    list: "hand-labels",
    value: set,
    "aria-label": t.reading.labelOf(row + 1),
    "aria-describedby": `${id}-text`,
    autocomplete: "off",
    onblur: commit,
    onkeydown: (event) => {
      // Safari tells of a composition that ends by the old code alone.
      if (!(event instanceof KeyboardEvent) || event.key !== "Enter") return;
      if (event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      commit();
      (document.getElementById(`hand-${row + 1}`) ?? document.getElementById("hand-later"))?.focus();
    },
  });
  return h("div", { class: "by-hand-row" }, h("p", { id: `${id}-text` }, shortened(record[0] ?? "")), input);
}
