/**
 * Takes nothing; gives what the views of all steps share: their types, the link to the next step, and the note in a
 * step that needs an earlier one first.
 */
import type { Dictionary } from "../i18n/en.ts";
import type { Language } from "../i18n/language.ts";
import type { Step } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import { h } from "../widgets/dom.ts";

export interface Studio {
  store: Store;
  t: Dictionary;
  language: Language;
  /** Announces a line in the live region: for outcomes and failures, not for every step of a run. */
  say: (text: string) => void;
  /** Aborts when the view is removed. */
  signal: AbortSignal;
}

/** Builds a step's content below its heading. */
export type View = (studio: Studio) => HTMLElement[];

export function nextLink(t: Dictionary, step: Step): HTMLElement {
  return h(
    "p",
    { class: "next" },
    h("a", { class: "button primary", href: `#${step}` }, t.frame.next(t.steps[step].name)),
  );
}

/** The note in a step that has nothing to work on yet, with a link to the step before it. */
export function waitingFor(t: Dictionary, text: string, step: Step): HTMLElement {
  return h(
    "div",
    { class: "empty" },
    h("p", {}, text),
    h("p", {}, h("a", { class: "button", href: `#${step}` }, t.frame.goTo(t.steps[step].name))),
  );
}
