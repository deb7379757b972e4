/**
 * Answers to look at before anything is fetched: those of the page's model after training on the sample, recorded by
 * `web/scripts/record-answers.mjs`, and said to be so.
 */
import { barTable } from "../../widgets/bars.ts";
import { h, refill } from "../../widgets/dom.ts";
import type { Studio } from "../view.ts";
import recorded from "./recorded.json";

export function recordedAnswers({ t, say }: Studio): HTMLElement {
  const words = t.bench.first.recorded;
  const answer = h("div", { class: "scores", id: "recorded-answer" });
  const buttons = recorded.map(({ text, scores }) => {
    const button = h("button", { type: "button", lang: "en", "aria-pressed": "false" }, text);
    button.addEventListener("click", () => {
      show(button, scores);
      const [first] = scores;
      if (first) say(t.use.said(first.label, first.score));
    });
    return button;
  });
  const show = (button: HTMLElement, scores: (typeof recorded)[number]["scores"]): void => {
    for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    const bars = scores.map(({ label, score }, at) => ({
      name: label,
      value: t.wholePercent(score),
      share: score,
      strong: at === 0,
    }));
    refill(answer, barTable(t.bench.scores, t.data.label, t.use.score, bars));
  };
  const [first] = buttons;
  if (first && recorded[0]) show(first, recorded[0].scores);
  return h(
    "section",
    { class: "recorded", "aria-labelledby": "recorded-title" },
    h("h2", { id: "recorded-title" }, words.title),
    h("p", { class: "help" }, words.note),
    h("div", { class: "recorded-questions", role: "group", "aria-label": words.questions }, ...buttons),
    answer,
  );
}
