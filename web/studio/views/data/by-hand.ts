/**
 * Labels that a person adds to a file which has none: a few rows at a time, each with a field. Takes and sets
 * `state.data`.
 */
import { labelByHand, setHandLabel, trainFile } from "../../actions/dataset.ts";
import { handLabels } from "../../data/by-hand.ts";
import { shortened } from "../../data/rows.ts";
import { rowCount, type Table } from "../../data/table.ts";
import type { DataState } from "../../state/data.ts";
import { h } from "../../widgets/dom.ts";
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

export function byHand(studio: Studio, data: DataState): HTMLElement | false {
  const index = data.files.findIndex(({ table }) => table.labelledByHand);
  const table = data.files[index]?.table;
  if (table === undefined) return false;
  const { store, t } = studio;
  const total = rowCount(table);
  const from = Math.min(data.handPage * ROWS_SHOWN, Math.max(0, total - 1));
  const to = Math.min(from + ROWS_SHOWN, total);
  const rows = Array.from({ length: to - from }, (_, at) => rowField(studio, table, index, from + at));
  const done = table.records.slice(1).filter((record) => (record.at(-1) ?? "").trim() !== "").length;
  const go = (id: string, text: string, page: number, possible: boolean): HTMLElement | false =>
    possible &&
    h("button", { type: "button", id, onclick: () => store.patch("data", { handPage: page }) }, text);
  return block(
    t.reading.byHandTitle,
    h("p", { class: "help" }, t.reading.byHandHelp, " ", t.reading.labelled(done, total)),
    h(
      "datalist",
      { id: "hand-labels" },
      ...handLabels(table)
        .slice(0, OFFERED)
        .map((value) => h("option", { value })),
    ),
    h("div", { class: "by-hand" }, ...rows),
    h(
      "div",
      { class: "actions" },
      go("hand-earlier", t.reading.earlier, data.handPage - 1, from > 0),
      go("hand-later", t.reading.later, data.handPage + 1, to < total),
    ),
  );
}

function rowField({ store, t }: Studio, table: Table, index: number, row: number): HTMLElement {
  const record = table.records[table.records.length - rowCount(table) + row] ?? [];
  const id = `hand-${row}`;
  const input = h("input", {
    id,
    type: "text",
    list: "hand-labels",
    value: record.at(-1) ?? "",
    "aria-label": t.reading.labelOf(row + 1),
    "aria-describedby": `${id}-text`,
    autocomplete: "off",
    onchange: () => setHandLabel(store, index, row, input.value.trim()),
    onkeydown: (event) => {
      if (!(event instanceof KeyboardEvent) || event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      // Leaving the field sets its label.
      document.getElementById(`hand-${row + 1}`)?.focus();
      if (document.activeElement === input) input.blur();
    },
  });
  return h("div", { class: "by-hand-row" }, h("p", { id: `${id}-text` }, shortened(record[0] ?? "")), input);
}
