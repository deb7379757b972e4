// Takes vocab.json and merges.txt, which lie in RoBERTa's folders without a tokenizer.json; gives the tokenizer.json that
// the crate reads. What the files do not say, it takes from the class of tokenizer_config.json, as transformers does.

import { BertletError } from "../../shared/errors.ts";

export function joinBytePairs(vocab: Uint8Array, merges: Uint8Array): Uint8Array {
  const decoder = new TextDecoder();
  let tokens: unknown;
  try {
    tokens = JSON.parse(decoder.decode(vocab));
  } catch {
    throw new BertletError("bad-tokenizer", "vocab.json: expected JSON, found something else");
  }
  if (typeof tokens !== "object" || tokens === null || Array.isArray(tokens)) {
    throw new BertletError(
      "bad-tokenizer",
      `vocab.json: expected an object of tokens with their ids, found ${JSON.stringify(tokens).slice(0, 40)}`,
    );
  }
  const pairs = decoder
    .decode(merges)
    .split(/\r?\n/)
    .filter((line) => line !== "" && !line.startsWith("#version"));
  const json = { version: "1.0", model: { type: "BPE", vocab: tokens, merges: pairs } };
  return new TextEncoder().encode(JSON.stringify(json));
}
