/**
 * The page of starters: a card for each, and the one that the address names by ?use=. English or Chinese, as the studio.
 */
import { registerHere } from "../service-worker/own-pages.ts";
import { recall, remember } from "../studio/i18n/remembered.ts";
import { fill, h } from "../studio/widgets/dom.ts";
import { applyTheme } from "../studio/widgets/theme.ts";
import type { Starter } from "./frame.ts";
import { news } from "./news.ts";
import { recommend } from "./recommend.ts";
import { school } from "./school.ts";
import { service } from "./service.ts";
import { WORDS } from "./words.ts";

/** The studio's choice of language. */
const KEY = "bertlet-language";
const STARTERS = { service, news, recommend, school };
type Use = keyof typeof STARTERS;

const live = h("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
const root = document.getElementById("starters");
const use = (Object.keys(STARTERS) as Use[]).find(
  (name) => name === new URLSearchParams(location.search).get("use"),
);

let shown = new AbortController();

function show(): void {
  shown.abort();
  shown = new AbortController();
  const t = (recall(KEY) ?? navigator.language).toLowerCase().startsWith("zh") ? WORDS.zh : WORDS.en;
  const starter: Starter = {
    t,
    say: (text) => {
      live.textContent = text;
    },
    signal: shown.signal,
  };
  document.documentElement.lang = t.htmlLang;
  document.title = `${use ? t[use].title : t.title} · bertlet`;
  const language = h(
    "select",
    {
      id: "language",
      "aria-label": t.language,
      onchange: () => {
        remember(KEY, language.value);
        show();
        document.getElementById("language")?.focus();
      },
    },
    h("option", { value: "en", lang: "en" }, "English"),
    h("option", { value: "zh", lang: "zh-Hans" }, "中文"),
  );
  language.value = t === WORDS.zh ? "zh" : "en";
  if (!root) return;
  fill(
    root,
    h(
      "header",
      { class: "head" },
      h("p", { class: "brand" }, h("a", { href: "./index.html" }, h("strong", {}, "bertlet"))),
      h("div", { class: "head-choices" }, language),
    ),
    h(
      "main",
      { class: "stack" },
      h("h1", {}, use ? t[use].title : t.title),
      use ? h("p", {}, h("a", { href: "./starters.html" }, t.all)) : h("p", { class: "lead" }, t.lead),
      ...(use ? STARTERS[use](starter) : [cards(starter)]),
    ),
    live,
  );
}

function cards({ t }: Starter): HTMLElement {
  return h(
    "div",
    { class: "cards" },
    ...(Object.keys(STARTERS) as Use[]).map((name) =>
      h(
        "section",
        { class: "choice" },
        h("h2", {}, t[name].title),
        h("p", {}, t[name].lead),
        h("p", {}, h("a", { class: "button primary", id: name, href: `?use=${name}` }, t.start)),
      ),
    ),
  );
}

applyTheme();
show();
registerHere();
