// Takes a text; gives the form in which it is compared with others. No other file decides which texts are alike.

import type { Text } from "./messages.ts";

/** Punctuation and white space, which do not make a text another. Symbols do: an emoji may be all that differs. */
const BETWEEN_WORDS = /[\p{P}\s]+/gu;

/** Equal for texts that differ in case, width (NFKC), punctuation and white space only; of pairs, both. */
export function textKey(text: Text): string {
  return typeof text === "string" ? keyOfOne(text) : text.map(keyOfOne).join("\0");
}

function keyOfOne(text: string): string {
  const words = text.normalize("NFKC").toLowerCase().replace(BETWEEN_WORDS, " ").trim();
  // "?" and "!" are two texts.
  return words === "" ? text.trim() : words;
}
