/**
 * Takes nothing; gives the types every step's view shares, and the two pieces all steps end or begin
 * with: the way on to the next step, and what to show where an earlier step is missing.
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
  /** Says a line through the live region. For ends and failures, not for every step of a run. */
  say: (text: string) => void;
  /** Aborted when the view is taken away. */
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

/** What stands in a step that has nothing to work on yet, and the way to where that is made. */
export function waitingFor(t: Dictionary, text: string, step: Step): HTMLElement {
  return h(
    "div",
    { class: "empty" },
    h("p", {}, text),
    h("p", {}, h("a", { class: "button", href: `#${step}` }, t.frame.goTo(t.steps[step].name))),
  );
}
