/**
 * The files of step 2, the roles of their columns, and their first rows. Takes and sets `state.data`.
 */
import { removeFile, setColumns, setHeader, setRole } from "../../actions/dataset.ts";
import { dataRecords } from "../../data/parse.ts";
import type { Role } from "../../data/parts.ts";
import { shortened } from "../../data/rows.ts";
import type { Dictionary } from "../../i18n/en.ts";
import type { DataState } from "../../state/data.ts";
import { field, h, select } from "../../widgets/dom.ts";
import { scrolling } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";

const PREVIEW_ROWS = 5;

export function fileTable({ store, t }: Studio, data: DataState): HTMLElement {
  const alone = data.files.length === 1;
  const rows = data.files.map(({ table, role }, index) => {
    const part = select(
      (["train", "dev", "test"] as const).map((value) => ({ value, text: t.roles[value] })),
      role,
      (value) => setRole(store, index, value as Role),
    );
    part.id = `role-${index}`;
    part.setAttribute("aria-label", t.data.roleOf(table.name));
    const header = h("input", {
      type: "checkbox",
      id: `header-${index}`,
      checked: table.hasHeader,
      onchange: () => setHeader(store, index, header.checked),
    });
    return h(
      "tr",
      {},
      h("th", { scope: "row", class: "name" }, table.name),
      h("td", { class: "number" }, [...dataRecords(table)].length),
      h("td", {}, alone ? t.data.splitBelow : part),
      h(
        "td",
        {},
        table.kind === "csv"
          ? h("label", { class: "check", for: `header-${index}` }, header, t.data.header)
          : "JSONL",
      ),
      h(
        "td",
        {},
        h(
          "button",
          {
            type: "button",
            class: "quiet",
            id: `remove-${index}`,
            "aria-label": t.data.removeFile(table.name),
            onclick: () => removeFile(store, index),
          },
          t.data.remove,
        ),
      ),
    );
  });
  return scrolling(
    t.data.filesTitle,
    h(
      "table",
      { class: "of-files" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ...[t.data.file, t.data.rows, t.data.part, t.data.firstLine, ""].map((text) =>
            text ? h("th", { scope: "col" }, text) : h("td", {}),
          ),
        ),
      ),
      h("tbody", {}, ...rows),
    ),
  );
}

export function columnChoice({ store, t }: Studio, data: DataState, columns: readonly string[]): HTMLElement {
  const options = columns.map((value) => ({ value, text: value }));
  return h(
    "div",
    { class: "fields" },
    field(
      "text-column",
      t.data.textColumn,
      select(options, data.textColumn, (textColumn) => setColumns(store, { textColumn })),
      t.data.textColumnHelp,
    ),
    field(
      "label-column",
      t.data.labelColumn,
      select(options, data.labelColumn, (labelColumn) => setColumns(store, { labelColumn })),
      t.data.labelColumnHelp,
    ),
  );
}

export function preview(t: Dictionary, data: DataState): HTMLElement | false {
  const table = data.files[0]?.table;
  if (!table) return false;
  const rows: (readonly string[])[] = [];
  for (const [, record] of dataRecords(table)) if (rows.push(record) >= PREVIEW_ROWS) break;
  const mark = (column: string): string | false =>
    column === data.textColumn || column === data.pairColumn
      ? "is-text"
      : column === data.labelColumn
        ? "is-label"
        : false;
  return scrolling(
    t.data.preview,
    h(
      "table",
      { class: "preview" },
      h("caption", {}, t.data.preview),
      h(
        "thead",
        {},
        h("tr", {}, ...table.columns.map((column) => h("th", { scope: "col", class: mark(column) }, column))),
      ),
      h(
        "tbody",
        {},
        ...rows.map((row) =>
          h(
            "tr",
            {},
            ...table.columns.map((column, at) => h("td", { class: mark(column) }, shortened(row[at] ?? ""))),
          ),
        ),
      ),
    ),
  );
}
