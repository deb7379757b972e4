/**
 * One example in a label's card: its text, where it came from, the choice of another label, and its removal.
 */
import { moveExamples, removeExamples } from "../../actions/examples.ts";
import type { Example } from "../../data/edits.ts";
import { shortened } from "../../data/rows.ts";
import { h } from "../../widgets/dom.ts";
import type { Studio } from "../view.ts";

export const ROW_PIXELS = 44;
const SAID = 60;
/** Labels that every row offers at once. */
const MOST_OFFERED = 30;

export function exampleRow(
  { store, t, say }: Studio,
  label: string,
  labels: () => readonly string[],
  example: Example,
): HTMLElement {
  const { row, origin, part } = example;
  const text = row.textPair === undefined ? row.text : `${row.text} · ${row.textPair}`;
  const short = shortened(text, SAID);
  /** Each arrow key changes the choice: with keys it counts once Enter or another control follows. */
  let byKeys = false;
  const move = h("select", {
    class: "row-label",
    "aria-label": t.bench.move(short),
    onpointerdown: () => {
      byKeys = false;
    },
    onkeydown: (event) => {
      const { key } = event as KeyboardEvent;
      byKeys = true;
      if (key === "Escape") move.value = label;
      if (key !== "Enter" || move.value === label) return;
      event.preventDefault();
      moveOn();
    },
    onchange: () => {
      if (!byKeys) moveOn();
    },
    // The focus must have come to where it goes.
    onblur: () => setTimeout(moveOn),
  });
  const moveOn = (): void => {
    const to = move.value;
    if (to === label) return;
    move.value = label;
    const beside = item.contains(document.activeElement) ? besideIt(".row-label") : undefined;
    say(t.bench.moved(to));
    moveExamples(store, [example], label, to);
    beside?.focus({ preventScroll: true });
  };
  /** What takes the focus where the row goes: the same control of the next one, or else the search or the card's field. */
  const besideIt = (control: string): HTMLElement | null | undefined => {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    const beside = next?.querySelector<HTMLElement>(control);
    const search = document.querySelector<HTMLInputElement>("#bench-search");
    // A card without a hit is not shown.
    return (
      beside ?? (search?.value ? search : item.closest(".card")?.querySelector<HTMLElement>(".new-example"))
    );
  };
  offerLabels(move, labels(), label);
  // Of very many labels, all are offered once one is about to be chosen.
  for (const event of ["pointerdown", "focus"])
    move.addEventListener(event, () => offerLabels(move, labels(), label, Number.POSITIVE_INFINITY));
  const remove = h(
    "button",
    {
      type: "button",
      class: "quiet row-remove",
      "aria-label": t.bench.remove(short),
      onclick: () => {
        const beside = besideIt(".row-remove");
        say(t.bench.removed(1));
        removeExamples(store, [example]);
        beside?.focus({ preventScroll: true });
      },
    },
    "×",
  );
  const tag = part === "train" ? t.bench.origins[origin] : t.roles[part];
  const item = h(
    "li",
    { class: "example" },
    h("span", { class: "example-text", title: text }, text),
    h("span", { class: "tag" }, tag),
    move,
    remove,
  );
  return item;
}

/** Puts the labels into the choice of a row; where they are too many for every row, its own alone. */
export function offerLabels(
  choice: HTMLSelectElement,
  labels: readonly string[],
  own: string,
  most = MOST_OFFERED,
): void {
  const names = labels.length <= most ? labels : [own];
  choice.replaceChildren(...names.map((value) => h("option", { value, dir: "auto" }, value)));
  choice.value = own;
}
