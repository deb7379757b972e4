/**
 * The answer for one text: its label, or that the model is not sure; whether it is right, and the label that is. Part of step
 * 5's view.
 */
import type { LabelledText, Prediction } from "../../../src/index.ts";
import { checkText } from "../../actions/classify.ts";
import { learnCorrections } from "../../actions/finetune.ts";
import { newRows, rowKey } from "../../data/edits.ts";
import { labelsOf } from "../../data/parts.ts";
import { isOpen } from "../../data/results.ts";
import type { Dictionary } from "../../i18n/en.ts";
import { canLearn, newerThanTraining } from "../../state/selectors.ts";
import type { State } from "../../state/state.ts";
import type { UseState } from "../../state/use.ts";
import { h } from "../../widgets/dom.ts";
import type { Studio } from "../view.ts";
import { otherLabels } from "./other-labels.ts";

/** Labels that an unsure answer names. */
const NAMED = 3;

export function answerOf(t: Dictionary, prediction: Prediction, leaveOpen: number): string {
  const { label, labels, score, scores } = prediction;
  if (labels) return `${t.rowKinds.verdict} ${t.rowKinds.list(labels)}`;
  if (prediction.unsure) return t.use.unlike(label, score);
  if (isOpen(prediction, leaveOpen)) return t.use.notSure(scores.slice(0, NAMED), scores.length > NAMED);
  return t.use.said(label, score);
}

export function verdict({ store, t }: Studio, prediction: Prediction): HTMLElement {
  const { label, labels } = prediction;
  if (isOpen(prediction, store.state.use.leaveOpen))
    return h("p", { class: "verdict" }, answerOf(t, prediction, store.state.use.leaveOpen));
  return h(
    "p",
    { class: "verdict" },
    labels ? t.rowKinds.verdict : t.use.verdict,
    " ",
    h("strong", { dir: "auto" }, t.rowKinds.list(labels ?? [label])),
  );
}

/** Whether the model in hand can learn something from what was said. A text that it is judged on teaches nothing. */
function whatItTeaches(
  state: State,
  { asked }: UseState,
  label: LabelledText["label"],
): "new" | "known" | undefined {
  // A model from elsewhere has no training rows here to keep its old answers by.
  if (state.training.phase !== "done" || asked === undefined || !canLearn(state)) return undefined;
  const { added, relabelled } = newerThanTraining(state);
  if (added + relabelled > 0) return "new";
  // The rows of the data are made again a moment after a correction, so the text is looked at itself.
  const key = rowKey(asked);
  const own = state.data.examples.find(({ row }) => rowKey(row) === key);
  if (own && own.part !== "train") return undefined;
  return newRows(state.training.parts?.train ?? [], [{ ...asked, label }]).length > 0 ? "new" : "known";
}

/** What a person says of the answer: that it is right, or which label or labels are. */
export function feedback({ store, t, say }: Studio, use: UseState): HTMLElement | false {
  const { prediction, said } = use;
  const labels = store.state.model.info?.labels ?? [];
  if (!prediction) return false;
  const shown = (label: LabelledText["label"]): string => t.rowKinds.list(labelsOf({ text: "", label }));
  const tell = (label: LabelledText["label"]): void => {
    checkText(store, label);
    say(t.use.learned(shown(label)));
    document.getElementById("use-said")?.focus();
  };
  const learn = async (): Promise<void> => {
    // The answer goes with the model that gave it, and the button with the answer.
    document.getElementById("use-text")?.focus();
    await learnCorrections(store);
    const { learned } = store.state.evaluation;
    if (learned) say(t.evaluation.learned(learned.rows, learned.before, learned.after));
  };
  if (said !== undefined) {
    const teaches = whatItTeaches(store.state, use, said);
    return h(
      "div",
      { class: "actions", id: "use-said", tabindex: -1 },
      h("span", {}, t.use.learned(shown(said))),
      teaches === "known" && h("span", {}, t.use.knows),
      teaches === "new" &&
        h("button", { type: "button", id: "use-learn", onclick: () => void learn() }, t.evaluation.learn),
    );
  }
  const given = prediction.labels ?? prediction.label;
  const right = t.use.isRight(shown(given));
  return h(
    "div",
    { class: "actions" },
    h("button", { type: "button", id: "use-right", onclick: () => tell(given) }, right),
    otherLabels(t, { id: "use", text: use.asked?.text ?? "", labels, given }, tell),
  );
}
