/**
 * Folded in step 2: what a row may have beyond a text and a label: a second text, several labels. Open where one of them
 * is chosen or likely. Takes and shows `state.data`.
 */
import { setColumns } from "../../actions/dataset.ts";
import { labelsIn, SEPARATORS, type Separator } from "../../data/separator.ts";
import type { DataState } from "../../state/data.ts";
import { field, h, select } from "../../widgets/dom.ts";
import type { Studio } from "../view.ts";

/** Stand for none and for one: column names are never empty. */
const NONE = "";
const ONE = "";

export function kindChoice({ store, t }: Studio, data: DataState, columns: readonly string[]): HTMLElement {
  const { pairColumn, separator, likely } = data;
  const others = columns.filter((column) => column !== data.textColumn && column !== data.labelColumn);
  const pair = select(
    [{ value: NONE, text: t.kinds.none }, ...others.map((value) => ({ value, text: value }))],
    pairColumn ?? NONE,
    (value) => setColumns(store, { pairColumn: value === NONE ? undefined : value }),
  );
  const labels = select(
    [
      { value: ONE, text: t.kinds.one },
      ...SEPARATORS.map((value) => ({ value, text: t.kinds.split(value) })),
    ],
    separator ?? ONE,
    (value) => setColumns(store, { separator: value === ONE ? undefined : (value as Separator) }),
  );
  const offered = likely !== undefined && separator === undefined;
  return h(
    "details",
    { id: "row-kinds", open: offered || separator !== undefined || pairColumn !== undefined },
    h("summary", {}, t.kinds.summary),
    h(
      "div",
      {},
      offered &&
        h(
          "p",
          { class: "notice-line" },
          t.kinds.likely(likely.example, labelsIn(likely.example, likely.separator).length),
        ),
      h(
        "div",
        { class: "fields" },
        field("pair-column", t.kinds.pairColumn, pair, t.kinds.pairColumnHelp),
        field("label-separator", t.kinds.labelsARow, labels, t.kinds.labelsARowHelp),
      ),
    ),
  );
}
