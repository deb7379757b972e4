// What older versions of transformers wrote beside a vocabulary, as tokenizer_config.json of newer ones.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withOlderFiles } from "../../web/src/worker/files/older-tokenizer.ts";
import { hasCode } from "../support/fake-classifier.ts";

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const joined = (config: string | undefined, files: { specialTokens?: unknown; addedTokens?: unknown }) => {
  const given = Object.entries(files).map(([name, value]) => [name, bytes(value)]);
  return JSON.parse(withOlderFiles(config, Object.fromEntries(given)) ?? "null");
};

test("added tokens join the configuration, which may be missing", () => {
  const token = (content: string, special: boolean) => ({ content, normalized: !special, special });
  const added_tokens_decoder = { 9: token("[URL]", false), 4: token("[MASK]", true) };
  for (const config of [undefined, "{}", '{ "do_lower_case": false }']) {
    const found = joined(config, { addedTokens: { "[URL]": 9, "[MASK]": 4 } });
    assert.deepEqual(found, { ...JSON.parse(config ?? "{}"), added_tokens_decoder });
  }
});

test("special tokens have the names of their own file", () => {
  const config = '{ "cls_token": "[CLS]", "mask_token": "[MASK]" }';
  const sep_token = { content: "</s>", lstrip: true };
  const found = joined(config, { specialTokens: { cls_token: "<s>", sep_token, bos_token: "<s>" } });
  assert.deepEqual(found, { cls_token: "<s>", sep_token, mask_token: "[MASK]" });
});

test("a list of others is taken where the configuration has none", () => {
  const additional_special_tokens = ["[E1]"];
  const of = (config: object) =>
    joined(JSON.stringify(config), { specialTokens: { additional_special_tokens } });
  assert.deepEqual(of({}), { additional_special_tokens });
  assert.deepEqual(of({ additional_special_tokens: [] }), { additional_special_tokens });
  for (const key of ["additional_special_tokens", "extra_special_tokens"])
    assert.deepEqual(of({ [key]: ["[E2]"] }), { [key]: ["[E2]"] });
});

test("an added token that is named is special", () => {
  for (const mask_token of ["<m>", { content: "<m>" }]) {
    const { added_tokens_decoder } = joined(undefined, {
      specialTokens: { mask_token },
      addedTokens: { "<m>": 4, "<x>": 5 },
    });
    assert.deepEqual(added_tokens_decoder, {
      4: { content: "<m>", normalized: false, special: true },
      5: { content: "<x>", normalized: true, special: false },
    });
  }
});

test("RoBERTa's mask takes the space before it", () => {
  const { added_tokens_decoder } = joined(undefined, { addedTokens: { "<mask>": 4, "<x>": 5 } });
  const mask = { content: "<mask>", normalized: false, special: true, lstrip: true };
  assert.deepEqual(added_tokens_decoder, {
    4: mask,
    5: { content: "<x>", normalized: true, special: false },
  });
});

test("a configuration with tokens of its own stays as it is", () => {
  const config = '{ "added_tokens_decoder": {} }';
  const older = { addedTokens: bytes({ x: 1 }), specialTokens: bytes({ cls_token: "<s>" }) };
  assert.equal(withOlderFiles(config, older), config);
  assert.equal(withOlderFiles(undefined, {}), undefined);
  assert.equal(withOlderFiles("{", {}), "{");
});

test("what is no object of ids is named", () => {
  for (const wrong of [bytes([]), bytes(null), new TextEncoder().encode("{")]) {
    const refusal = (name: RegExp) => hasCode("bad-tokenizer", name);
    assert.throws(() => withOlderFiles("{}", { addedTokens: wrong }), refusal(/added_tokens\.json/));
    assert.throws(() => withOlderFiles("{}", { specialTokens: wrong }), refusal(/special_tokens_map\.json/));
  }
  const noId = hasCode("bad-tokenizer", /^added_tokens\.json: .* the id of "x", found an object$/);
  assert.throws(() => joined("{}", { addedTokens: { x: { toString: null } } }), noId);
  assert.throws(() => joined("[]", { addedTokens: {} }), hasCode("bad-tokenizer", /tokenizer_config\.json/));
});
