/**
 * Takes names with numbers; gives a table whose rows carry bars: a chart and its own text in one.
 */
import { h } from "./dom.ts";

interface Bar {
  name: string;
  /** The text beside the bar. */
  value: string;
  /** Length of the bar, 0 to 1. */
  share: number;
  strong?: boolean;
  /** Position of a mark on the bar, 0 to 1. */
  mark?: number | undefined;
}

export function barTable(
  caption: string,
  nameHead: string,
  valueHead: string,
  bars: readonly Bar[],
): HTMLElement {
  return h(
    "table",
    { class: "bars" },
    h("caption", { class: "visually-hidden" }, caption),
    h(
      "thead",
      { class: "visually-hidden" },
      h("tr", {}, h("th", { scope: "col" }, nameHead), h("th", { scope: "col" }, valueHead)),
    ),
    h(
      "tbody",
      {},
      ...bars.map((bar) =>
        h(
          "tr",
          { class: bar.strong ? "strong" : false },
          h("th", { scope: "row" }, h("span", { class: "bar-name", dir: "auto" }, bar.name)),
          h("td", {}, meter(bar), h("span", { class: "bar-value" }, bar.value)),
        ),
      ),
    ),
  );
}

/** The bar alone. Its length is set through the style object, which the page's security policy allows. */
function meter({ share, mark }: Bar): HTMLElement {
  const filled = h("span", { class: "bar-filled" });
  filled.style.inlineSize = `${Math.max(0, Math.min(1, share)) * 100}%`;
  const line = mark !== undefined && h("span", { class: "bar-mark" });
  if (line) line.style.insetInlineStart = `${(mark ?? 0) * 100}%`;
  return h("span", { class: "bar", "aria-hidden": "true" }, filled, line);
}

/** A progress bar; without a total it shows only that work is running. */
export function progressBar(label: string, done: number, total: number | undefined): HTMLElement {
  const bar = h("progress", {
    "aria-label": label,
    max: total ? total : false,
    value: total ? done : undefined,
  });
  return bar;
}
