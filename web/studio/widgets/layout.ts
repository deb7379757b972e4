/**
 * Blocks with a heading, and tables that scroll within themselves.
 */
import { type Child, h } from "./dom.ts";

/** A block with a heading of its own within a step. */
export function block(title: string, ...children: Child[]): HTMLElement {
  return h("section", { class: "block" }, h("h2", {}, title), ...children);
}

/** A table that scrolls within itself on a narrow screen, reachable by keyboard for that. */
export function scrolling(label: string, table: HTMLElement): HTMLElement {
  return h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": label }, table);
}
