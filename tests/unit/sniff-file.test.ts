// Holds sniff-file.ts to the cases that the native tests hold the engine to: what a weights file is by its first bytes.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  ADAPTER_WEIGHTS,
  CONFIG,
  moduleKind,
  TOKENIZER_CONFIG,
  VOCAB,
  WEIGHTS,
} from "../../web/src/worker/downloads/file-kinds.ts";
import { contentOf, sniffFile } from "../../web/src/worker/downloads/sniff-file.ts";
import { readCheckpoint } from "../../web/src/worker/files/files.ts";
import { readJson } from "../support/checkpoints.ts";
import { hasCode } from "../support/fake-classifier.ts";

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

describe("a server that has another text in place of a file that it lacks", () => {
  const ANSWERS: [what: string, type: string, body: string][] = [
    ["a text", "text/plain", "Not Found"],
    ["nothing", "application/octet-stream", ""],
    ["an error in JSON", "application/json", '{"error":"not found"}'],
    ["null", "application/json", "null"],
    ["a page that begins with its text", "text/html; charset=utf-8", "Sorry, this page does not exist"],
  ];
  const bytes = (text: string) => new TextEncoder().encode(text);
  /** What is read from a folder of these files. */
  const read = (files: Record<string, string>, type: string, body: string) => {
    const fetch = async (url: string) => {
      const file = files[new URL(url).pathname.slice(1)];
      return new Response(file ?? body, { headers: { "content-type": file === undefined ? type : "" } });
    };
    const opening = Promise.resolve({ folder: "https://models.example/" });
    const config = Promise.resolve(bytes("{}"));
    return readCheckpoint(opening, config, { onProgress: () => {}, fetch }, () => {});
  };

  for (const [what, type, body] of ANSWERS)
    test(`${what}: the folder has none of the optional files`, async () => {
      const weights = { "model.safetensors": "weights" };
      const found = await read({ ...weights, "tokenizer.json": "{}" }, type, body);
      assert.deepEqual(found.sentenceTransformers, {});
      // Any object may be a file of settings.
      if (body.startsWith("{")) return;
      assert.equal(found.tokenizerConfig, undefined);
      const older = await read({ ...weights, "vocab.txt": "[PAD]\n[UNK]\n" }, type, body);
      assert.equal(new TextDecoder().decode(older.tokenizer), "[PAD]\n[UNK]\n");
    });

  test("is told what was expected; a file that a person hands over goes to the engine", () => {
    const fetched = { url: "https://models.example/x", type: "text/plain" };
    const modules = moduleKind("modules.json");
    assert.throws(
      () => sniffFile(modules, bytes('{"error":1}'), fetched),
      hasCode("fetch-failed", /modules\.json: expected JSON that begins with \[ at .*, found "\{/),
    );
    for (const kind of [modules, TOKENIZER_CONFIG]) sniffFile(kind, bytes("Not Found"));
    sniffFile(modules, bytes("\ufeff\n [{}]"), fetched);
    sniffFile(TOKENIZER_CONFIG, bytes(' {"a": 1}'), { ...fetched, type: "text/html" });
    assert.throws(
      () => sniffFile(CONFIG, bytes("Sorry"), { ...fetched, type: "text/html" }),
      hasCode("fetch-failed", /config\.json: .*web page/),
    );
  });
});
