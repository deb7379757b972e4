/**
 * A panel of step 2 for rows with a second text or several labels. It opens where one of them is chosen or likely.
 * Takes and sets `state.data`.
 */
import { setColumns, trainFile } from "../../actions/dataset.ts";
import { LIST, SEPARATORS, type Separator, splitLabels } from "../../data/reading/separator.ts";
import type { DataState } from "../../state/data.ts";
import { field, h, select } from "../../widgets/dom.ts";
import type { Studio } from "../view.ts";

/** The values for "none" and "one": column names are never empty. */
const NONE = "";
const ONE = "";

export function kindChoice({ store, t }: Studio, data: DataState, columns: readonly string[]): HTMLElement {
  const { pairColumn, separator, likely } = data;
  const others = columns.filter((column) => column !== data.textColumn && column !== data.labelColumn);
  const pair = select(
    [{ value: NONE, text: t.rowKinds.none }, ...others.map((value) => ({ value, text: value }))],
    pairColumn ?? NONE,
    (value) => setColumns(store, { pairColumn: value === NONE ? undefined : value }),
  );
  const table = trainFile(data.files)?.table;
  const listed = table?.lists.includes(table.columns.indexOf(data.labelColumn ?? "")) === true;
  const labels = select(
    [
      { value: ONE, text: t.rowKinds.one },
      ...(listed ? [{ value: LIST, text: t.rowKinds.listed }] : []),
      ...SEPARATORS.map((value) => ({ value, text: t.rowKinds.split(value) })),
    ],
    separator ?? ONE,
    (value) => setColumns(store, { separator: value === ONE ? undefined : (value as Separator) }),
  );
  const offered = likely !== undefined && separator === undefined;
  return h(
    "details",
    { id: "row-kinds", open: offered || separator !== undefined || pairColumn !== undefined },
    h("summary", {}, t.rowKinds.summary),
    h(
      "div",
      {},
      offered &&
        h(
          "p",
          { class: "notice-line" },
          t.rowKinds.likely(likely.example, splitLabels(likely.example, likely.separator).length),
        ),
      h(
        "div",
        { class: "fields" },
        field("pair-column", t.rowKinds.pairColumn, pair, t.rowKinds.pairColumnHelp),
        field("label-separator", t.rowKinds.labelsARow, labels, t.rowKinds.labelsARowHelp),
      ),
    ),
  );
}
