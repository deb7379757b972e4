/**
 * The script of a lesson in a learning platform, by SCORM 1.2: finds the platform's API, and tells it of the tag's score and
 * that the lesson is completed. Without a platform the page says that nothing is recorded. Platforms' scripts differ and fail:
 * the lesson works with any.
 */
import type { BertletClassifier } from "./element.ts";
import { scoreOf } from "./score.ts";
import type { TrainingEnd } from "./training.ts";

/** What its functions give is a text, by the standard; some give a boolean or a number. */
type Api = Record<(typeof NEEDED)[number], (...values: string[]) => unknown> & {
  LMSGetLastError?(): unknown;
};

const NEEDED = ["LMSInitialize", "LMSGetValue", "LMSSetValue", "LMSCommit", "LMSFinish"] as const;

const TEXTS = {
  en: {
    none: "Opened outside of a learning platform: nothing is recorded.",
    recorded: "Recorded in your learning platform.",
    refused: (code: string) =>
      `The learning platform did not take the result (error ${code}). Tell your teacher.`,
    odd: "The learning platform does not answer as it should: nothing is recorded. Tell your teacher.",
  },
  zh: {
    none: "没有在学习平台里打开：不会记录结果。",
    recorded: "已记录到学习平台。",
    refused: (code: string) => `学习平台没有收下结果（错误 ${code}）。请告诉老师。`,
    odd: "学习平台没有正常应答：不会记录结果。请告诉老师。",
  },
};

/** In this window, those around it, and those around the one that opened it. */
function findApi(): Api | undefined {
  for (const start of [window, window.opener as Window | null]) {
    for (let at = start; at; at = at.parent) {
      try {
        const { API } = at as Window & { API?: Partial<Api> };
        if (API && NEEDED.every((name) => typeof API[name] === "function")) return API as Api;
      } catch {
        // A window of another origin. One around it may be the platform's.
      }
      if (at.parent === at) break;
    }
  }
  return undefined;
}

const t = document.documentElement.lang.startsWith("zh") ? TEXTS.zh : TEXTS.en;
const note = document.querySelector("#note") as HTMLElement;
const tag = document.querySelector("bertlet-classifier") as BertletClassifier;
const startedMs = Date.now();
const api = findApi();
/** A lesson that was passed before stays passed. */
let passed = false;

/** What a call gives, as a text; "" where it throws. */
function ask(call: (api: Api) => unknown): string {
  try {
    return api ? String(call(api) ?? "") : "";
  } catch {
    return "";
  }
}

/** False where the platform refused, which the page then says. */
function told(call: (api: Api) => unknown): boolean {
  if (["true", "1"].includes(ask(call))) return true;
  const code = ask((lms) => lms.LMSGetLastError?.());
  // 0 is no error: the call threw.
  note.textContent = code === "" || code === "0" ? t.odd : t.refused(code);
  return false;
}

const set = (name: string, value: string): boolean =>
  told((lms) => lms.LMSSetValue(`cmi.core.${name}`, value));

/** Whether the platform took it. */
function complete(score: number | undefined): boolean {
  // The limits are optional: a platform without them takes the score all the same.
  for (const [name, value] of [["min", "0"] as const, ["max", "100"] as const])
    if (score !== undefined) ask((lms) => lms.LMSSetValue(`cmi.core.score.${name}`, value));
  const taken = score === undefined || set("score.raw", String(score));
  const recorded = taken && (passed || set("lesson_status", "completed")) && told((lms) => lms.LMSCommit(""));
  if (recorded) note.textContent = t.recorded;
  return recorded;
}

/** Hours, minutes and seconds, as SCORM writes a time. */
function span(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

if (!api) note.textContent = t.none;
else if (told((lms) => lms.LMSInitialize(""))) {
  const status = ask((lms) => lms.LMSGetValue("cmi.core.lesson_status"));
  passed = status === "passed";
  const completed = passed || status === "completed";
  if (!completed) set("lesson_status", "incomplete");
  tag.addEventListener("bertlet-end", (event) => {
    const end = (event as CustomEvent<TrainingEnd>).detail;
    if (end.learned) complete(scoreOf(end)?.raw);
  });
  // A lesson without training is done with the first answer; what the platform did not take is told again with the next.
  const answered = (): void => {
    if (complete(undefined)) tag.removeEventListener("bertlet-result", answered);
  };
  if ((tag.getAttribute("mode") ?? "use") === "use") tag.addEventListener("bertlet-result", answered);
  addEventListener(
    "pagehide",
    () => {
      set("session_time", span(Date.now() - startedMs));
      told((lms) => lms.LMSFinish(""));
    },
    { once: true },
  );
}
