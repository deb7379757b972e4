// added_tokens.json of older versions of transformers, as tokenizer_config.json's own tokens.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withAddedTokens } from "../../web/src/worker/added-tokens.ts";
import { hasCode } from "../support/fake-classifier.ts";

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

test("its tokens join the configuration, which may be missing", () => {
  const token = (content: string, special: boolean) => ({ content, normalized: !special, special });
  const added_tokens_decoder = { 9: token("[URL]", false), 4: token("[MASK]", true) };
  for (const config of [undefined, "{}", '{ "do_lower_case": false }']) {
    const found = JSON.parse(withAddedTokens(config, bytes({ "[URL]": 9, "[MASK]": 4 })));
    assert.deepEqual(found, { ...JSON.parse(config ?? "{}"), added_tokens_decoder });
  }
});

test("RoBERTa's mask takes the space before it", () => {
  const { added_tokens_decoder } = JSON.parse(withAddedTokens(undefined, bytes({ "<mask>": 4, "<x>": 5 })));
  const mask = { content: "<mask>", normalized: false, special: true, lstrip: true };
  assert.deepEqual(added_tokens_decoder, {
    4: mask,
    5: { content: "<x>", normalized: true, special: false },
  });
});

test("a configuration with tokens of its own stays as it is", () => {
  const config = '{ "added_tokens_decoder": {} }';
  assert.equal(withAddedTokens(config, bytes({ x: 1 })), config);
});

test("what is no object of ids is named", () => {
  for (const added of [bytes([]), bytes(null), new TextEncoder().encode("{")]) {
    assert.throws(() => withAddedTokens("{}", added), hasCode("bad-tokenizer", /added_tokens\.json/));
  }
  const noId = hasCode("bad-tokenizer", /^added_tokens\.json: .* the id of "x", found an object$/);
  assert.throws(() => withAddedTokens("{}", bytes({ x: { toString: null } })), noId);
  assert.throws(() => withAddedTokens("[]", bytes({})), hasCode("bad-tokenizer", /tokenizer_config\.json/));
});
