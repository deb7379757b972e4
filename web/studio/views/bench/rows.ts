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
  const move = h("select", {
    class: "row-label",
    "aria-label": t.bench.move(short),
    onchange: () => {
      say(t.bench.moved(move.value));
      moveExamples(store, [example], label, move.value);
    },
  });
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
        const next = item.nextElementSibling ?? item.previousElementSibling;
        const beside =
          next?.querySelector<HTMLElement>(".row-remove") ?? item.closest(".card")?.querySelector("input");
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
  choice.replaceChildren(...names.map((value) => h("option", { value }, value)));
  choice.value = own;
}
