/**
 * The lesson's labels, a card each: its examples to edit and delete, their number, and a field for a new one. Cards are
 * made anew when the lesson changes; the focus stays where the pupil is.
 */
import { fill, h } from "../../studio/widgets/dom.ts";
import type { Example } from "../lesson.ts";
import type { Desk } from "../state.ts";

/** Examples of a label that are shown at first, and more with each press. */
const SHOWN = 6;

export interface Cards {
  element: HTMLElement;
  draw(focus?: string): void;
}

/** `changed` hears of each change of the lesson. */
export function cards(desk: Desk, changed: () => void): Cards {
  const { t, lesson } = desk;
  const element = h("div", { class: "cards", part: "labels" });
  const shown = new Map<string, number>();
  const draw = (focus?: string): void => {
    const fields = () => [...element.querySelectorAll<HTMLInputElement>('input[data-key^="new "]')];
    const typed = new Map(fields().map(({ dataset, value }) => [dataset.key, value]));
    fill(element, ...lesson.labels.map(card));
    // What is half typed elsewhere stays.
    for (const field of fields()) field.value = typed.get(field.dataset.key) ?? "";
    if (focus === undefined) return;
    const all = [...element.querySelectorAll<HTMLElement>("[data-key]")];
    all.find((each) => each.dataset.key === focus)?.focus();
  };
  const redraw = (focus?: string): void => {
    draw(focus);
    changed();
  };

  function card(label: string): HTMLElement {
    const examples = lesson.of(label);
    const most = shown.get(label) ?? SHOWN;
    const field = h("input", {
      "data-key": `new ${label}`,
      "aria-label": t.newExample(label),
      placeholder: t.newExample(label),
    });
    const add = (): void => {
      if (!lesson.add(field.value, label)) {
        field.focus();
        return;
      }
      shown.set(label, Math.max(most, examples.length + 1));
      field.value = "";
      redraw(`new ${label}`);
    };
    onEnter(field, add);
    return h(
      "section",
      { class: "card", part: "label", "aria-label": label },
      h(
        "div",
        { class: "line" },
        h("div", {}, h("h3", {}, label), h("p", { class: "soft", part: "count" }, t.count(examples.length))),
        !desk.settings.locked &&
          cross(t.removeLabel(label), () => {
            lesson.removeLabel(label);
            desk.say(t.removed);
            redraw("undo");
          }),
      ),
      h("ul", {}, ...examples.slice(0, most).map((example, at) => line(example, at))),
      examples.length > most &&
        h(
          "button",
          {
            type: "button",
            "data-key": `more ${label}`,
            onclick: () => {
              shown.set(label, most * 4);
              draw(`new ${label}`);
            },
          },
          t.more(examples.length - most),
        ),
      h(
        "div",
        { class: "line" },
        field,
        h("button", { type: "button", class: "small", onclick: add }, t.add),
      ),
    );
  }

  function line(example: Example, at: number): HTMLElement {
    const field = h("textarea", {
      rows: 1,
      value: example.text,
      "aria-label": t.exampleOf(example.label, at + 1),
    });
    onEnter(field, () => field.blur());
    field.addEventListener("change", () => {
      if (field.value.trim() === "") field.value = example.text;
      else example.text = field.value.trim();
      deleting.setAttribute("aria-label", t.remove(example.text));
      changed();
    });
    const remove = () => {
      lesson.remove(example);
      desk.say(t.removed);
      redraw(`new ${example.label}`);
    };
    const deleting = cross(t.remove(example.text), remove);
    return h("li", { class: "line" }, field, deleting);
  }

  return { element, draw };
}

export function onEnter(field: HTMLElement, act: () => void): void {
  field.addEventListener("keydown", (event) => {
    // Enter also ends the composition of a Chinese word; Safari tells so by the old code alone.
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    act();
  });
}

function cross(label: string, act: () => void): HTMLElement {
  return h(
    "button",
    { type: "button", class: "small", "aria-label": label, onclick: act },
    h("span", { "aria-hidden": "true" }, "×"),
  );
}
