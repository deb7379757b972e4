/**
 * The answer for one text: its label, or that the model is not sure; whether it is right, and the label that is. Part of step
 * 5's view.
 */
import type { Prediction } from "../../../src/index.ts";
import { checkText } from "../../actions/classify.ts";
import { learnCorrections } from "../../actions/finetune.ts";
import { isOpen } from "../../data/results.ts";
import type { Dictionary } from "../../i18n/en.ts";
import type { UseState } from "../../state/use.ts";
import { h, select } from "../../widgets/dom.ts";
import type { Studio } from "../view.ts";

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
    h("strong", {}, t.rowKinds.list(labels ?? [label])),
  );
}

/** What a person says of the answer. A model that gives several labels is corrected in step 2. */
export function feedback({ store, t, say }: Studio, use: UseState): HTMLElement | false {
  const { prediction, said } = use;
  const labels = store.state.model.info?.labels ?? [];
  if (!prediction || prediction.labels) return false;
  const tell = (label: string): void => {
    checkText(store, label);
    say(t.use.learned(label));
    document.getElementById("use-said")?.focus();
  };
  // A model from elsewhere has no training rows here to keep its old answers by.
  const learnable = store.state.training.phase === "done" && labels.includes(said ?? "");
  const learn = async (): Promise<void> => {
    await learnCorrections(store);
    const { learned } = store.state.evaluation;
    if (learned) say(t.evaluation.learned(learned.rows, learned.before, learned.after));
  };
  if (said !== undefined)
    return h(
      "div",
      { class: "actions", id: "use-said", tabindex: -1 },
      h("span", {}, t.use.learned(said)),
      learnable &&
        h("button", { type: "button", id: "use-learn", onclick: () => void learn() }, t.evaluation.learn),
    );
  return h(
    "div",
    { class: "actions" },
    h(
      "button",
      { type: "button", id: "use-right", onclick: () => tell(prediction.label) },
      t.use.isRight(prediction.label),
    ),
    otherLabel(
      t,
      "use",
      use.text,
      labels.filter((label) => label !== prediction.label),
      tell,
    ),
  );
}

/** A folded choice of another label. */
export function otherLabel(
  t: Dictionary,
  id: string,
  text: string,
  labels: readonly string[],
  tell: (label: string) => void,
): HTMLElement {
  const choice = select(
    labels.map((value) => ({ value, text: value })),
    labels[0],
    () => undefined,
  );
  choice.id = `${id}-label`;
  choice.setAttribute("aria-label", t.evaluation.otherFor(text.slice(0, 60)));
  return h(
    "details",
    { id: `${id}-wrong` },
    h("summary", {}, t.use.isWrong),
    h(
      "p",
      { class: "row" },
      choice,
      h("button", { type: "button", id: `${id}-set`, onclick: () => tell(choice.value) }, t.use.set),
    ),
  );
}
