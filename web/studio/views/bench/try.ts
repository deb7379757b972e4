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
import { fill, h, select } from "../../widgets/dom.ts";
import type { Studio } from "../view.ts";

const BARS_SHOWN = 5;
/** Labels that have a button each; more are a choice. */
const MOST_BUTTONS = 6;
/** Below this, or so close to the second, the first label is no answer. */
const SURE = 0.5;
const APART = 0.1;

export function tryPanel(studio: Studio): HTMLElement {
  const { store, t, signal } = studio;
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
  const answer = h("div", { class: "stack", id: "bench-answer", "aria-live": "polite" });
  let shown: Answer | undefined;
  let idle: string | undefined;
  store.on(
    ["bench", "data", "model"],
    ({ bench, data }) => {
      pairField.hidden = data.parts?.pairs !== true;
      if (bench.answer) {
        idle = undefined;
        if (bench.answer !== shown) fill(answer, ...answerOf(studio, bench.answer));
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

function answerOf(studio: Studio, { scores, like, by }: Answer): (HTMLElement | false)[] {
  const { t } = studio;
  const percent = (score: number): string => `${Math.round(score * 100)} %`;
  const [first, second] = scores;
  if (first === undefined) return [];
  const sure = first.score >= SURE && first.score - (second?.score ?? 0) >= APART;
  const bars = scores.slice(0, BARS_SHOWN).map(({ label, score }, at) => ({
    name: label,
    value: percent(score),
    share: score,
    strong: sure && at === 0,
  }));
  const leading = scores.slice(0, 3).map(({ label, score }) => t.bench.sure(label, percent(score)));
  return [
    h(
      "p",
      { class: "verdict" },
      sure ? h("strong", {}, first.label) : t.bench.unsure(leading.join("; ")),
      sure && ` ${percent(first.score)}`,
    ),
    h("div", { class: "scores" }, barTable(t.bench.scores, t.data.label, t.use.score, bars)),
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
            { type: "button", class: "right-label", onclick: () => add(label) },
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
