/**
 * Takes bytes of a code page; gives the code page under which their text is the likeliest. The cost of a text is
 * -ln P under a model of one language: letter frequencies, the case and script of neighbours, frequent words. All
 * candidates read the same bytes, so that their costs compare.
 */

import { ALPHABETS } from "./alphabets.ts";
import { decode } from "./code-page.ts";
import { eastAsianCosts } from "./east-asian.ts";

interface Model {
  encoding: string;
  /** The cost of each letter; letters that are not listed cost `UNLISTED`. */
  costs: ReadonlyMap<string, number>;
  words: ReadonlySet<string>;
  latin: boolean;
}

/** A digit or sign of ASCII; and its letters in text of another script, which has few of them. */
const ASCII = 3;
const ASCII_ELSEWHERE = 4.5;
const UNLISTED = 10;
const PUNCTUATION = 6;
const OTHER = 11;
/** U+FFFD, control characters and private use: a wrong code page. */
const INVALID = 16;
const CAPITAL = 2.5;
/** A capital after a small letter, or letters of two scripts in one word. */
const CASE_CHANGE = 4;
const SCRIPT_CHANGE = 5;
const BESIDE_IDEOGRAPH = 2;
const WORD = 2;

/** Rarer code pages of the same languages, and what their rarity costs. */
const RARER: readonly [usual: string, rarer: string, cost: number][] = [
  ["windows-1250", "iso-8859-2", 3],
  ["windows-1251", "koi8-r", 4],
  ["windows-1251", "koi8-u", 4.5],
  ["windows-1251", "ibm866", 4],
  ["windows-1251", "x-mac-cyrillic", 5],
  ["windows-1252", "macintosh", 5],
  ["windows-1251", "iso-8859-5", 4],
  ["windows-1253", "iso-8859-7", 3],
  ["windows-1256", "iso-8859-6", 3],
  ["windows-1252", "iso-8859-15", 5],
];
/** Signs that occur in text of many languages. */
const MARKS = new Set("«»“”‘’„‚–—…€£§°№¿¡·•™®©ºª\u00a0،؟؛،‹›×");

let models: { model: Model; rarity: number }[] | undefined;

/** The code page with the likeliest text. */
export function likeliest(bytes: Uint8Array): string {
  models ??= allModels();
  const texts = new Map<string, string>();
  let [best, lowest] = ["windows-1252", Number.POSITIVE_INFINITY];
  for (const { model, rarity } of models) {
    const text = texts.get(model.encoding) ?? decode(bytes, model.encoding);
    texts.set(model.encoding, text);
    const cost = costOf(text, model) + rarity;
    if (cost < lowest) [best, lowest] = [model.encoding, cost];
  }
  return best;
}

function allModels(): { model: Model; rarity: number }[] {
  const alphabets = ALPHABETS.map(({ encoding, share, letters, words }) => {
    const costs = new Map<string, number>();
    letters.split(" ").forEach((band, halvings) => {
      for (const letter of band) costs.set(letter, halvings * Math.LN2 - Math.log(share));
    });
    return { encoding, costs, words: new Set(words.split(" ")), latin: words !== "" };
  });
  const none = new Set<string>();
  const eastAsian = eastAsianCosts().map(({ encoding, costs }) => ({
    encoding,
    costs,
    words: none,
    latin: false,
  }));
  const usual = [...alphabets, ...eastAsian].map((model) => ({ model, rarity: 0 }));
  const rarer = RARER.flatMap(([encoding, other, rarity]) =>
    alphabets
      .filter((model) => model.encoding === encoding)
      .map((model) => ({ model: { ...model, encoding: other }, rarity })),
  );
  return [...usual, ...rarer, ...eastAsianRarer(eastAsian)];
}

function eastAsianRarer(usual: readonly Model[]): { model: Model; rarity: number }[] {
  return usual
    .filter(({ encoding }) => encoding === "shift_jis")
    .map((model) => ({ model: { ...model, encoding: "euc-jp" }, rarity: 1 }));
}

const LETTER = /\p{L}|\p{M}/u;
const IDEOGRAPH = /[\u3005-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f]/;
const LATIN = /\p{Script=Latin}/u;

/** 0 for what is no letter, and a number for each kind of script. */
const kinds = new Map<string, number>();
function kindOf(character: string): number {
  let kind = kinds.get(character);
  if (kind === undefined) {
    kind = !LETTER.test(character)
      ? 0
      : IDEOGRAPH.test(character)
        ? 3
        : LATIN.test(character) || character < "\u0370"
          ? 1
          : 2;
    kinds.set(character, kind);
  }
  return kind;
}

function costOf(text: string, { costs, words, latin }: Model): number {
  let cost = 0;
  let before = 0;
  let smallBefore = false;
  let capitalBefore = false;
  for (const character of text) {
    const kind = kindOf(character);
    const lower = character.toLowerCase();
    const capital = kind !== 0 && lower !== character;
    if (character < "\x80")
      cost += kind === 0 ? ASCII : latin ? (costs.get(lower) ?? UNLISTED) : ASCII_ELSEWHERE;
    else if (kind === 0) cost += costs.get(character) ?? costOfSign(character);
    else {
      const listed = costs.get(character) ?? costs.get(lower);
      cost += listed ?? UNLISTED;
      if (capital && !capitalBefore) cost += CAPITAL;
    }
    if (before !== 0 && kind !== 0) {
      if (kind !== before) cost += kind === 3 || before === 3 ? BESIDE_IDEOGRAPH : SCRIPT_CHANGE;
      if (capital && smallBefore) cost += CASE_CHANGE;
    }
    before = kind;
    capitalBefore = capital;
    smallBefore = kind !== 0 && !capital && character.toUpperCase() !== character;
  }
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{M}]+/gu)) if (words.has(word)) cost -= WORD;
  return cost;
}

function costOfSign(character: string): number {
  if (MARKS.has(character)) return PUNCTUATION;
  const invalid = character === "\ufffd" || /[\p{Cc}\p{Co}\p{Cn}]/u.test(character);
  return invalid ? INVALID : OTHER;
}
