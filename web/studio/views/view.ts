/**
 * Takes nothing; gives what the views of all steps share: their types, the model's name, the link to the next step, and what
 * stands in a step that needs an earlier one first.
 */
import { DEFAULT_MODEL } from "../actions/model.ts";
import type { Dictionary } from "../i18n/en.ts";
import type { Language } from "../i18n/language.ts";
import type { State, Step } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import { h, refill } from "../widgets/dom.ts";

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

/** The page's own model is named in the language that is shown, whichever it was loaded in. */
export function modelName(t: Dictionary, { source, name }: Pick<State["model"], "source" | "name">): string {
  return source === DEFAULT_MODEL ? t.load.defaultName : name;
}

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

/** What a step has to have from the steps before it; undefined once it is there. */
export type Lack = (state: Readonly<State>) => "model" | "labels" | "data" | undefined;

/**
 * A part of a step that says what it waits for, and comes by itself when that is there: somebody may go on while a model is
 * still loading. It is built again whenever what it lacks changes, until it lacks nothing; after that, when what it is made
 * `of` is another.
 */
export function onceThere(
  studio: Studio,
  lack: Lack,
  build: (studio: Studio, lacks: ReturnType<Lack>) => (HTMLElement | false)[],
  of: (state: Readonly<State>) => unknown = () => undefined,
): HTMLElement {
  const part = h("div", { class: "waits" });
  let inside = new AbortController();
  let shown: { lacks: ReturnType<Lack>; made: unknown } | undefined;
  studio.store.on(
    ["model", "data", "runs"],
    (state) => {
      const there = shown && shown.lacks === undefined;
      const [lacks, made] = [there ? undefined : lack(state), of(state)];
      if (shown && shown.lacks === lacks && shown.made === made) return;
      shown = { lacks, made };
      inside.abort();
      inside = new AbortController();
      const own = { ...studio, signal: AbortSignal.any([studio.signal, inside.signal]) };
      refill(part, ...build(own, lacks).filter((each) => each !== false));
    },
    studio.signal,
  );
  return part;
}
