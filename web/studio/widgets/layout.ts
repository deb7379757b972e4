/**
 * Blocks with a heading, and tables that scroll within themselves.
 */
import { type Child, h } from "./dom.ts";

/** A block of a step, with its own heading. */
export function block(title: string, ...children: Child[]): HTMLElement {
  return h("section", { class: "block" }, h("h2", {}, title), ...children);
}

/** A table that scrolls within itself on a narrow screen, by keyboard too. */
export function scrolling(label: string, table: HTMLElement): HTMLElement {
  return h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": label }, table);
}
