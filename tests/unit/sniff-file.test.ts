// Holds sniff-file.ts to the cases that the native tests hold the engine to: what a weights file is by its first bytes.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ADAPTER_WEIGHTS, VOCAB, WEIGHTS } from "../../web/src/worker/file-kinds.ts";
import { contentOf } from "../../web/src/worker/sniff-file.ts";
import { readJson } from "../support/checkpoints.ts";

interface Case {
  what: string;
  hex: string;
  verdict: "safetensors" | "pickle" | "web-page" | "git-lfs";
}

const { cases } = readJson<{ cases: Case[] }>("../sniff.json");

describe("a weights file's content is told by its first bytes", () => {
  test("there are as many cases as ever", () => {
    assert.ok(cases.length >= 20);
  });

  for (const { what, hex, verdict } of cases) {
    test(`${what}: ${verdict}`, () => {
      const head = new Uint8Array(Buffer.from(hex, "hex"));
      const expected = verdict === "safetensors" ? "expected" : verdict;
      assert.equal(contentOf(WEIGHTS, head), expected);
      assert.equal(contentOf(ADAPTER_WEIGHTS, head), expected);
    });
  }
});

test("a vocabulary may begin with a token in angle brackets", () => {
  const head = (text: string) => new TextEncoder().encode(text);
  assert.equal(contentOf(VOCAB, head("<s>\n</s>\n")), "expected");
  assert.equal(contentOf(VOCAB, head("<!doctype html><title>404</title>")), "web-page");
});
