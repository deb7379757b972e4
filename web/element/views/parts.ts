/**
 * Parts of the tag that stand in several places: a failure, work under way, the bars of a prediction.
 */
import type { BertletError, Prediction } from "../../src/index.ts";
import { fill, h } from "../../studio/widgets/dom.ts";
import { Fault, short } from "../attributes.ts";
import type { Desk, Place } from "../state.ts";
import { percent, type Strings } from "../strings/en.ts";
import type { Progress } from "../work.ts";

/** An element, and how it follows the state. */
export interface Part {
  element: HTMLElement;
  update(): void;
}

/** Under this difference of the two best scores, the answer is shown as unsure. */
const UNSURE = 0.1;
/** Estimates begin after so long. */
const SETTLED_MS = 500;

/** The errors of one place. Said at once, since it is an alert. */
export function failure(desk: Desk, place: Place, then?: HTMLElement): Part {
  const element = h("div", { role: "alert", part: "error" });
  let shown: BertletError | undefined;
  return {
    element,
    update() {
      const error = desk.now.errors[place];
      if (error === shown) return;
      shown = error;
      fill(element, error && box(desk.t.failures[error.code] ?? desk.t.failed, [lines(desk.t, error)], then));
    },
  };
}

/** The attributes that cannot be honoured. */
export function faults(desk: Desk): Part {
  const element = h("div", { role: "alert", part: "error" });
  let shown: readonly Fault[] = [];
  return {
    element,
    update() {
      const { faults } = desk.now;
      if (faults === shown) return;
      shown = faults;
      fill(
        element,
        faults.length > 0 &&
          box(
            desk.t.attribute,
            faults.map((fault) => lines(desk.t, fault)),
          ),
      );
    },
  };
}

function box(title: string, lines: HTMLElement[], then?: HTMLElement): HTMLElement {
  return h("div", { class: "bad stack" }, h("strong", {}, title), ...lines, ...(then ? [then] : []));
}

function lines(t: Strings, error: BertletError): HTMLElement {
  const fault = error instanceof Fault;
  // A tag has no such option.
  const hint = error.hint?.includes("hub: true") ? t.checkAddress : error.hint;
  const said = fault
    ? [
        h("code", {}, error.attribute),
        `: ${t.expected(error.expected)}`,
        error.expected.kind !== "known" && error.found !== "" && `, ${t.found(short(error.found))}`,
      ]
    : [error.message];
  return h(
    "div",
    { class: "stack" },
    h("p", {}, ...said),
    hint !== undefined && h("p", {}, h("b", {}, t.todo), " ", hint),
    !fault && h("p", { class: "soft" }, t.code, " ", h("code", {}, error.code)),
  );
}

/** What is being done, how far it is and how long it will take, with a way to end it. */
export function progress(desk: Desk, phases: readonly string[]): Part {
  const bar = h("progress", { part: "progress" });
  const text = h("p", { class: "soft" });
  const stop = h("button", { type: "button", part: "button stop", onclick: () => desk.stop() }, desk.t.stop);
  const element = h("div", { class: "stack", hidden: true }, h("div", { class: "line" }, bar, stop), text);
  return {
    element,
    update() {
      const { phase, progress: at } = desk.now;
      element.hidden = at === undefined || !phases.includes(phase);
      if (at === undefined) return;
      const { work, done, total } = at;
      bar.setAttribute("aria-label", desk.t.work(work));
      stop.hidden = phase !== "loading" && phase !== "training";
      if (total !== undefined && total > 1) {
        bar.max = total;
        bar.value = done;
      } else bar.removeAttribute("value");
      fill(text, told(desk.t, at));
    },
  };
}

function told(t: Strings, { work, done, total, sinceMs }: Progress): string {
  if (total === undefined || total <= 1) return `${t.work(work)}…`;
  const spent = performance.now() - sinceMs;
  const left = done > 0 && done < total && spent > SETTLED_MS && (spent / done) * (total - done);
  return [t.work(work), t.amount(work, done, total), left && t.left(left / 1000)].filter(Boolean).join(" · ");
}

/** The answer in words: never by colour or length alone. */
export function verdict(t: Strings, { label, score, scores, labels }: Prediction): string {
  if (labels) return t.chosen(labels);
  const second = scores[1];
  return second && score - second.score < UNSURE ? t.unsure(label, second.label) : t.verdict(label, score);
}

export function bars(t: Strings, { scores, label, labels }: Prediction): HTMLElement {
  const row = (each: Prediction["scores"][number]) => {
    const filled = h("span");
    filled.style.inlineSize = `${each.score * 100}%`;
    return h(
      "tr",
      { class: (labels ? labels.includes(each.label) : each.label === label) && "most", part: "bar" },
      h("th", { scope: "row" }, each.label),
      h(
        "td",
        {},
        h("span", { class: "bar", "aria-hidden": "true" }, filled),
        h("span", { class: "value" }, percent(each.score)),
      ),
    );
  };
  return h(
    "table",
    {},
    h("caption", { class: "away" }, t.scores),
    h(
      "thead",
      { class: "away" },
      h("tr", {}, h("th", { scope: "col" }, t.label), h("th", { scope: "col" }, t.score)),
    ),
    h("tbody", {}, ...scores.map(row)),
  );
}
