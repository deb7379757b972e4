/**
 * A text to try: its answer comes as it is typed, with the example that is the most alike, and a wrong one is put right by a
 * press. Shows `state.bench`.
 */
import { setTried } from "../../actions/bench.ts";
import { addExamples } from "../../actions/examples.ts";
import { labelsOf } from "../../data/parts.ts";
import { shortened } from "../../data/rows.ts";
import type { Answer } from "../../state/bench.ts";
import { answersByTraining } from "../../state/selectors.ts";
import type { State } from "../../state/state.ts";
import { barTable } from "../../widgets/bars.ts";
import { fill, h, refill, select } from "../../widgets/dom.ts";
import type { Studio } from "../view.ts";

const BARS_SHOWN = 5;
/** Labels that have a button each; more are a choice. */
const MOST_BUTTONS = 6;
/** Below this, or so close to the second, the first label is no answer. */
const SURE = 0.5;
const APART = 0.1;
/** Labels that are named where the model is not sure. */
const LEADING = 3;

export function tryPanel(studio: Studio): HTMLElement {
  const { store, t, say, signal } = studio;
  const text = h("textarea", {
    rows: 2,
    id: "bench-text",
    "aria-describedby": "bench-text-help",
    value: store.state.bench.text,
    oninput: () => setTried(store, { text: text.value }),
  });
  const pair = h("input", {
    type: "text",
    id: "bench-pair",
    value: store.state.bench.textPair,
    oninput: () => setTried(store, { textPair: pair.value }),
  });
  const pairField = h("div", { class: "field" }, h("label", { for: "bench-pair" }, t.bench.textPair), pair);
  const answer = h("div", { class: "stack", id: "bench-answer" });
  let shown: Answer | undefined;
  let idle: string | undefined;
  store.on(
    ["bench", "data", "model", "training"],
    (state) => {
      const { bench, data } = state;
      pairField.hidden = data.parts?.pairs !== true;
      if (bench.answer) {
        idle = undefined;
        if (bench.answer !== shown) refill(answer, ...answerOf(studio, bench.answer));
        if (bench.answer.text !== shown?.text) say(saidOf(t, bench.answer));
      } else {
        const now = bench.text.trim() === "" ? "" : noAnswer(t, state);
        const toUse = h("a", { href: "#use", id: "bench-to-use" }, t.frame.goTo(t.steps.use.name));
        const link = now === t.bench.severalLabels && h("p", {}, toUse);
        if (idle !== now) fill(answer, now !== "" && h("p", { class: "help" }, now), link);
        idle = now;
      }
      shown = bench.answer;
    },
    signal,
  );
  return h(
    "section",
    { class: "block bench-try", "aria-labelledby": "bench-try-title" },
    h("h2", { id: "bench-try-title" }, t.bench.tryIt),
    h(
      "div",
      { class: "field" },
      h("label", { for: "bench-text" }, t.bench.text),
      text,
      h("p", { class: "help", id: "bench-text-help" }, t.bench.textHelp),
    ),
    pairField,
    answer,
  );
}

/** What stands where there is no answer. */
function noAnswer(t: Studio["t"], state: State): string {
  if (state.bench.asking) return t.bench.asking;
  if (state.data.parts?.multiLabel !== true) return t.bench.notYet;
  return answersByTraining(state) ? t.bench.severalLabels : t.bench.multiLabel;
}

function isSure([first, second]: Answer["scores"]): boolean {
  return first !== undefined && first.score >= SURE && first.score - (second?.score ?? 0) >= APART;
}

/** The answer in one line, as it is spoken. */
function saidOf(t: Studio["t"], { scores }: Answer): string {
  const leading = scores
    .slice(0, isSure(scores) ? 1 : LEADING)
    .map(({ label, score }) => t.bench.sure(label, t.wholePercent(score)));
  return isSure(scores) ? leading.join("") : t.bench.unsure(leading);
}

function answerOf(studio: Studio, answer: Answer): (HTMLElement | false)[] {
  const { t } = studio;
  const { scores, like, by, because } = answer;
  const [first] = scores;
  if (first === undefined) return [];
  const sure = isSure(scores);
  const bars = scores.slice(0, BARS_SHOWN).map(({ label, score }, at) => ({
    name: label,
    value: t.wholePercent(score),
    share: score,
    strong: sure && at === 0,
  }));
  return [
    h(
      "p",
      { class: "verdict" },
      sure ? h("strong", { dir: "auto" }, first.label) : saidOf(t, answer),
      sure && ` ${t.wholePercent(first.score)}`,
    ),
    h("div", { class: "scores" }, barTable(t.bench.scores, t.data.label, t.use.score, bars)),
    because !== undefined && h("p", { id: "bench-because" }, t.bench.because(because)),
    like !== undefined &&
      h(
        "p",
        { class: "help" },
        t.bench.like(shortened(like.row.text, 90), t.rowKinds.list(labelsOf(like.row))),
      ),
    by === "trained" && h("p", { class: "help" }, t.bench.byTrained),
    putRight(
      studio,
      scores.map(({ label }) => label),
    ),
  ];
}

function putRight({ store, t, say }: Studio, labels: readonly string[]): HTMLElement {
  const add = (label: string): void => {
    const { answer, text } = store.state.bench;
    const { pairs } = store.state.data.parts ?? { pairs: false };
    const row = { text: answer?.text ?? text, ...(pairs ? { textPair: answer?.textPair ?? "" } : {}), label };
    const origin = answer?.scores[0]?.label === label ? "confirmed" : "corrected";
    addExamples(store, [row], origin);
    say(t.bench.addedTo(label));
  };
  const choices =
    labels.length <= MOST_BUTTONS
      ? labels.map((label) =>
          h(
            "button",
            {
              type: "button",
              class: "right-label",
              id: `right-${encodeURIComponent(label)}`,
              onclick: () => add(label),
            },
            t.bench.right(label),
          ),
        )
      : choiceOf(t, labels, add);
  return h(
    "div",
    { role: "group", "aria-label": t.bench.wrong, class: "put-right" },
    h("p", { class: "help" }, t.bench.wrong),
    h("div", { class: "actions" }, ...choices),
  );
}

/** A choice of very many labels, and the button that adds: an arrow key alone must not. */
function choiceOf(t: Studio["t"], labels: readonly string[], add: (label: string) => void): HTMLElement[] {
  const options = [
    { value: "", text: t.bench.chooseLabel },
    ...labels.map((value) => ({ value, text: value })),
  ];
  const choice = select(options, "", () => {});
  choice.id = "right-choice";
  choice.setAttribute("aria-label", t.bench.wrong);
  const press = (): void => (choice.value === "" ? choice.focus() : add(choice.value));
  return [choice, h("button", { type: "button", id: "right-add", onclick: press }, t.bench.add)];
}
