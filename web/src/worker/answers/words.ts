// Takes a text; gives its words with places, also in languages that write none apart, and the text without one of them.

import { BertletError } from "../../shared/errors.ts";
import type { Text } from "../../shared/messages.ts";

/** A word or a run of punctuation, where it begins and ends in UTF-16 units. */
export interface Word {
  segment: 0 | 1;
  start: number;
  end: number;
}

/** A token's segment and place; a special one has no place. */
export interface TokenPlace {
  segment: 0 | 1;
  start: number;
  end: number;
}

/**
 * The words that the model reads, in order, by Unicode's rules (UAX #29) and, where a language writes no spaces, the
 * platform's dictionary. Words that share a token are one. Those after the cut are left out.
 */
export function wordsOf(text: Text, tokens: readonly TokenPlace[]): Word[] {
  const texts = typeof text === "string" ? [text] : text;
  return texts.flatMap((one, segment) => {
    const within = tokens.filter((token) => token.segment === segment && token.end > token.start);
    const end = Math.max(0, ...within.map((token) => token.end));
    return mergedBy(within, segments(one, segment as 0 | 1, end));
  });
}

/**
 * The index of the word that a token is in; -1 for a token of no word. White space alone, which has no place of its own in
 * byte-level BPE, counts with the word after it, else with the last.
 */
export function wordOf(words: readonly Word[], { segment, start, end }: TokenPlace): number {
  if (end > start)
    return words.findIndex((word) => word.segment === segment && start < word.end && end > word.start);
  const next = words.findIndex((word) => word.segment === segment && word.end > start);
  return next >= 0 ? next : words.findLastIndex((word) => word.segment === segment);
}

/** The text without a word, and without the white space before it; after it, where it is the first. */
export function textWithout(text: Text, { segment, start, end }: Word): Text {
  const texts = typeof text === "string" ? [text] : text;
  const one = texts[segment] as string;
  const before = one.slice(0, start).trimEnd();
  const changed = before === "" ? one.slice(end).trimStart() : before + one.slice(end);
  if (typeof text === "string") return changed;
  return segment === 0 ? [changed, text[1]] : [text[0], changed];
}

/** Those that begin before `end`: a text may be long, and cut. */
function segments(text: string, segment: 0 | 1, end: number): Word[] {
  if (typeof Intl.Segmenter !== "function") {
    throw new BertletError(
      "bad-state",
      "explain: this browser does not tell words apart: it has no Intl.Segmenter",
      "use a newer browser",
    );
  }
  const words: Word[] = [];
  for (const part of new Intl.Segmenter("und", { granularity: "word" }).segment(text)) {
    if (part.index >= end) break;
    if (part.segment.trim() === "") continue;
    words.push({ segment, start: part.index, end: part.index + part.segment.length });
  }
  return words;
}

/** Words that a token reads, joined where one token reads several. Both lists are in order. */
function mergedBy(tokens: readonly TokenPlace[], words: readonly Word[]): Word[] {
  const merged: Word[] = [];
  for (const word of words) {
    const last = merged.at(-1);
    const reads = (place: TokenPlace, { start, end }: Word) => place.start < end && place.end > start;
    const mine = tokens.filter((token) => reads(token, word));
    if (mine.length === 0) continue;
    if (last !== undefined && mine.some((token) => reads(token, last))) last.end = word.end;
    else merged.push({ ...word });
  }
  return merged;
}
