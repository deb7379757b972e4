/**
 * Takes a failure or notices; gives the elements that show them. The frame is in the page's language; the
 * library's own message and hint stay in English.
 */
import type { Dictionary } from "../i18n/en.ts";
import type { Failure, Notice, Text } from "../i18n/messages.ts";
import { h } from "./dom.ts";

/** The box that shows a failure, beside the control that caused it. */
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

/** A failure in one line, for the live region. */
export function failureLine(t: Dictionary, failure: Failure): string {
  const message = typeof failure.message === "function" ? failure.message(t) : failure.message;
  return `${t.failure.title}: ${message}`;
}

/** A list of notices, each with a few of its places, folded. */
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
        notice.action &&
          h(
            "p",
            {},
            h(
              "button",
              { type: "button", id: notice.action.id, onclick: notice.action.run },
              notice.action.text(t),
            ),
          ),
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
