// RoBERTa's vocab.json and merges.txt as a tokenizer.json.

import assert from "node:assert/strict";
import { test } from "node:test";
import { joinBytePairs } from "../../web/src/worker/files/byte-pairs.ts";
import { hasCode } from "../support/fake-classifier.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("a vocabulary and its merges become one file, without the line of the version", () => {
  const vocab = { "<s>": 0, a: 1, Ġ: 2, Ġa: 3, "#": 4 };
  const joined = joinBytePairs(bytes(JSON.stringify(vocab)), bytes("#version: 0.2\r\nĠ a\n# a\n\n"));
  assert.deepEqual(JSON.parse(new TextDecoder().decode(joined)), {
    version: "1.0",
    model: { type: "BPE", vocab, merges: ["Ġ a", "# a"] },
  });
});

test("what is no vocabulary is named", () => {
  for (const vocab of ["{", "[]", "null", "3"]) {
    assert.throws(() => joinBytePairs(bytes(vocab), bytes("")), hasCode("bad-tokenizer", /vocab\.json/));
  }
});
