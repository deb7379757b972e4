/**
 * The choice of what is right where the model is wrong: one label, or any number of them for a model that gives several. Part of
 * step 5's view.
 */
import type { LabelledText } from "../../../src/index.ts";
import type { Dictionary } from "../../i18n/en.ts";
import { h, select } from "../../widgets/dom.ts";

type Label = LabelledText["label"];

interface Choice {
  /** Of the elements, which begin with it. */
  id: string;
  text: string;
  /** What the model can say. */
  labels: readonly string[];
  /** What it said. */
  given: Label;
}

/** A folded choice; `tell` gets what was chosen. */
export function otherLabels(t: Dictionary, choice: Choice, tell: (label: Label) => void): HTMLElement {
  const { id, given } = choice;
  return h(
    "details",
    { id: `${id}-wrong` },
    h("summary", {}, t.use.isWrong),
    typeof given === "string" ? one(t, choice, tell) : several(t, choice, given, tell),
  );
}

function one(t: Dictionary, { id, text, labels, given }: Choice, tell: (label: Label) => void): HTMLElement {
  const others = labels.filter((label) => label !== given);
  const choice = select(
    others.map((value) => ({ value, text: value })),
    others[0],
    () => undefined,
  );
  choice.id = `${id}-label`;
  choice.setAttribute("aria-label", t.evaluation.otherFor(text.slice(0, 60)));
  const set = h("button", { type: "button", id: `${id}-set`, onclick: () => tell(choice.value) }, t.use.set);
  return h("p", { class: "row" }, choice, set);
}

/** Boxes, with those ticked that the model said. */
function several(
  t: Dictionary,
  { id, text, labels }: Choice,
  given: readonly string[],
  tell: (label: Label) => void,
): HTMLElement {
  const chosen = new Set(given);
  const boxes = labels.map((label) => {
    const box = h("input", {
      type: "checkbox",
      value: label,
      checked: chosen.has(label),
      onchange: () => (box.checked ? chosen.add(label) : chosen.delete(label)),
    });
    return h("label", { class: "row" }, box, h("bdi", {}, label));
  });
  return h(
    "div",
    { class: "stack" },
    h(
      "div",
      { class: "label-boxes", role: "group", "aria-label": t.evaluation.otherFor(text.slice(0, 60)) },
      ...boxes,
    ),
    h(
      "button",
      {
        type: "button",
        id: `${id}-set`,
        onclick: () => tell(labels.filter((label) => chosen.has(label))),
      },
      t.use.setSeveral,
    ),
  );
}
