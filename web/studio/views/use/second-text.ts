/**
 * What step 5 adds for a model that reads pairs: a second text, a second column. Takes and sets `state.use`.
 */
import { classifyText, stopFile } from "../../actions/classify.ts";
import { noRows, type UseState } from "../../state/use.ts";
import { field, h, select } from "../../widgets/dom.ts";
import type { Studio } from "../view.ts";

/** The value for "no column": column names are never empty. */
const NONE = "";

export function secondText({ store, t }: Studio): HTMLElement {
  const text = h("textarea", {
    rows: 2,
    value: store.state.use.textPair,
    placeholder: t.use.placeholder,
    oninput: () => store.patch("use", { textPair: text.value }),
    onkeydown: (event) => {
      if (event instanceof KeyboardEvent && event.key === "Enter" && (event.ctrlKey || event.metaKey))
        void classifyText(store);
    },
  });
  return field("use-text-pair", t.rowKinds.pairColumn, text);
}

export function secondColumn({ store, t }: Studio, use: UseState, columns: readonly string[]): HTMLElement {
  const options = [
    { value: NONE, text: t.rowKinds.none },
    ...columns.filter((name) => name !== use.column).map((value) => ({ value, text: value })),
  ];
  const column = select(options, use.pairColumn ?? NONE, (value) =>
    store.patch("use", { ...noRows(), pairColumn: value === NONE ? undefined : value }),
  );
  column.disabled = use.running;
  return field("use-pair-column", t.rowKinds.pairColumn, column);
}

/** Shown for a model trained elsewhere, which does not say whether it reads pairs. One trained here is known. */
export function pairSwitch({ store, t }: Studio): HTMLElement | false {
  if (store.state.training.parts !== undefined) return false;
  const toggle = h("input", {
    type: "checkbox",
    id: "use-pairs",
    checked: store.state.use.pairs,
    onchange: () => {
      stopFile();
      store.patch("use", { ...noRows(), pairs: toggle.checked, prediction: undefined });
    },
  });
  return h("p", {}, h("label", { class: "check", for: "use-pairs" }, toggle, t.rowKinds.twoTexts));
}
