/**
 * What a person said of an answer holds as long as the examples have it: in the bench it may be undone, moved or removed. Sets
 * `state.use` and `state.evaluation`.
 */
import type { LabelledText } from "../../src/index.ts";
import { named, rowKey } from "../data/edits.ts";
import { labelsOf } from "../data/parts.ts";
import type { DataState } from "../state/data.ts";
import type { Handled } from "../state/evaluation.ts";
import type { Store } from "../state/store.ts";
import { textOfRow } from "./classify.ts";

type Label = LabelledText["label"];

/** After each change of the examples: forgets what they had before it, and have no longer. */
export function forgetTakenBack(store: Store): void {
  let before = store.state.data;
  store.on(["data"], ({ data, use, evaluation: { handled } }) => {
    const former = before;
    before = data;
    const fixed = [...handled.values()].some(({ kind }) => kind === "fixed");
    if (use.said === undefined && use.checked.size === 0 && !fixed) return;
    // What is said of a text outlasts the file that has it.
    if (data.examples === former.examples || data.files !== former.files) return;
    const [had, has] = [holder(former), holder(data)];
    const isGone = (text: string, label: Label): boolean => had(text, label) && !has(text, label);
    const { asked, said } = use;
    if (asked && said !== undefined && isGone(rowKey(asked), said)) store.patch("use", { said: undefined });
    const checked = [...use.checked].filter(([row, label]) => !isGone(rowKey(textOfRow(use, row)), label));
    if (checked.length < use.checked.size) store.patch("use", { checked: new Map(checked) });
    const isFixed = ([text, how]: [string, Handled]): boolean =>
      how.kind !== "fixed" || !isGone(text, how.label);
    const left = [...handled].filter(isFixed);
    if (left.length < handled.size) store.patch("evaluation", { handled: new Map(left) });
  });
}

/** Tells whether the examples have a text with a label. One that got another name is the same label. */
function holder({ examples, edits }: DataState): (text: string, label: Label) => boolean {
  const labels = new Map(examples.map(({ row }) => [rowKey(row), keyOf(row.label)]));
  return (text, label) =>
    [label, named(label, edits.renamed)].some((each) => keyOf(each) === labels.get(text));
}

function keyOf(label: Label): string {
  return [...labelsOf({ text: "", label })].sort().join("\n");
}
