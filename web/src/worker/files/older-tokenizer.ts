// Takes special_tokens_map.json and added_tokens.json, which lie beside an older vocabulary; gives tokenizer_config.json with
// what they say, as newer versions of transformers write it there.

import { BertletError, describe } from "../../shared/errors.ts";

/** BERT's and RoBERTa's. */
const SPECIAL = "[PAD] [UNK] [CLS] [SEP] [MASK] <s> <pad> </s> <unk> <mask>".split(" ");
/** What a configuration names: each alone, and then lists of others. */
const NAMED = ["pad_token", "unk_token", "cls_token", "sep_token", "mask_token"];
const LISTS = ["additional_special_tokens", "extra_special_tokens"];

export interface OlderFiles {
  specialTokens?: Uint8Array | undefined;
  addedTokens?: Uint8Array | undefined;
}

/** `config` is the text of tokenizer_config.json, if there is one. Where it has all added tokens, it stays as it is. */
export function withOlderFiles(
  config: string | undefined,
  { specialTokens, addedTokens }: OlderFiles,
): string | undefined {
  if (specialTokens === undefined && addedTokens === undefined) return config;
  const settings = objectOf("tokenizer_config.json", config ?? "{}");
  if (settings.added_tokens_decoder !== undefined) return config;
  if (specialTokens !== undefined) join(settings, parsed("special_tokens_map.json", specialTokens));
  if (addedTokens !== undefined)
    settings.added_tokens_decoder = decoderOf(parsed("added_tokens.json", addedTokens), specialIn(settings));
  return JSON.stringify(settings);
}

/** As transformers does: what it names goes before the configuration's, its list only where that has none. */
function join(settings: Record<string, unknown>, map: Record<string, unknown>): void {
  const hasList = LISTS.some((key) => Array.isArray(settings[key]) && settings[key].length > 0);
  const taken = hasList ? NAMED : [...NAMED, ...LISTS];
  for (const key of taken) if (Object.hasOwn(map, key)) settings[key] = map[key];
}

function specialIn(settings: Record<string, unknown>): Set<unknown> {
  const contentOf = (token: unknown) => (isObject(token) ? token.content : token);
  return new Set([...SPECIAL, ...NAMED.map((key) => contentOf(settings[key]))]);
}

function decoderOf(tokens: Record<string, unknown>, special: Set<unknown>): Record<string, unknown> {
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
  return Object.fromEntries(byId);
}

function idOf(content: string, id: unknown): number {
  if (typeof id === "number") return id;
  throw new BertletError(
    "bad-tokenizer",
    `added_tokens.json: expected a number as the id of ${describe(content)}, found ${describe(id)}`,
  );
}

function parsed(name: string, bytes: Uint8Array): Record<string, unknown> {
  return objectOf(name, new TextDecoder().decode(bytes));
}

function objectOf(name: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BertletError("bad-tokenizer", `${name}: expected JSON, found something else`);
  }
  if (isObject(value)) return value;
  throw new BertletError("bad-tokenizer", `${name}: expected a JSON object, found ${describe(value)}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
