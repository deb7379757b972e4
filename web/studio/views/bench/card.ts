/**
 * A label as a card: its name and count, a field for its next example, its examples, and what can be done with it.
 */
import { addExamples, removeLabel, renameLabel } from "../../actions/examples.ts";
import { addPasted } from "../../actions/pasting.ts";
import type { Example } from "../../data/edits.ts";
import { readPasted } from "../../data/pasted.ts";
import type { Store } from "../../state/store.ts";
import { fill, h, select } from "../../widgets/dom.ts";
import { virtualList } from "../../widgets/virtual-list.ts";
import type { Studio } from "../view.ts";
import { goToLabel } from "./go-to-label.ts";
import { exampleRow, offerLabels, ROW_PIXELS } from "./rows.ts";

/** Rows in sight in a card. */
const ROWS_SHOWN = 4;

export interface LabelCard {
  element: HTMLElement;
  /** `rows` are those that match what is looked for; `count` counts all. A press opens or closes the card until `open` changes. */
  update(rows: readonly Example[], count: number, open: boolean): void;
}

export function labelCard(studio: Studio, label: string, labels: () => readonly string[]): LabelCard {
  const { store, t, say } = studio;
  const input = h("input", {
    type: "text",
    class: "new-example",
    "aria-label": t.bench.newExample(label),
    placeholder: t.bench.placeholder,
    autocomplete: "off",
    "data-label": label,
    oninput: () => setDraft(store, label, input.value),
    onpaste: (event) => pasteInto(studio, label, event as ClipboardEvent),
  });
  const form = h(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        const text = input.value.trim();
        // An empty line ends the label: the next one follows.
        if (text === "") document.getElementById("new-label")?.focus();
        else addExamples(store, [{ text, label }], "typed");
        input.value = "";
        setDraft(store, label, "");
      },
    },
    input,
  );
  const list = virtualList<Example>(
    t.bench.rowsOf(label),
    { rowPixels: ROW_PIXELS, mostRows: ROWS_SHOWN },
    (example) => exampleRow(studio, label, labels, example),
  );
  const name = h("button", { type: "button", class: "card-name" }, h("bdi", {}, label));
  const number = h("span", { class: "count" });
  const inside = h("div", { class: "card-inside" }, form, list.element);
  const more = menuOf(studio, label, labels, say);
  const element = h(
    "section",
    { class: "card", "aria-label": label },
    h("div", { class: "card-head" }, h("h3", {}, name), number, more.element),
    inside,
  );
  let [isOpen, byItself, offered]: [boolean, boolean?, string?] = [false];
  let found: readonly Example[] = [];
  const draw = (): void => {
    name.setAttribute("aria-expanded", String(isOpen));
    inside.hidden = !isOpen;
    if (!isOpen) return;
    list.update(found);
    const now = labels().join("\n");
    if (now !== offered)
      for (const choice of inside.querySelectorAll<HTMLSelectElement>(".row-label"))
        if (choice !== document.activeElement) offerLabels(choice, labels(), label);
    offered = now;
  };
  name.addEventListener("click", () => {
    isOpen = !isOpen;
    draw();
  });
  return {
    element,
    update: (rows, count, open) => {
      const draft = store.state.drafts.examples.get(label) ?? "";
      // A label that was joined with this one brings its own.
      if (input.value !== draft) input.value = draft;
      fill(number, count.toLocaleString(t.htmlLang));
      more.update(count);
      if (open !== byItself) [isOpen, byItself] = [open, open];
      found = rows;
      draw();
    },
  };
}

function setDraft(store: Store, label: string, text: string): void {
  const examples = new Map(store.state.drafts.examples).set(label, text);
  if (text === "") examples.delete(label);
  store.patch("drafts", { examples });
}

/** What is typed for a label goes with its name, behind what is typed for the label that has it. */
function moveDraft(store: Store, from: string, to: string): void {
  const { examples } = store.state.drafts;
  const typed = [examples.get(to), examples.get(from)].filter((text) => text !== undefined);
  setDraft(store, from, "");
  setDraft(store, to, typed.join(" "));
}

/** Lines that are pasted into the field become examples of the label, or bring labels of their own. */
function pasteInto(studio: Studio, label: string, event: ClipboardEvent): void {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!/[\n\r\t]/.test(text.trim())) return;
  event.preventDefault();
  void addPasted(studio.store, readPasted(text), label).then((n) => studio.say(studio.t.bench.added(n)));
}

function menuOf(
  { store, t }: Studio,
  label: string,
  labels: () => readonly string[],
  say: (text: string) => void,
): { element: HTMLElement; update(count: number): void } {
  const name = h("input", {
    type: "text",
    value: label,
    "aria-label": t.bench.rename,
    autocomplete: "off",
    required: true,
  });
  /** The card of the name takes the focus, since this one is gone. */
  const renameTo = (to: string): void => {
    if (to === "" || to === label) return;
    say(t.bench.renamed(label, to));
    moveDraft(store, label, to);
    renameLabel(store, label, to);
    goToLabel(store, to);
  };
  const remove = h("button", {
    type: "button",
    class: "label-remove",
    onclick: () => {
      say(t.bench.labelRemoved(label));
      removeLabel(store, label);
      document.getElementById("bench-undo")?.focus();
    },
  });
  const joinTo = h("div", { class: "row" });
  const element = h(
    "details",
    {
      class: "card-more",
      ontoggle: () => {
        const others = labels().filter((each) => each !== label);
        const options = [
          { value: "", text: t.bench.chooseLabel },
          ...others.map((value) => ({ value, text: value })),
        ];
        // An arrow key chooses at once: the button joins.
        const other = select(options, "", () => {});
        const join = h("button", { type: "button", onclick: () => renameTo(other.value) }, t.bench.join);
        const choice = h("label", { class: "row" }, t.bench.joinWith, other);
        fill(joinTo, ...(others.length > 0 ? [choice, join] : []));
      },
    },
    h("summary", { "aria-label": t.bench.moreOf(label) }, t.bench.more),
    h(
      "form",
      {
        class: "row",
        onsubmit: (event) => {
          event.preventDefault();
          // To a browser, spaces are a value.
          name.value = name.value.trim();
          if (name.reportValidity()) renameTo(name.value);
        },
      },
      name,
      h("button", { type: "submit" }, t.bench.renameDo),
    ),
    joinTo,
    remove,
  );
  return {
    element,
    update: (count) => fill(remove, t.bench.removeLabel(count)),
  };
}
