/**
 * A text to try: its answer comes as it is typed, with the example that is the most alike, and a wrong one is put right by a
 * press. Shows `state.bench`.
 */
import { setTried } from "../../actions/bench.ts";
import { addExamples } from "../../actions/examples.ts";
import { labelsOf } from "../../data/parts.ts";
import { shortened } from "../../data/rows.ts";
import type { Answer } from "../../state/bench.ts";
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
    ["bench", "data", "model"],
    ({ bench, data }) => {
      pairField.hidden = data.parts?.pairs !== true;
      if (bench.answer) {
        idle = undefined;
        if (bench.answer !== shown) refill(answer, ...answerOf(studio, bench.answer));
        if (bench.answer.text !== shown?.text) say(saidOf(t, bench.answer));
      } else {
        const now = bench.asking ? t.bench.asking : bench.text.trim() === "" ? "" : t.bench.notYet;
        if (idle !== now) fill(answer, now !== "" && h("p", { class: "help" }, now));
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

function percent(score: number): string {
  return `${Math.round(score * 100)} %`;
}

function isSure([first, second]: Answer["scores"]): boolean {
  return first !== undefined && first.score >= SURE && first.score - (second?.score ?? 0) >= APART;
}

/** The answer in one line, as it is spoken. */
function saidOf(t: Studio["t"], { scores }: Answer): string {
  const leading = scores
    .slice(0, isSure(scores) ? 1 : LEADING)
    .map(({ label, score }) => t.bench.sure(label, percent(score)));
  return isSure(scores) ? leading.join("") : t.bench.unsure(leading.join("; "));
}

function answerOf(studio: Studio, answer: Answer): (HTMLElement | false)[] {
  const { t } = studio;
  const { scores, like, by, because } = answer;
  const [first] = scores;
  if (first === undefined) return [];
  const sure = isSure(scores);
  const bars = scores.slice(0, BARS_SHOWN).map(({ label, score }, at) => ({
    name: label,
    value: percent(score),
    share: score,
    strong: sure && at === 0,
  }));
  return [
    h(
      "p",
      { class: "verdict" },
      sure ? h("strong", {}, first.label) : saidOf(t, answer),
      sure && ` ${percent(first.score)}`,
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
      : [
          (() => {
            const options = [
              { value: "", text: t.bench.chooseLabel },
              ...labels.map((value) => ({ value, text: value })),
            ];
            const choice = select(options, "", (label) => label !== "" && add(label));
            choice.setAttribute("aria-label", t.bench.wrong);
            return choice;
          })(),
        ];
  return h(
    "div",
    { role: "group", "aria-label": t.bench.wrong, class: "put-right" },
    h("p", { class: "help" }, t.bench.wrong),
    h("div", { class: "actions" }, ...choices),
  );
}
