/**
 * Takes tag names, attributes and children; gives DOM elements.
 * The only way this page makes elements: strings become text nodes, so that no cell, label, file
 * name or error can become markup. May not read state, speak a language or touch the network.
 */

export type Child = Node | string | number | false | null | undefined;

type Listener = (event: Event) => void;
type Value = string | number | boolean | null | undefined | Listener;

/**
 * Makes one element. `on…` attributes are listeners; `true` sets an empty attribute, and "true" for `aria-…`, where an empty
 * one means false; `false`, `null` and `undefined` leave it out; `value` and `checked` are set as properties.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Value> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") Reflect.set(element, name, value);
    else element.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : String(value));
  }
  fill(element, ...children);
  return element;
}

/** Replaces the children of an element. */
export function fill(element: Element, ...children: readonly Child[]): void {
  const nodes: (Node | string)[] = [];
  for (const child of children) {
    if (child === false || child === null || child === undefined) continue;
    nodes.push(typeof child === "number" ? String(child) : child);
  }
  element.replaceChildren(...nodes);
}

/** A labelled control: the label above, one line of help below, tied together for screen readers. */
export function field(id: string, label: string, control: HTMLElement, help?: string): HTMLElement {
  control.id = id;
  if (help) control.setAttribute("aria-describedby", `${id}-help`);
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    control,
    help && h("p", { class: "help", id: `${id}-help` }, help),
  );
}

/** A drop-down of plain values. */
export function select(
  options: readonly { value: string; text: string }[],
  chosen: string | undefined,
  onChange: (value: string) => void,
): HTMLSelectElement {
  const element = h("select", {
    onchange: () => onChange(element.value),
  });
  for (const { value, text } of options) element.append(h("option", { value, dir: "auto" }, text));
  if (chosen !== undefined) element.value = chosen;
  return element;
}

/**
 * `fill` for a part with controls: the one with the focus keeps it, by its id, and open details stay open. Where it is gone,
 * the heading of the part takes the focus, or else that of the step.
 */
export function refill(element: Element, ...children: readonly Child[]): void {
  const within = element.contains(document.activeElement);
  const focused = within ? document.activeElement?.id : undefined;
  const open = new Set([...element.querySelectorAll("details[open][id]")].map((each) => each.id));
  fill(element, ...children);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  if (!within || element.contains(document.activeElement)) return;
  const part = element.closest(".block") ?? element;
  const heading = part.querySelector<HTMLElement>("h2") ?? document.getElementById("step-heading");
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({ preventScroll: true });
}
