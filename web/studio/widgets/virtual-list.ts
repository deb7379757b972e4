/**
 * A list of any length of which only the rows in sight are in the page. Each row has the same height. Takes how a row is made;
 * knows no state.
 */
import { h } from "./dom.ts";

/** Rows above and below those in sight, so that Tab and a quick scroll find them. */
const BEYOND = 4;

export interface VirtualList<Item> {
  element: HTMLElement;
  /** Shows these items. A row stays the same element as long as its item is the same object. */
  update(items: readonly Item[]): void;
}

export function virtualList<Item extends object>(
  label: string,
  { rowPixels, mostRows }: { rowPixels: number; mostRows: number },
  rowOf: (item: Item) => HTMLElement,
): VirtualList<Item> {
  const list = h("ul", { class: "virtual-rows", "aria-label": label });
  const element = h("div", { class: "virtual" }, list);
  let items: readonly Item[] = [];
  let rows = new Map<Item, HTMLElement>();
  const draw = (): void => {
    const first = Math.max(0, Math.floor(element.scrollTop / rowPixels) - BEYOND);
    const last = Math.min(items.length, first + mostRows + 2 * BEYOND);
    const shown = new Map<Item, HTMLElement>();
    for (let at = first; at < last; at++) {
      const item = items[at] as Item;
      const row = rows.get(item) ?? rowOf(item);
      row.setAttribute("aria-posinset", String(at + 1));
      row.setAttribute("aria-setsize", String(items.length));
      shown.set(item, row);
    }
    for (const [item, row] of rows) if (shown.get(item) !== row) row.remove();
    // What is in place already is left there: a row that is moved loses the focus.
    let before: Element | null = null;
    for (const row of shown.values()) {
      const next: Element | null = before ? before.nextElementSibling : list.firstElementChild;
      if (next !== row) list.insertBefore(row, next);
      before = row;
    }
    rows = shown;
    list.style.paddingBlockStart = `${first * rowPixels}px`;
    list.style.paddingBlockEnd = `${(items.length - last) * rowPixels}px`;
  };
  element.style.maxBlockSize = `${mostRows * rowPixels}px`;
  element.addEventListener("scroll", draw, { passive: true });
  return {
    element,
    update: (next) => {
      items = next;
      element.hidden = items.length === 0;
      draw();
    },
  };
}
