/**
 * Folded away in step 5, where the model can do it: the likeliest words in a blank. Shows `state.filling`; the work is in
 * filling.ts.
 */
import { BLANK, fillBlanks } from "../../actions/fill-mask.ts";
import type { FillingState } from "../../state/masked-lm.ts";
import { canFill, isPretraining } from "../../state/selectors.ts";
import { barTable } from "../../widgets/bars.ts";
import { field, h, refill } from "../../widgets/dom.ts";
import { failureBox, failureLine } from "../../widgets/failure.ts";
import type { Studio } from "../view.ts";

export function fillPanel(studio: Studio): HTMLElement {
  const { store, t, say, signal } = studio;
  const text = h("input", {
    type: "text",
    autocomplete: "off",
    placeholder: t.fill.placeholder,
    value: store.state.filling.text,
    oninput: () => store.patch("filling", { text: text.value }),
  });
  const insert = (): void => {
    text.setRangeText(BLANK, text.selectionStart ?? 0, text.selectionEnd ?? 0, "end");
    store.patch("filling", { text: text.value });
    text.focus();
  };
  const button = h("button", { type: "submit", class: "primary", id: "fill" }, t.fill.button);
  const form = h(
    "form",
    {
      class: "stack",
      onsubmit: (event) => {
        event.preventDefault();
        if (!isPretraining(store.state)) void fillBlanks(store);
      },
    },
    field("fill-text", t.fill.text, text),
    h(
      "div",
      { class: "actions" },
      button,
      h("button", { type: "button", id: "fill-insert", onclick: insert }, t.fill.insert),
    ),
  );
  const outcome = h("div", { class: "scores stack", id: "fill-words" });
  let { blanks, error } = store.state.filling;
  store.on(
    ["filling"],
    ({ filling }) => {
      button.setAttribute("aria-disabled", String(filling.busy));
      refill(outcome, ...outcomeOf(studio, filling));
      if (filling.blanks && filling.blanks !== blanks)
        say(t.fill.said(filling.blanks.map((words) => words[0]?.token_str ?? "")));
      if (filling.error && filling.error !== error) say(failureLine(t, filling.error));
      ({ blanks, error } = filling);
    },
    signal,
  );
  const panel = h(
    "details",
    { class: "block", id: "fill-panel", open: !store.state.model.usable || blanks !== undefined },
    h("summary", {}, t.fill.title),
    h("div", { class: "stack" }, h("p", {}, t.fill.help), form, outcome),
  );
  store.on(
    ["model"],
    (state) => {
      panel.hidden = !canFill(state);
    },
    signal,
  );
  return panel;
}

function outcomeOf({ t }: Studio, { blanks, busy, error }: FillingState): (HTMLElement | false)[] {
  if (error) return [failureBox(t, error)];
  if (busy && blanks === undefined) return [h("p", { class: "help", role: "status" }, t.fill.working)];
  if (blanks === undefined) return [];
  const several = blanks.length > 1;
  return [
    ...blanks.flatMap((words, index) => [
      several && h("p", {}, h("strong", {}, t.fill.blank(index + 1))),
      barTable(
        several ? t.fill.blank(index + 1) : t.fill.words,
        t.fill.word,
        t.fill.share,
        words.map(({ token_str, score }, rank) => ({
          name: token_str,
          value: `${(score * 100).toFixed(1)} %`,
          share: score,
          strong: rank === 0,
        })),
      ),
    ]),
    blanks.flat().some(({ token_str }) => token_str.startsWith("##")) &&
      h("p", { class: "help" }, t.fill.piece),
  ];
}
