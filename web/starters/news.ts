/**
 * Finance news: headlines by mood, from a text, a file or an address that the person names; and an alert when the share of
 * negatives rises over its band.
 */
import type { Classifier } from "../src/index.ts";
import { fill, h } from "../studio/widgets/dom.ts";
import { filePicker } from "../studio/widgets/files.ts";
import { band } from "./band.ts";
import { FEED, HEADLINES } from "./data/news.ts";
import { counted, failure, nextSteps, type Starter, started } from "./frame.ts";
import { fetchHeadlines, headlinesOf } from "./headlines.ts";
import { rowsOf, taught } from "./model.ts";

type Mood = keyof Starter["t"]["news"]["moods"];
const MINUTE_MS = 60_000;
const SHOWN = 100;
/** Headlines that are classified and kept, the newest ones. */
const MOST = 2000;
/** Headlines between two looks at the button that stops. */
const SLICE = 32;

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
  const note = h("p", { class: "help", role: "status" });
  const failed = h("div");
  let alarmed = false;
  let ofSample = true;
  let stopping = new AbortController();
  const work = counted({ stop: words.stop, text: words.sorting }, () => stopping.abort());
  let last: Promise<void> = Promise.resolve();
  /** One list after the other, so that no text is classified twice. */
  const add = (...list: Parameters<typeof addNow>): Promise<void> => {
    last = last.then(() => addNow(...list));
    return last;
  };
  /** `said` is what the page tells of the list. */
  const addNow = async (texts: readonly string[], said = "", until?: AbortSignal): Promise<void> => {
    fill(failed);
    const all = [...new Set(texts.map((text) => text.trim()))].filter(Boolean);
    const newest = all.slice(-MOST);
    note.textContent = [said, all.length > MOST ? words.most(all.length, MOST) : ""].join(" ").trim();
    const replaces = (): boolean => ofSample && texts !== FEED;
    const fresh = newest.filter((text) => replaces() || !known.has(text));
    stopping = new AbortController();
    const over = AbortSignal.any([stopping.signal, signal, ...(until ? [until] : [])]);
    try {
      for (let done = 0; done < fresh.length && !over.aborted; done += SLICE) {
        if (fresh.length > SLICE) work.show(done, fresh.length);
        const slice = fresh.slice(done, done + SLICE);
        const found = await classifier.classify(slice, { signal: over });
        // What is usual comes from the person's own headlines.
        if (replaces()) {
          ofSample = false;
          seen.length = 0;
          known.clear();
        }
        for (const [at, text] of slice.entries()) seen.push({ text, mood: found[at]?.label ?? "" });
        // What a failed call had is tried again with the next list.
        for (const text of slice) known.add(text);
      }
    } catch (error) {
      if (!over.aborted) fill(failed, failure(t, error));
    }
    work.hide();
    seen.splice(0, seen.length - MOST);
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
  void add(FEED);
  const text = h("textarea", { id: "text", rows: 3 });
  const address = h("input", { id: "address", type: "url", placeholder: "https://…" });
  let watching: AbortController | undefined;
  const fetchNow = async (from: string, mine: AbortSignal): Promise<void> => {
    if (mine.aborted) return;
    fill(failed);
    try {
      await add(await fetchHeadlines(from, words, mine), "", mine);
      setTimeout(() => void fetchNow(from, mine), MINUTE_MS);
    } catch (error) {
      // Of a watch that was stopped, or of one before.
      if (mine.aborted) return;
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
        watch.textContent = words.stop;
        return void fetchNow(from, mine.signal);
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
  const open = async (file: File): Promise<void> => {
    try {
      const { texts, whole } = await headlinesOf(file, words);
      await add(texts, whole ? "" : words.partly);
    } catch (error) {
      fill(failed, failure(t, error));
    }
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
          if (file) void open(file);
        }),
      ),
    ),
    h("p", { class: "row" }, h("label", { for: "address" }, words.url), address, watch),
    host,
    note,
    work.element,
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
