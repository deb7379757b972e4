/**
 * Finance news: headlines by mood, from a text, a file or an address that the person names; and an alert when the share of
 * negatives rises over its band.
 */
import type { Classifier } from "../src/index.ts";
import { fill, h } from "../studio/widgets/dom.ts";
import { filePicker } from "../studio/widgets/files.ts";
import { band, headlinesIn } from "./band.ts";
import { FEED, HEADLINES } from "./data/news.ts";
import { failure, nextSteps, type Starter, started } from "./frame.ts";
import { rowsOf, taught } from "./model.ts";

type Mood = keyof Starter["t"]["news"]["moods"];
const MINUTE_MS = 60_000;
const SHOWN = 100;

export function news(starter: Starter): HTMLElement[] {
  const { t } = starter;
  const prepare = async (progress: (share: number | undefined) => void): Promise<Classifier> =>
    taught(rowsOf(HEADLINES), progress);
  const app = started(starter, t.news.title, t.news.lead, prepare, (classifier) => feed(starter, classifier));
  return [app, nextSteps(t, t.news.steps)];
}

function feed({ t, say, signal }: Starter, classifier: Classifier): HTMLElement[] {
  const words = t.news;
  const seen: { text: string; mood: string }[] = [];
  const known = new Set<string>();
  const list = h("ul", { class: "answers bounded", tabindex: 0, "aria-label": words.title });
  const sum = h("div", { class: "stack" });
  const failed = h("div");
  let alarmed = false;
  let ofSample = true;
  const add = async (texts: readonly string[], sample = false): Promise<void> => {
    fill(failed);
    // What is usual comes from the person's own headlines.
    if (ofSample && !sample && texts.some((text) => text.trim())) {
      ofSample = false;
      seen.length = 0;
      known.clear();
    }
    const fresh = [...new Set(texts.map((text) => text.trim()))].filter((text) => text && !known.has(text));
    for (const text of fresh) known.add(text);
    try {
      const found = await classifier.classify(fresh);
      for (const [at, text] of fresh.entries()) seen.push({ text, mood: found[at]?.label ?? "" });
    } catch (error) {
      fill(failed, failure(t, error));
    }
    show();
  };
  const show = (): void => {
    fill(
      list,
      ...seen
        .slice(-SHOWN)
        .reverse()
        .map(({ text, mood }) =>
          h("li", {}, h("span", {}, text), h("span", { class: "badge" }, words.moods[mood as Mood])),
        ),
    );
    const { share, of, low, high, alarm } = band(seen.map(({ mood }) => mood === "negative"));
    fill(
      sum,
      h("p", {}, words.share(share, of)),
      h("p", { class: "help" }, low === undefined ? words.few(seen.length) : words.band(low, high ?? 1)),
      alarm && h("p", { class: "alert" }, words.alarm),
    );
    if (alarm && !alarmed) say(words.alarm);
    alarmed = alarm;
  };
  void add(FEED, true);
  const text = h("textarea", { id: "text", rows: 3 });
  const address = h("input", { id: "address", type: "url", placeholder: "https://…" });
  let watching: AbortController | undefined;
  const fetchOnce = async (from: string, mine: AbortController): Promise<void> => {
    fill(failed);
    try {
      const { signal } = mine;
      // No other host is asked, and no copy of before is taken.
      const options = { credentials: "omit", cache: "no-cache", redirect: "manual", signal } as const;
      const response = await fetch(from, options);
      if (response.type === "opaqueredirect") throw new Error(words.leadsOn);
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
      const headlines = headlinesIn(await response.json().catch(() => undefined));
      if (headlines === undefined) throw new Error(words.notJson);
      if (!mine.signal.aborted) await add(headlines);
    } catch (error) {
      // Of a watch that was stopped, or of one before.
      if (mine.signal.aborted) return;
      stop();
      fill(failed, failure(t, error));
    }
  };
  const stop = (): void => {
    watching?.abort();
    watching = undefined;
    address.readOnly = false;
    watch.textContent = words.watch;
  };
  signal.addEventListener("abort", () => watching?.abort());
  const watch = h(
    "button",
    {
      type: "button",
      id: "watch",
      onclick: () => {
        if (watching !== undefined) return stop();
        const from = address.value;
        if (hostOf(from) === undefined) return address.focus();
        address.readOnly = true;
        const mine = new AbortController();
        watching = mine;
        const timer = setInterval(() => void fetchOnce(from, mine), MINUTE_MS);
        mine.signal.addEventListener("abort", () => clearInterval(timer));
        watch.textContent = words.stop;
        return void fetchOnce(from, mine);
      },
    },
    words.watch,
  );
  const host = h("p", { class: "help" });
  address.addEventListener("input", () => {
    const asked = hostOf(address.value);
    host.textContent = asked === undefined ? "" : words.host(asked);
  });
  const put = (event: Event): void => {
    event.preventDefault();
    void add(text.value.split("\n"));
    text.value = "";
  };
  return [
    sum,
    h(
      "form",
      { class: "stack", onsubmit: put },
      h("label", { for: "text" }, words.text),
      text,
      h(
        "div",
        { class: "actions" },
        h("button", { type: "submit", class: "primary", id: "add" }, words.add),
        filePicker(words.file, { id: "file", accept: ".txt,.csv,.tsv" }, ([file]) => {
          void file?.text().then((content) => add(content.split(/\r?\n/)));
        }),
      ),
    ),
    h("p", { class: "row" }, h("label", { for: "address" }, words.url), address, watch),
    host,
    failed,
    list,
  ];
}

/** Of an address of the web; undefined of any other text. */
function hostOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, host } = new URL(address);
  return /^https?:$/.test(protocol) ? host : undefined;
}
