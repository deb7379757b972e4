/**
 * What all starters share: a block with a start button that shows progress and failures, and the next steps.
 */

import { progressBar } from "../studio/widgets/bars.ts";
import { fill, h } from "../studio/widgets/dom.ts";
import { block } from "../studio/widgets/layout.ts";
import type { Words } from "./words.ts";

export interface Starter {
  t: Words;
  say: (text: string) => void;
  /** Aborts when the starter is removed, as by another language. */
  signal: AbortSignal;
}

/** A block whose content comes once `prepare` is done: it opens the model, and is told how far that is. */
export function started<T>(
  { t, say, signal }: Starter,
  title: string,
  lead: string,
  prepare: (progress: (share: number | undefined) => void) => Promise<T>,
  content: (made: T) => HTMLElement[],
): HTMLElement {
  const body = h("div", { class: "stack" });
  const progress = (share: number | undefined): void =>
    fill(
      body,
      h("p", {}, t.loading(share)),
      progressBar(t.loading(undefined), share ?? 0, share === undefined ? undefined : 1),
    );
  const begin = async (): Promise<void> => {
    progress(undefined);
    try {
      const made = await prepare(progress);
      // In another language the starter begins anew.
      if (signal.aborted) return;
      fill(body, ...content(made));
      say(t.ready);
      body.querySelector<HTMLElement>("input, textarea")?.focus();
    } catch (error) {
      fill(body, failure(t, error), button);
    }
  };
  const button = h(
    "button",
    { type: "button", class: "primary", id: "start", onclick: () => void begin() },
    t.start,
  );
  fill(body, button);
  return block(
    title,
    h("p", {}, lead),
    t.examplesLanguage !== "" && h("p", { class: "help" }, t.examplesLanguage),
    body,
  );
}

export function failure(t: Words, error: unknown): HTMLElement {
  const { message, hint } = error as { message: string; hint?: string };
  return h(
    "div",
    { class: "failure", role: "alert" },
    h("p", {}, `${t.failed} ${message}`),
    hint !== undefined && h("p", {}, hint),
  );
}

/** Work that is counted, with a button that ends it. Out of sight until there is some. */
export function counted(
  words: { stop: string; text: (done: number, of: number) => string },
  stop: () => void,
): { element: HTMLElement; show(done: number, of: number): void; hide(): void } {
  const text = h("p");
  const bar = h("progress");
  const button = h("button", { type: "button", id: "stop", onclick: stop }, words.stop);
  const element = h("div", { hidden: true }, text, h("div", { class: "row" }, bar, button));
  return {
    element,
    show(done, of) {
      element.hidden = false;
      text.textContent = words.text(done, of);
      bar.setAttribute("aria-label", words.text(done, of));
      [bar.max, bar.value] = [of, done];
    },
    hide() {
      element.hidden = true;
    },
  };
}

export function nextSteps(t: Words, steps: readonly string[]): HTMLElement {
  return block(
    t.next,
    h("ul", { class: "answers" }, ...steps.map((step) => h("li", {}, step))),
    h("p", {}, h("a", { class: "button", href: "./index.html#bench" }, t.studio)),
  );
}

/** A form of one text. Its answer stands below, and is read aloud as it comes. */
export function asking(
  t: Words,
  words: { text: string; sample: string; ask: string },
  answer: (text: string) => Promise<(HTMLElement | false)[]>,
): HTMLElement[] {
  const input = h("input", { id: "text", value: words.sample, autocomplete: "off" });
  const shown = h("div", { class: "stack", id: "answer", role: "status" });
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (input.value.trim() === "") return;
    try {
      fill(shown, ...(await answer(input.value)));
    } catch (error) {
      fill(shown, failure(t, error));
    }
  };
  const form = h(
    "form",
    { class: "stack", onsubmit: (event) => void submit(event) },
    h("label", { for: "text" }, words.text),
    input,
    h("div", { class: "actions" }, h("button", { type: "submit", class: "primary", id: "ask" }, words.ask)),
  );
  return [form, shown];
}
