/**
 * The examples of the bench: their labels as cards, what brings more of them, search and undo. Cards stay in place over changes,
 * so that who types is not disturbed. Shows `state.data`; the work is in actions/examples.ts.
 */
import { addFiles, addSample } from "../../actions/dataset.ts";
import { sampleLanguage } from "../../actions/default-model.ts";
import { addLabel, undoExamples } from "../../actions/examples.ts";
import type { Example } from "../../data/edits.ts";
import { indexOf } from "../../data/example-index.ts";
import { TABLE_FILES } from "../../data/reading/decode.ts";
import { inOrder } from "../../data/reading/label-order.ts";
import type { DataState } from "../../state/data.ts";
import { losesExamples } from "../../state/selectors.ts";
import { fill, h, refill } from "../../widgets/dom.ts";
import { failureBox, noticeList } from "../../widgets/failure.ts";
import { filePicker } from "../../widgets/files.ts";
import type { Studio } from "../view.ts";
import { type LabelCard, labelCard } from "./card.ts";
import { goToLabel } from "./go-to-label.ts";
import { pastePanel } from "./paste.ts";

/** Cards that stand open at first; of more labels each is opened by its name. */
const OPEN_CARDS = 8;
/** Cards in the page; the others are found by name. */
const MOST_CARDS = 60;
/** Examples from which on there is something to look for. */
const WORTH_A_SEARCH = 10;

export function examplesPanel(studio: Studio): HTMLElement {
  const { store, t, signal } = studio;
  const counts = h("p", { class: "help", id: "bench-counts" });
  const problems = h("div", { class: "stack" });
  const cards = h("div", { class: "cards" });
  const hidden = h("p", { class: "help" });
  let shown = new Map<string, LabelCard>();
  let order: readonly string[] = [];
  let seen: unknown[] = [];
  store.on(
    ["data", "bench"],
    ({ data, bench }) => {
      const now = [data.examples, data.edits, bench.search, data.notices, data.error, data.reading];
      if (now.every((value, at) => value === seen[at])) return;
      seen = now;
      order = labelsInOrder(data);
      const wanted = bench.search.trim().toLowerCase();
      const found = matching(data, wanted);
      const all = indexOf(data.examples).byLabel;
      const named = (label: string): boolean => wanted !== "" && label.toLowerCase().includes(wanted);
      const listed = wanted ? order.filter((label) => found.has(label) || named(label)) : [...order];
      const sought = (label: string): boolean => label === bench.search;
      listed.sort((a, b) => Number(sought(b)) - Number(sought(a)));
      const next = new Map<string, LabelCard>();
      const open = listed.length <= OPEN_CARDS || wanted !== "";
      for (const label of listed.slice(0, MOST_CARDS)) {
        const card = shown.get(label) ?? labelCard(studio, label, () => order);
        next.set(label, card);
        const own = all.get(label) ?? [];
        const rows = sought(label) ? own : (found.get(label) ?? (named(label) ? own : []));
        card.update(rows, own.length, open);
      }
      for (const [label, { element }] of shown) if (!next.has(label)) element.remove();
      let before: Element | null = null;
      for (const { element } of next.values()) {
        const place: Element | null = before ? before.nextElementSibling : cards.firstElementChild;
        if (place !== element) cards.insertBefore(element, place);
        before = element;
      }
      shown = next;
      fill(hidden, listed.length > MOST_CARDS && t.bench.labelsHidden(listed.length - MOST_CARDS));
      fill(
        counts,
        wanted
          ? t.bench.found([...found.values()].reduce((sum, rows) => sum + rows.length, 0))
          : t.bench.counts(order.length, data.examples.length),
      );
      refill(problems, ...problemsOf(studio, data));
    },
    signal,
  );
  return h(
    "section",
    { class: "block bench-examples", "aria-labelledby": "bench-examples-title" },
    h("div", { class: "bench-head" }, h("h2", { id: "bench-examples-title" }, t.bench.examples), counts),
    toolbar(studio),
    problems,
    newLabel(studio),
    cards,
    hidden,
  );
}

/** Labels that a person made, then those of files in their order. */
function labelsInOrder({ examples, edits }: DataState): string[] {
  const labels = new Set(indexOf(examples).byLabel.keys());
  for (const label of edits.cards) labels.delete(label);
  return [...edits.cards, ...inOrder([...labels])];
}

/** The rows of each label whose texts have what is looked for. */
function matching({ examples }: DataState, wanted: string): ReadonlyMap<string, readonly Example[]> {
  const { byLabel } = indexOf(examples);
  if (wanted === "") return byLabel;
  const has = ({ row: { text, textPair = "" } }: Example): boolean =>
    text.toLowerCase().includes(wanted) || textPair.toLowerCase().includes(wanted);
  const found = [...byLabel].map(([label, rows]) => [label, rows.filter(has)] as const);
  return new Map(found.filter(([, rows]) => rows.length > 0));
}

function newLabel({ store, t, signal }: Studio): HTMLElement {
  const input = h("input", {
    type: "text",
    id: "new-label",
    autocomplete: "off",
    "aria-describedby": "new-label-help",
    value: store.state.drafts.newLabel,
    oninput: () => store.patch("drafts", { newLabel: input.value }),
  });
  const help = h("p", { class: "help", id: "new-label-help" });
  store.on(
    ["data"],
    ({ data }) => {
      const first = data.edits.cards.length === 0 && data.examples.length === 0;
      fill(help, first ? t.bench.firstLabelHelp : t.bench.newLabelHelp);
    },
    signal,
  );
  return h(
    "form",
    {
      class: "new-label",
      onsubmit: (event) => {
        event.preventDefault();
        const label = input.value.trim();
        if (label === "") return;
        input.value = "";
        store.patch("drafts", { newLabel: "" });
        addLabel(store, label);
        goToLabel(store, label);
      },
    },
    h("label", { for: "new-label" }, t.bench.newLabel),
    h("div", { class: "row" }, input, h("button", { type: "submit", id: "add-label" }, t.bench.addLabel)),
    help,
  );
}

function toolbar(studio: Studio): HTMLElement {
  const { store, t, language, say, signal } = studio;
  const undo = h(
    "button",
    {
      type: "button",
      id: "bench-undo",
      onclick: () => {
        if (store.state.data.past.length === 0) return;
        say(t.bench.undone);
        undoExamples(store);
      },
    },
    t.bench.undo,
  );
  store.on(
    ["data"],
    ({ data }) => undo.setAttribute("aria-disabled", String(data.past.length === 0)),
    signal,
  );
  const search = h("input", {
    type: "search",
    id: "bench-search",
    "aria-label": t.bench.search,
    placeholder: t.bench.search,
    value: store.state.bench.search,
    oninput: () => store.patch("bench", { search: search.value }),
  });
  store.on(
    ["data", "bench"],
    ({ data, bench }) => {
      const labels = indexOf(data.examples).byLabel.size + data.edits.cards.length;
      const few = data.examples.length < WORTH_A_SEARCH && labels <= OPEN_CARDS;
      search.hidden = few && bench.search === "";
      // A finding of the data report looks for its text here.
      if (search.value !== bench.search) search.value = bench.search;
    },
    signal,
  );
  const paste = pastePanel(studio);
  const sample = h(
    "button",
    {
      type: "button",
      id: "bench-sample",
      onclick: () => {
        if (losesExamples(store.state) && !confirm(t.project.ask.sample)) return;
        void addSample(store, sampleLanguage(store.state, language));
      },
    },
    t.bench.sampleTaken,
  );
  return h(
    "div",
    { class: "stack bench-tools" },
    h(
      "div",
      { class: "actions" },
      paste.button,
      filePicker(t.bench.file, { id: "bench-file", multiple: true, accept: TABLE_FILES }, (files) => {
        void addFiles(store, files);
      }),
      sample,
      undo,
    ),
    paste.element,
    search,
  );
}

/** What stands in the way of a file, with the way to where it is mended. */
function problemsOf({ store, t }: Studio, data: DataState): (HTMLElement | false)[] {
  const blocking = data.files.length > 0 ? data.notices.filter(({ level }) => level === "error") : [];
  const link = h("a", { href: "#data", class: "quiet-link" }, t.bench.columns);
  return [
    data.reading && h("p", { class: "help" }, t.data.reading),
    failureBox(t, data.error),
    blocking.length > 0 &&
      h(
        "div",
        { class: "stack notice-line" },
        h("p", {}, t.bench.blocked),
        noticeList(t, blocking),
        h("p", {}, h("a", { class: "button", href: "#data" }, t.bench.toColumns)),
      ),
    data.files.length > 0 &&
      h("p", { class: "help" }, data.files.map(({ table }) => table.name).join(", "), " · ", link),
    store.state.data.parts?.multiLabel === true && h("p", { class: "help" }, t.bench.multiLabel),
  ];
}
