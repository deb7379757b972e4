/**
 * The script of embed.html, for hosts that strip scripts: makes the tag from the address's parameters, and tells the host
 * what happens. No parameter becomes markup, no message holds a text that was typed, and none is taken from the host.
 */
import type { BertletError, ModelInfo, Prediction } from "../src/index.ts";
import { h } from "../studio/widgets/dom.ts";
import { ATTRIBUTES, type Fault, givenTwice, short, unknownParameter } from "./attributes.ts";
import "./element.ts";
import { scoreOf } from "./score.ts";
import type { TrainingEnd } from "./training.ts";

/** Steps between two messages of progress. */
const STEPS = 10;

const sheet = new CSSStyleSheet();
sheet.replaceSync(
  "body { margin: 0; padding: 1px; background: transparent; font-family: system-ui, sans-serif }",
);
document.adoptedStyleSheets = [sheet];

const parameters = new URLSearchParams(location.search);
const tag = document.createElement("bertlet-classifier");

const post = (verb: string, more: object = {}): void => {
  if (parent !== window) parent.postMessage({ type: "bertlet", verb, ...more }, "*");
};
const on = <Detail>(name: string, tell: (detail: Detail) => void): void =>
  tag.addEventListener(`bertlet-${name}`, (event) => tell((event as CustomEvent<Detail>).detail));

on<ModelInfo>("ready", ({ labels }) => post("initialized", { labels }));
on<{ step: number }>("step", ({ step }) => step % STEPS === 0 && post("progressed", { step }));
on<{ epoch: number }>("epoch", ({ epoch }) => post("progressed", { epoch }));
on<Prediction>("result", ({ label, score, labels }) =>
  post("answered", { label, score: { scaled: score }, ...(labels && { labels }) }),
);
on<TrainingEnd>("end", (end) => {
  const score = scoreOf(end);
  post("completed", { reason: end.reason, learned: end.learned, ...(score && { score }) });
});
on<BertletError>("error", ({ code, message }) => post("failed", { code, message }));

/** A fault that the tag does not know of. */
function fail(fault: Fault, chineseWords: string): void {
  const chinese = parameters.get("lang")?.toLowerCase().startsWith("zh");
  document.body.append(h("p", { role: "alert" }, chinese ? chineseWords : fault.message));
  post("failed", { code: fault.code, message: short(fault.message) });
}

// It was for a frame that lets no script run.
document.querySelector("#alone")?.remove();
for (const name of new Set(parameters.keys())) {
  const [value = "", ...more] = parameters.getAll(name);
  if (more.length > 0) {
    const fault = givenTwice(name);
    fail(fault, `参数 ${fault.attribute} 只能给一次`);
  } else if (name === "title") {
    document.title = value;
    tag.append(h("strong", { slot: "title" }, value));
  } else if (name === "lang") document.documentElement.lang = value;
  else if (ATTRIBUTES.includes(name)) tag.setAttribute(name, value);
  else {
    const fault = unknownParameter(name);
    fail(fault, `没有参数 ${fault.attribute}；可用的有 ${fault.expected.detail}`);
  }
}
document.body.append(tag);
new ResizeObserver(() =>
  post("resized", { height: Math.ceil(document.documentElement.getBoundingClientRect().height) }),
).observe(document.documentElement);
