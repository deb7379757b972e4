/**
 * The files of step 2, the roles of their columns, and their first rows. Takes and sets `state.data`.
 */
import { removeFile, setColumns, setHeader, setRole } from "../../actions/dataset.ts";
import type { Role } from "../../data/parts.ts";
import { LIST } from "../../data/reading/separator.ts";
import { dataRecords, rowCount, type Table } from "../../data/reading/table.ts";
import { unusualRecords } from "../../data/reading/unusual.ts";
import { shortened } from "../../data/rows.ts";
import type { Dictionary } from "../../i18n/en.ts";
import type { DataState } from "../../state/data.ts";
import { losesWorkOf } from "../../state/selectors.ts";
import { field, h, select } from "../../widgets/dom.ts";
import { scrolling } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";
import { byHandButton } from "./by-hand.ts";

const PREVIEW_ROWS = 5;

export function fileTable({ store, t }: Studio, data: DataState): HTMLElement {
  const alone = data.files.length === 1;
  const rows = data.files.map((file, index) => {
    const { table, role } = file;
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
      h("td", { class: "number" }, rowCount(table)),
      h("td", {}, alone ? t.data.splitBelow : part),
      h(
        "td",
        {},
        table.kind === "grid" && !table.labelledByHand
          ? h("label", { class: "check", for: `header-${index}` }, header, t.data.header)
          : table.format,
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
            onclick: () => {
              const loses = losesWorkOf(store.state.data, file);
              if (!loses || confirm(t.project.ask.hand)) removeFile(store, index);
            },
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

export function columnChoice(studio: Studio, data: DataState, columns: readonly string[]): HTMLElement {
  const { store, t } = studio;
  const options = columns.map((value) => ({ value, text: value }));
  // Where nothing is chosen, no column is shown as if it were.
  const choice = (chosen: string | undefined, onChange: (value: string) => void): HTMLSelectElement =>
    select(
      chosen === undefined ? [{ value: "", text: t.data.choose }, ...options] : options,
      chosen ?? "",
      (value) => value !== "" && onChange(value),
    );
  const label = field(
    "label-column",
    t.data.labelColumn,
    choice(data.labelColumn, (labelColumn) => setColumns(store, { labelColumn })),
    columns.length === 1 ? t.reading.delimiterHelp : t.data.labelColumnHelp,
  );
  const byHand = byHandButton(studio, data);
  if (byHand) label.append(byHand);
  return h(
    "div",
    { class: "fields" },
    field(
      "text-column",
      t.data.textColumn,
      choice(data.textColumn, (textColumn) => setColumns(store, { textColumn })),
      t.data.textColumnHelp,
    ),
    label,
  );
}

/** The first rows of the first file, and of each file whose encoding is a guess. */
export function previews(t: Dictionary, data: DataState): HTMLElement[] {
  return data.files
    .filter(({ table }, index) => index === 0 || table.guessed)
    .map(({ table }) => preview(t, data, table));
}

function preview(t: Dictionary, data: DataState, table: Table): HTMLElement {
  const unusual = table.guessed ? unusualRecords(table, PREVIEW_ROWS) : [];
  const caption = unusual.length > 0 ? t.reading.unusual : t.data.preview;
  const title = data.files.length > 1 ? t.reading.previewOf(caption, table.name) : caption;
  const rows = unusual.length > 0 ? unusual : firstRows(table);
  const mark = (column: string): string | false =>
    column === data.textColumn || column === data.pairColumn
      ? "is-text"
      : column === data.labelColumn
        ? "is-label"
        : false;
  return scrolling(
    title,
    h(
      "table",
      { class: "preview" },
      h("caption", {}, title),
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
            ...table.columns.map((column, at) =>
              h("td", { class: mark(column) }, shortened((row[at] ?? "").replaceAll(LIST, ", "))),
            ),
          ),
        ),
      ),
    ),
  );
}

function firstRows(table: Table): (readonly string[])[] {
  const rows: (readonly string[])[] = [];
  for (const [, record] of dataRecords(table)) if (rows.push(record) >= PREVIEW_ROWS) break;
  return rows;
}
