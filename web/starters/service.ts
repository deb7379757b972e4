/**
 * Customer service: the intent of a message with a reply, or a person where the message is unlike the examples or the answer is
 * not sure.
 */
import { barTable } from "../studio/widgets/bars.ts";
import { h } from "../studio/widgets/dom.ts";
import { MESSAGES } from "./data/service.ts";
import { asking, nextSteps, type Starter, started } from "./frame.ts";
import { rowsOf, taught } from "./model.ts";

type Intent = keyof Starter["t"]["service"]["intents"];

export function service(starter: Starter): HTMLElement[] {
  const { t } = starter;
  const words = t.service;
  const limit = h("input", { type: "range", id: "limit", min: 0, max: 95, step: 5, value: 60 });
  const shown = h("output", { for: "limit" }, t.percent(0.6));
  limit.addEventListener("input", () => {
    shown.textContent = t.percent(Number(limit.value) / 100);
  });
  const app = started(
    starter,
    words.title,
    words.lead,
    (progress) => taught(rowsOf(MESSAGES), progress),
    (classifier) => [
      ...asking(t, words, async (text) => {
        const { label, score, scores, unsure } = await classifier.classify(text);
        const person = unsure === true || score < Number(limit.value) / 100;
        const bars = scores.map((each) => ({
          name: words.intents[each.label as Intent],
          value: t.percent(each.score),
          share: each.score,
          strong: !person && each.label === label,
        }));
        return [
          h(
            "p",
            { class: "verdict" },
            h("strong", {}, person ? words.person : words.intents[label as Intent]),
          ),
          person
            ? h("p", {}, words.why)
            : h("p", {}, `${words.reply}: `, h("q", {}, words.replies[label as Intent])),
          h("div", { class: "scores" }, barTable(t.score, t.label, t.score, bars)),
        ];
      }),
      h("p", { class: "row" }, h("label", { for: "limit" }, words.limit), limit, shown),
    ],
  );
  return [app, nextSteps(t, words.steps)];
}
