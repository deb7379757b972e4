// Takes a text; gives its key, which near-duplicates share. No other file of the library decides which texts are equal.

import type { Text } from "./messages.ts";

/** Punctuation and white space, which keys ignore. Symbols count: an emoji may be the whole difference. */
const BETWEEN_WORDS = /[\p{P}\s]+/gu;

/** A key that is equal for texts that differ only in case, width (NFKC), punctuation and white space. */
export function textKey(text: Text): string {
  return typeof text === "string" ? keyOfOne(text) : text.map(keyOfOne).join("\0");
}

function keyOfOne(text: string): string {
  const words = text.normalize("NFKC").toLowerCase().replace(BETWEEN_WORDS, " ").trim();
  // Without words, "?" and "!" stay different.
  return words === "" ? text.trim() : words;
}
