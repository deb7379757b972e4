// The URLs that a model source stands for, and the kind of a file told from its first bytes.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LoadOptions } from "../../web/bertlet.d.ts";
import { BertletError } from "../../web/src/index.ts";
import { checkpointOf } from "../../web/src/page/source.ts";
import type { FileKind } from "../../web/src/worker/downloads/file-kinds.ts";
import { sniffFile } from "../../web/src/worker/downloads/sniff-file.ts";

Object.assign(globalThis, { location: new URL("http://localhost/some/page.html") });
const code = (expected: string) => (error: unknown) =>
  error instanceof BertletError && error.code === expected;

describe("a source", () => {
  const folders: [source: string, options: LoadOptions, folder: string][] = [
    ["models/x/", {}, "http://localhost/some/models/x/"],
    ["models/x", {}, "http://localhost/some/models/x/"],
    ["/models/x", {}, "http://localhost/models/x/"],
    ["https://example.org/x", {}, "https://example.org/x/"],
    ["owner/name", { hub: false }, "http://localhost/some/owner/name/"],
    ["owner/name", { hub: true }, "https://huggingface.co/owner/name/resolve/main/"],
    ["bert-base-cased", { hub: true }, "https://huggingface.co/bert-base-cased/resolve/main/"],
    [
      "owner/name",
      { hub: true, revision: "refs/pr/1" },
      "https://huggingface.co/owner/name/resolve/refs%2Fpr%2F1/",
    ],
    ["models/x/", { hub: true }, "http://localhost/some/models/x/"],
    ["./models/x", { hub: true }, "http://localhost/some/models/x/"],
    ["https://example.org/x/", { hub: true }, "https://example.org/x/"],
  ];
  for (const [source, options, folder] of folders) {
    test(`${source} ${JSON.stringify(options)} is ${folder}`, () => {
      assert.deepEqual(checkpointOf(source, options), { folder });
    });
  }

  test("with a view into a larger buffer sends the view alone", () => {
    const weights = new Uint8Array(100).subarray(10, 20);
    const ask = checkpointOf({ config: "a", tokenizer: "b", weights }, {});
    assert.ok("weights" in ask && "bytes" in ask.weights && ask.weights.bytes instanceof Uint8Array);
    assert.equal(ask.weights.bytes.buffer.byteLength, 10);
  });

  test("with a name and password in its address is refused, and neither is repeated", () => {
    const address = "https://user:s3cret@example.org/m/?token=t0ken";
    const files = { config: address, tokenizer: "b", weights: "c" };
    for (const source of [address, new URL(address), address.replace("user:", ":"), files]) {
      assert.throws(
        () => checkpointOf(source, {}),
        (error: BertletError) =>
          error.code === "bad-option" &&
          /: source(\.config)? must be a URL without a name and password/.test(error.message) &&
          /option headers, as Authorization/.test(error.hint ?? "") &&
          !/s3cret|t0ken/.test(error.message),
      );
    }
  });

  test("with a file of another name is refused", () => {
    const source = { config: "a", tokenizer: "b", weights: "c", vocab: "d" };
    assert.throws(() => checkpointOf(source, {}), code("bad-option"));
  });
});

describe("the beginning of a file", () => {
  const weights: FileKind = { name: "model.safetensors", code: "bad-weights", maxBytes: 1 };
  const bytes = (...numbers: number[]) => new Uint8Array(numbers);

  test("of safetensors passes, even where its header is as long as a pickle's first bytes say", () => {
    sniffFile(weights, bytes(0x80, 2, 0, 0, 0, 0, 0, 0, 0x7b, 0x22));
    sniffFile(weights, bytes(0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0x7b, 0x22));
    sniffFile(weights, bytes());
  });

  test("of every pickle does not", () => {
    for (const head of [
      bytes(0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0),
      bytes(0x80, 2, 0x7d),
      bytes(0x80, 5, 0x95, 1, 0),
    ]) {
      assert.throws(() => sniffFile(weights, head), code("pickle-refused"));
    }
  });

  test("of a web page is told however it begins", () => {
    for (const page of ["<!doctype html>", "\n  <!DOCTYPE HTML PUBLIC", "\ufeff<html lang=en>", "<HTML>"]) {
      const head = new TextEncoder().encode(`${page}\n`);
      assert.throws(
        () => sniffFile(weights, head, { url: "http://localhost/x", type: "" }),
        code("fetch-failed"),
      );
      assert.throws(() => sniffFile(weights, head), code("bad-weights"));
    }
  });
});
