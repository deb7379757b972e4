/**
 * Takes whatever was thrown; gives a `Failure` the page can show, and the element that shows it.
 * The frame is in the page's language, the library's own message and hint stand as they are.
 */
import { BertletError } from "../../src/index.ts";
import type { Dictionary } from "../i18n/en.ts";
import type { Failure, Notice } from "../state/state.ts";
import { h } from "./dom.ts";

type Text = (t: Dictionary) => string;

/** A failure of the page itself, worded in the page's languages. */
export class PageError extends Error {
  constructor(
    readonly code: string,
    readonly text: Text,
    readonly advice?: Text,
  ) {
    super(code);
  }
}

export function toFailure(error: unknown): Failure {
  if (error instanceof PageError) return { code: error.code, message: error.text, hint: error.advice };
  if (error instanceof BertletError) return { code: error.code, message: error.message, hint: error.hint };
  return { code: "unexpected", message: error instanceof Error ? error.message : String(error) };
}

/** Whether the person asked for this end themselves, so that nothing needs to be shown. */
export function isAbort(error: unknown): boolean {
  return error instanceof BertletError && error.code === "aborted";
}

/** The box a failure is shown in, beside what caused it. */
export function failureBox(t: Dictionary, failure: Failure | undefined): HTMLElement | false {
  if (!failure) return false;
  const say = (text: string | Text): string => (typeof text === "function" ? text(t) : text);
  const plain = t.failures[failure.code as keyof Dictionary["failures"]] as string | undefined;
  return h(
    "div",
    { class: "failure" },
    h("p", { class: "failure-title" }, plain ?? t.failure.title),
    h("p", {}, say(failure.message)),
    failure.hint && h("p", {}, h("strong", {}, t.failure.hint), " ", say(failure.hint)),
    h("p", { class: "help" }, t.failure.code, " ", h("code", {}, failure.code)),
  );
}

/** What a failure says, in one line, for the live region. */
export function failureLine(t: Dictionary, failure: Failure): string {
  const message = typeof failure.message === "function" ? failure.message(t) : failure.message;
  return `${t.failure.title}: ${message}`;
}

/** A list of things found in the data: what, and a few of the places, folded. */
export function noticeList(t: Dictionary, notices: readonly Notice[]): HTMLElement | false {
  if (notices.length === 0) return false;
  const items = notices.map((notice) =>
    h(
      "li",
      { class: `notice ${notice.level}` },
      h("span", { class: "badge" }, t.notice[notice.level]),
      h(
        "div",
        {},
        h("p", {}, notice.text(t)),
        notice.advice && h("p", { class: "help" }, notice.advice(t)),
        notice.details &&
          notice.details.length > 0 &&
          h(
            "details",
            {},
            h("summary", {}, t.notice.show),
            h("ul", { class: "examples" }, ...notice.details.map((line) => h("li", {}, line))),
          ),
      ),
    ),
  );
  return h("ul", { class: "notices" }, ...items);
}
