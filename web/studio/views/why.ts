/**
 * Why a text got its label: its words marked by their part, a table of them with the answer without each, and the nearest
 * training examples. Shows `state.why`; the work is in actions/explain.ts.
 */
import type { Explanation, NearestExample, TextPair, WordAttribution } from "../../src/index.ts";
import { explainText } from "../actions/explain.ts";
import { labelsOf } from "../data/parts.ts";
import { shortened } from "../data/rows.ts";
import type { WhyState } from "../state/why.ts";
import { progressBar } from "../widgets/bars.ts";
import { type Child, h, refill, select } from "../widgets/dom.ts";
import { failureBox, failureLine } from "../widgets/failure.ts";
import type { Studio } from "./view.ts";

const WORDS_SHOWN = 8;
/** Labels that can be chosen: the likeliest. */
const LABELS_SHOWN = 20;
const SAID = 3;
/** A part under this share of the largest is not marked. */
const FAINT = 0.05;
/** Log-odds: a word under it moves a score by a point at the most. */
const SMALL = 0.04;

/** The button beside an answer, and what it brings. Empty without an answer. */
export function whyPanel(studio: Studio): HTMLElement {
  const { store, t, say, signal } = studio;
  const panel = h("div", { class: "why stack" });
  let { parts, error } = store.state.why;
  store.on(
    ["why", "use"],
    ({ why, use }) => {
      panel.hidden = use.prediction === undefined;
      if (panel.hidden) return;
      const own = why.beside === use.prediction;
      refill(panel, ...(own ? whyOf(studio, why) : [askButton(studio)]));
      if (own && why.parts && why.parts !== parts) say(saidOf(t, why.parts));
      if (own && why.error && why.error !== error) say(failureLine(t, why.error));
      ({ parts, error } = why);
    },
    signal,
  );
  return panel;
}

function askButton({ store, t }: Studio): HTMLElement {
  const ask = (): void => void explainText(store);
  return h(
    "div",
    { class: "actions" },
    h("button", { type: "button", id: "why-ask", onclick: ask }, t.why.ask),
  );
}

function saidOf(t: Studio["t"], { label, words }: Explanation): string {
  const strongest = byStrength(words).filter(({ attribution }) => attribution > 0);
  return t.why.said(
    label,
    strongest.slice(0, SAID).map(({ word }) => word),
  );
}

function whyOf(studio: Studio, why: WhyState): Child[] {
  const { t, store } = studio;
  const { text, parts, without, busy, done, total, error } = why;
  if (error) return [failureBox(t, error), askButton(studio)];
  const progress = busy && [
    progressBar(t.why.working, done, total),
    h("p", { class: "help" }, parts ? t.why.stillWorking : t.why.working),
  ];
  if (!parts || text === undefined) return progress || [];
  const labels = parts.prediction.scores.slice(0, LABELS_SHOWN).map(({ label }) => label);
  if (!labels.includes(parts.label)) labels.push(parts.label);
  const chooser = select(
    labels.map((value) => ({ value, text: value })),
    parts.label,
    (label) => void explainText(store, label),
  );
  chooser.id = "why-label";
  return [
    h("h3", {}, t.why.title(parts.label, parts.score)),
    labels.length > 1 && h("p", { class: "row" }, h("label", { for: "why-label" }, t.why.label), chooser),
    ...marked(text, parts.words),
    h(
      "p",
      { class: "help why-legend" },
      mark("for", 1, t.why.for),
      mark("against", 1, t.why.against),
      t.why.strength,
    ),
    largestOf(parts.words) < SMALL && h("p", {}, t.why.small),
    parts.truncated && h("p", { class: "help" }, t.why.cut),
    ...(progress || []),
    ...tableOf(studio, parts, without),
    parts.completeness && h("p", { class: "help" }, t.why.partsHelp(...ends(parts.completeness))),
    ...nearestOf(studio, why),
    h(
      "details",
      { id: "why-not" },
      h("summary", {}, t.why.notTitle),
      h("ul", { class: "plain" }, ...t.why.not.map((line) => h("li", {}, line))),
    ),
  ];
}

function ends({ text, blank }: NonNullable<Explanation["completeness"]>): [text: string, blank: string] {
  return [signed(text), signed(blank)];
}

/** The text with its words marked, a paragraph for each of a pair. */
function marked(text: string | TextPair, words: readonly WordAttribution[]): HTMLElement[] {
  const texts = typeof text === "string" ? [text] : [text.text, text.textPair];
  const largest = largestOf(words);
  return texts.map((one, segment) => {
    const children: Child[] = [];
    let at = 0;
    for (const { start, end, attribution } of words.filter((word) => word.segment === segment)) {
      const strength = Math.abs(attribution) / largest;
      children.push(one.slice(at, start));
      const word = one.slice(start, end);
      children.push(strength < FAINT ? word : mark(attribution > 0 ? "for" : "against", strength, word));
      at = end;
    }
    return h("p", { class: "why-text" }, ...children, one.slice(at));
  });
}

/** Told by the line below it alone: solid or dotted, thin or thick. Its tint only helps. */
function mark(kind: "for" | "against", strength: number, word: string): HTMLElement {
  const element = h("mark", { class: kind }, word);
  element.style.setProperty("--strength", strength.toFixed(2));
  return element;
}

function tableOf({ t }: Studio, parts: Explanation, without: Explanation | undefined): HTMLElement[] {
  const ranked = byStrength(parts.words);
  if (ranked.length === 0) return [];
  const largest = largestOf(ranked);
  const left = new Map(without?.words.map((word) => [placeOf(word), word.without]));
  const rowOf = (word: WordAttribution): HTMLElement => {
    const answer = left.get(placeOf(word));
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, word.word),
      h("td", { class: "number" }, signed(word.attribution, largest)),
      h("td", {}, answer ? t.why.becomes(answer.label, answer.score) : "…"),
    );
  };
  const table = (words: readonly WordAttribution[]): HTMLElement =>
    h(
      "div",
      { class: "scroll" },
      h(
        "table",
        { class: "why-words" },
        h("caption", {}, t.why.table),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, t.why.word),
            h("th", { scope: "col", class: "number" }, t.why.part),
            h("th", { scope: "col" }, t.why.without),
          ),
        ),
        h("tbody", {}, ...words.map(rowOf)),
      ),
    );
  const more = ranked.slice(WORDS_SHOWN);
  return [
    table(ranked.slice(0, WORDS_SHOWN)),
    ...(more.length > 0
      ? [h("details", { id: "why-more" }, h("summary", {}, t.why.more(more.length)), table(more))]
      : []),
  ];
}

function nearestOf({ t }: Studio, { without, among }: WhyState): Child[] {
  const nearest = without?.nearest ?? [];
  if (nearest.length === 0 || !among) return [];
  const item = ({ text, textPair, similarity, ...labelled }: NearestExample): HTMLElement =>
    h(
      "li",
      {},
      h("p", {}, shortened(text, 200)),
      textPair !== undefined && h("p", {}, shortened(textPair, 200)),
      h("p", { class: "help" }, t.why.near(t.rowKinds.list(labelsOf({ text, ...labelled })), similarity)),
    );
  return [
    h("p", { id: "why-nearest" }, h("strong", {}, t.why.nearest)),
    h("ul", { class: "why-nearest", "aria-labelledby": "why-nearest" }, ...nearest.map(item)),
    h("p", { class: "help" }, t.why.nearestHelp(among.looked, among.all)),
  ];
}

function byStrength(words: readonly WordAttribution[]): WordAttribution[] {
  return [...words].sort((a, b) => Math.abs(b.attribution) - Math.abs(a.attribution));
}

function placeOf({ segment, start }: WordAttribution): string {
  return `${segment} ${start}`;
}

/** A part with its sign, in as many digits as the largest needs. */
function signed(value: number, largest = 1): string {
  const digits = Math.min(6, Math.max(2, 1 - Math.floor(Math.log10(largest))));
  const rounded = value.toFixed(digits);
  if (Number(rounded) === 0) return (0).toFixed(digits);
  return value < 0 ? rounded.replace("-", "−") : `+${rounded}`;
}

function largestOf(words: readonly WordAttribution[]): number {
  return Math.max(...words.map(({ attribution }) => Math.abs(attribution)), 1e-9);
}
