/**
 * Step 2: bring labelled examples, say which column is what, see what is in them. Shows `state.data`;
 * the work is in dataset.ts.
 */
import {
  addFiles,
  addSample,
  removeFile,
  setColumns,
  setHeader,
  setRole,
  setSplitSeed,
  trainFile,
} from "../../actions/dataset.ts";
import { isTraining } from "../../actions/finetune.ts";
import { currentInspection, noticesOf } from "../../actions/inspect.ts";
import { dataRecords } from "../../data/parse.ts";
import { countLabels, type Parts, type Role } from "../../data/parts.ts";
import { shortened } from "../../data/rows.ts";
import type { Dictionary } from "../../i18n/en.ts";
import type { DataState } from "../../state/state.ts";
import { barTable } from "../../widgets/bars.ts";
import { field, filePicker, h, refill, select } from "../../widgets/dom.ts";
import { failureBox, failureLine, noticeList } from "../../widgets/failure.ts";
import { block, dropZone, nextLink, type Studio, scrolling, type View } from "../view.ts";
import { kindChoice } from "./row-kinds.ts";

const PREVIEW_ROWS = 5;
const LABELS_SHOWN = 12;

export const dataStep: View = (studio) => {
  const { store, t, say, signal } = studio;
  const onFiles = (files: File[]): void => void addFiles(store, files);
  const sample = (language: "en" | "zh"): HTMLElement =>
    h(
      "button",
      { type: "button", id: `sample-${language}`, onclick: () => void addSample(store, language) },
      t.data.samples[language],
    );
  const found = h("div", { class: "result" });
  let said = "";
  store.on(
    ["data", "inspection"],
    ({ data }) => {
      refill(found, ...shown(studio, data));
      const line = data.error
        ? failureLine(t, data.error)
        : data.parts && !data.reading
          ? t.data.said(data.parts.train.length, data.parts.dev.length, data.parts.test.length)
          : "";
      if (line && line !== said) say(line);
      said = line;
    },
    signal,
  );
  return [
    h(
      "div",
      { class: "choices" },
      h(
        "section",
        { class: "choice" },
        h("h2", {}, t.data.ownTitle),
        dropZone(
          t.data.drop,
          onFiles,
          filePicker(
            t.data.pick,
            { id: "data-files", multiple: true, accept: ".csv,.tsv,.jsonl,.ndjson,.txt", primary: true },
            onFiles,
          ),
        ),
        h("p", { class: "help" }, t.data.formats),
      ),
      h(
        "section",
        { class: "choice" },
        h("h2", {}, t.data.sampleTitle),
        h("p", {}, t.data.sampleText),
        h("div", { class: "row" }, sample("en"), sample("zh")),
        h("p", { class: "help" }, t.data.sampleNote),
      ),
    ),
    found,
  ];
};

function shown(studio: Studio, data: DataState): (HTMLElement | false)[] {
  const { t, store } = studio;
  if (data.reading && data.files.length === 0) return [h("p", { class: "block" }, t.data.reading)];
  const error = failureBox(t, data.error);
  if (data.files.length === 0) return [error];
  const changed = isTraining(store) && h("p", { class: "help" }, t.data.whileTraining);
  const columns = trainFile(data.files)?.table.columns ?? [];
  return [
    error,
    block(
      t.data.filesTitle,
      changed,
      fileTable(studio, data),
      columnChoice(studio, data, columns),
      kindChoice(studio, data, columns),
      preview(t, data),
    ),
    data.notices.length > 0 && block(t.data.noticesTitle, noticeList(t, data.notices)),
    reportOf(studio),
    data.parts ? block(t.data.labelsTitle(data.parts.labels.length), labelBars(t, data.parts)) : false,
    data.parts ? block(t.data.splitTitle, splitBar(studio, data, data.parts)) : false,
    data.parts
      ? nextLink(t, store.state.model.phase === "ready" ? "train" : "load")
      : h("p", { class: "help" }, t.data.blocked),
  ];
}

/** The data report's findings; nothing where there are none. */
function reportOf({ store, t }: Studio): HTMLElement | false {
  const inspection = currentInspection(store.state);
  if (inspection === undefined) return false;
  if (inspection.phase === "working") return h("p", { class: "help" }, t.data.inspecting);
  const list = failureBox(t, inspection.error) || noticeList(t, noticesOf(t, inspection));
  return list && block(t.data.reportTitle, list);
}

function fileTable({ store, t }: Studio, data: DataState): HTMLElement {
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

function columnChoice({ store, t }: Studio, data: DataState, columns: readonly string[]): HTMLElement {
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

function preview(t: Dictionary, data: DataState): HTMLElement | false {
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

function labelBars(t: Dictionary, parts: Parts): HTMLElement {
  const counts = countLabels([...parts.train, ...parts.dev, ...parts.test]);
  const most = Math.max(...counts.values());
  const bars = parts.labels.map((name) => ({
    name,
    value: String(counts.get(name) ?? 0),
    share: (counts.get(name) ?? 0) / most,
  }));
  const table = (some: typeof bars): HTMLElement =>
    barTable(t.data.labelsCaption, t.data.label, t.data.rows, some);
  return h(
    "div",
    {},
    table(bars.slice(0, LABELS_SHOWN)),
    bars.length > LABELS_SHOWN &&
      h(
        "details",
        { id: "more-labels" },
        h("summary", {}, t.data.moreLabels(bars.length - LABELS_SHOWN)),
        table(bars.slice(LABELS_SHOWN)),
      ),
  );
}

/** The three parts as one bar, with the seed that draws them where the page made them. */
function splitBar({ store, t }: Studio, data: DataState, parts: Parts): HTMLElement {
  const sizes = { train: parts.train.length, dev: parts.dev.length, test: parts.test.length };
  const bar = h("div", { class: "split", "aria-hidden": "true" });
  for (const [name, size] of Object.entries(sizes)) {
    const piece = h("span", { class: `split-${name}` });
    piece.style.flexGrow = String(size);
    if (size > 0) bar.append(piece);
  }
  const seed = h("input", {
    type: "number",
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    step: 1,
    value: data.splitSeed,
    onchange: () => {
      if (seed.validity.valid && seed.value !== "") setSplitSeed(store, Number(seed.value));
    },
  });
  return h(
    "div",
    {},
    bar,
    h(
      "ul",
      { class: "split-key" },
      ...(["train", "dev", "test"] as const).map((part) =>
        h(
          "li",
          {},
          h("span", { class: `swatch split-${part}`, "aria-hidden": "true" }),
          h(
            "span",
            {},
            h("strong", {}, `${t.roles[part]} ${sizes[part]}`),
            " ",
            h("span", { class: "help" }, t.data.partHelp[part]),
          ),
        ),
      ),
    ),
    data.files.length === 1 && field("split-seed", t.data.seed, seed, t.data.seedHelp),
  );
}
