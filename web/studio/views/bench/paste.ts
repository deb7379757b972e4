/**
 * A panel to paste rows into: two columns of a spreadsheet, or a text a line for one label.
 */
import { addPasted } from "../../actions/pasting.ts";
import { readPasted } from "../../data/pasted.ts";
import { field, h } from "../../widgets/dom.ts";
import type { Studio } from "../view.ts";

export function pastePanel({ store, t, say }: Studio): { button: HTMLElement; element: HTMLElement } {
  const words = t.bench.paste;
  const found = h("p", { class: "help", role: "status" });
  const label = h("input", {
    type: "text",
    id: "paste-label",
    list: "paste-labels",
    autocomplete: "off",
    value: store.state.drafts.pasteLabel,
    oninput: () => store.patch("drafts", { pasteLabel: label.value }),
  });
  const offered = h("datalist", { id: "paste-labels" });
  const labelField = h(
    "div",
    { class: "field" },
    h("label", { for: "paste-label" }, words.label),
    label,
    offered,
  );
  const add = h("button", { type: "submit", class: "primary", id: "paste-add" });
  const text = h("textarea", {
    rows: 4,
    value: store.state.drafts.paste,
    oninput: () => {
      store.patch("drafts", { paste: text.value });
      look();
    },
  });
  const look = (): void => {
    const { rows, texts, left, taken } = readPasted(text.value);
    const labels = new Set(rows.map((row) => row.label)).size;
    const one = rows.length === 0;
    const what = one ? words.texts(texts.length) : words.rows(rows.length, labels, left);
    const columns = taken && !one ? words.taken(taken.text, taken.label) : "";
    found.textContent = text.value.trim() === "" ? "" : what + columns;
    labelField.hidden = !one || texts.length === 0;
    label.required = !labelField.hidden;
    add.textContent = words.add(rows.length + texts.length);
    add.setAttribute("aria-disabled", String(rows.length + texts.length === 0));
  };
  const open = (): void => {
    const { cards } = store.state.data.edits;
    offered.replaceChildren(...cards.slice(0, 50).map((value) => h("option", { value })));
    element.hidden = false;
    button.setAttribute("aria-expanded", "true");
    look();
  };
  const close = (): void => {
    text.value = "";
    label.value = "";
    store.patch("drafts", { paste: "", pasteLabel: "" });
    element.hidden = true;
    button.setAttribute("aria-expanded", "false");
    button.focus();
  };
  const element = h(
    "form",
    {
      class: "stack paste-panel",
      id: "paste-panel",
      onsubmit: (event) => {
        event.preventDefault();
        const pasted = readPasted(text.value);
        if (pasted.rows.length + pasted.texts.length === 0) return;
        // To a browser, spaces are a value.
        label.value = label.value.trim();
        if (!label.reportValidity()) return;
        void addPasted(store, pasted, label.value.trim()).then((n) => say(t.bench.added(n)));
        close();
      },
    },
    field("paste-text", words.text, text, words.help),
    found,
    labelField,
    h("div", { class: "actions" }, add, h("button", { type: "button", onclick: close }, words.close)),
  );
  element.hidden = true;
  const button = h(
    "button",
    {
      type: "button",
      id: "bench-paste",
      "aria-expanded": "false",
      "aria-controls": "paste-panel",
      onclick: () => {
        if (!element.hidden) return close();
        open();
        text.focus();
      },
    },
    words.title,
  );
  if (store.state.drafts.paste !== "") open();
  return { button, element };
}
