// Takes added_tokens.json, which lies beside an older vocab.txt; gives tokenizer_config.json with its tokens, as newer
// versions of transformers write them there.

import { BertletError, describe } from "../shared/errors.ts";

/** BERT's and RoBERTa's. */
const SPECIAL = "[PAD] [UNK] [CLS] [SEP] [MASK] <s> <pad> </s> <unk> <mask>".split(" ");

/** `config` is the text of tokenizer_config.json, if there is one; its own tokens go before. */
export function withAddedTokens(config: string | undefined, added: Uint8Array): string {
  const settings = objectOf("tokenizer_config.json", config ?? "{}");
  if (settings.added_tokens_decoder !== undefined) return config as string;
  const tokens = objectOf("added_tokens.json", new TextDecoder().decode(added));
  const special = new Set(SPECIAL);
  const byId = Object.entries(tokens).map(([content, id]) => [
    idOf(content, id),
    // As transformers adds them: found in the normalized text, but for the special ones.
    {
      content,
      normalized: !special.has(content),
      special: special.has(content),
      // RoBERTa's mask takes the space before it.
      ...(content === "<mask>" ? { lstrip: true } : {}),
    },
  ]);
  return JSON.stringify({ ...settings, added_tokens_decoder: Object.fromEntries(byId) });
}

function idOf(content: string, id: unknown): number {
  if (typeof id === "number") return id;
  throw new BertletError(
    "bad-tokenizer",
    `added_tokens.json: expected a number as the id of ${describe(content)}, found ${describe(id)}`,
  );
}

function objectOf(name: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BertletError("bad-tokenizer", `${name}: expected JSON, found something else`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new BertletError("bad-tokenizer", `${name}: expected a JSON object, found ${describe(value)}`);
}
