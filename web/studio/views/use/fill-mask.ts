/**
 * A panel of step 5 for models with a masked-LM head: the most likely words in a blank. Shows `state.fillMask`;
 * the work is in actions/fill-mask.ts.
 */
import { BLANK, fillMask } from "../../actions/fill-mask.ts";
import type { FillMaskState } from "../../state/masked-lm.ts";
import { canFillMask, isPretraining } from "../../state/selectors.ts";
import { barTable } from "../../widgets/bars.ts";
import { field, h, refill } from "../../widgets/dom.ts";
import { failureBox, failureLine } from "../../widgets/failure.ts";
import type { Studio } from "../view.ts";

export function fillMaskPanel(studio: Studio): HTMLElement {
  const { store, t, say, signal } = studio;
  const text = h("input", {
    type: "text",
    autocomplete: "off",
    placeholder: t.fillMask.placeholder,
    value: store.state.fillMask.text,
    oninput: () => store.patch("fillMask", { text: text.value }),
  });
  const insert = (): void => {
    text.setRangeText(BLANK, text.selectionStart ?? 0, text.selectionEnd ?? 0, "end");
    store.patch("fillMask", { text: text.value });
    text.focus();
  };
  const button = h("button", { type: "submit", class: "primary", id: "fill" }, t.fillMask.button);
  const form = h(
    "form",
    {
      class: "stack",
      onsubmit: (event) => {
        event.preventDefault();
        if (!isPretraining(store.state)) void fillMask(store);
      },
    },
    field("fill-text", t.fillMask.text, text),
    h(
      "div",
      { class: "actions" },
      button,
      h("button", { type: "button", id: "fill-insert", onclick: insert }, t.fillMask.insert),
    ),
  );
  const outcome = h("div", { class: "scores stack", id: "fill-words" });
  let { blanks, error } = store.state.fillMask;
  store.on(
    ["fillMask"],
    ({ fillMask: state }) => {
      button.setAttribute("aria-disabled", String(state.busy));
      refill(outcome, ...outcomeOf(studio, state));
      if (state.blanks && state.blanks !== blanks)
        say(t.fillMask.said(state.blanks.map((words) => words[0]?.token_str ?? "")));
      if (state.error && state.error !== error) say(failureLine(t, state.error));
      ({ blanks, error } = state);
    },
    signal,
  );
  const panel = h(
    "details",
    { class: "block", id: "fill-panel", open: !store.state.model.usable || blanks !== undefined },
    h("summary", {}, t.fillMask.title),
    h("div", { class: "stack" }, h("p", {}, t.fillMask.help), form, outcome),
  );
  store.on(
    ["model"],
    (state) => {
      panel.hidden = !canFillMask(state);
    },
    signal,
  );
  return panel;
}

function outcomeOf({ t }: Studio, { blanks, busy, error }: FillMaskState): (HTMLElement | false)[] {
  if (error) return [failureBox(t, error)];
  if (busy && blanks === undefined) return [h("p", { class: "help", role: "status" }, t.fillMask.working)];
  if (blanks === undefined) return [];
  const numbered = blanks.length > 1;
  return [
    ...blanks.flatMap((words, index) => [
      numbered && h("p", {}, h("strong", {}, t.fillMask.blank(index + 1))),
      barTable(
        numbered ? t.fillMask.blank(index + 1) : t.fillMask.words,
        t.fillMask.word,
        t.fillMask.share,
        words.map(({ token_str, score }, rank) => ({
          name: token_str,
          value: t.percent(score),
          share: score,
          strong: rank === 0,
        })),
      ),
    ]),
    blanks.flat().some(({ token_str }) => token_str.startsWith("##")) &&
      h("p", { class: "help" }, t.fillMask.piece),
  ];
}
