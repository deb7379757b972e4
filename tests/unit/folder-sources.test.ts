// Folders as a list of Files, as a zip, by a URL with a query; bytes in shared memory. What is missing, damaged or
// too large in them is a typed error that names the file.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BlobWriter, TextReader, Uint8ArrayReader, ZipWriter } from "@zip.js/zip.js/lib/zip-core-native.js";
import { downloadZip } from "client-zip";
import { fileOf } from "../../web/src/page/file-source.ts";
import { adapterOf, checkpointOf } from "../../web/src/page/source.ts";
import { adapterAmong, checkpointAmong } from "../../web/src/shared/folder-files.ts";
import type { FileKind } from "../../web/src/worker/downloads/file-kinds.ts";
import { sniffFile } from "../../web/src/worker/downloads/sniff-file.ts";
import * as unzip from "../../web/src/worker/files/unzip.ts";
import { openZip, readZipped } from "../../web/src/worker/files/zip-folder.ts";
import { hasCode } from "../support/fake-classifier.ts";

Object.assign(globalThis, { location: new URL("http://localhost/some/page.html") });

describe("a folder's URL", () => {
  const URLS: [source: string | URL, folder: string][] = [
    [new URL("http://localhost/models/x"), "http://localhost/models/x/"],
    ["/models/x?token=a/b", "http://localhost/models/x/?token=a/b"],
    ["/models/x/?token=a", "http://localhost/models/x/?token=a"],
    ["x?token=a#part", "http://localhost/some/x/?token=a"],
    [new URL("https://example.org/?a=1&b=%2F"), "https://example.org/?a=1&b=%2F"],
  ];
  for (const [source, folder] of URLS) {
    test(`${source} is ${folder}`, () => {
      assert.deepEqual(checkpointOf(source, {}), { folder });
      assert.deepEqual(adapterOf(source), { folder });
    });
  }

  test("as a proxy around a URL is refused, with what to pass", () => {
    const source = new Proxy(new URL("https://example.org/"), {});
    assert.throws(() => checkpointOf(source, {}), hasCode("bad-option", /a URL that cannot be read/));
  });

  test("of a kind without folders is refused", () => {
    for (const source of ["data:,x", "blob:http://localhost/1", new URL("mailto:x@y")])
      assert.throws(() => checkpointOf(source, {}), hasCode("bad-option", /folder's URL/));
  });
});

describe("a file", () => {
  test("may be a URL object", () => {
    assert.deepEqual(fileOf("x", new URL("https://example.org/x?sig=1")), {
      url: "https://example.org/x?sig=1",
    });
  });

  test("in shared, resizable or larger memory is copied to memory of its own", () => {
    const shared = new SharedArrayBuffer(4);
    new Uint8Array(shared).set([1, 2, 3, 4]);
    const Resizable = ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer;
    const resizable = new Resizable(4, { maxByteLength: 8 });
    new Uint8Array(resizable).set([1, 2, 3, 4]);
    const larger = Uint8Array.of(0, 1, 2, 3, 4).subarray(1);
    const pooled = Buffer.from([1, 2, 3, 4]);
    for (const file of [
      shared,
      new Uint8Array(shared),
      resizable,
      new Uint8Array(resizable),
      larger,
      pooled,
    ]) {
      const request = fileOf("x", file);
      assert.ok("bytes" in request && request.bytes instanceof Uint8Array);
      assert.deepEqual([...request.bytes], [1, 2, 3, 4]);
      const { buffer } = request.bytes;
      assert.ok(buffer instanceof ArrayBuffer && buffer.byteLength === 4);
      assert.notEqual((buffer as { resizable?: boolean }).resizable, true);
    }
  });

  test("that cannot be read is refused by its name", () => {
    const detached = new ArrayBuffer(4);
    structuredClone(detached, { transfer: [detached] });
    for (const file of [detached, new Proxy(new Uint8Array(4), {}), [], 1, null])
      assert.throws(
        () => fileOf("load: source.config", file),
        hasCode("bad-option", /source\.config must be a Blob/),
      );
  });
});

const file = (path: string) => ({ path, file: path });
const among = (...paths: string[]) => checkpointAmong("the list", paths.map(file));

describe("the files of a folder", () => {
  test("are found by name, in any case, with or without the optional one", () => {
    const three = ["m/Config.json", "m/vocab.txt", "m/model.safetensors"];
    const found = { config: three[0], tokenizer: three[1], weights: three[2] };
    assert.deepEqual(among(...three, "m/README.md"), { ...found, tokenizerName: "vocab.txt" });
    const tokenizerConfig = "m/tokenizer_config.json";
    assert.deepEqual(among(...three, tokenizerConfig, "m/tokenizer.json"), {
      ...found,
      tokenizer: "m/tokenizer.json",
      tokenizerConfig,
    });
  });

  test("are those of the least deep folder, not of its training's checkpoints", () => {
    const deeper = Array.from({ length: 120 }, (_, i) =>
      ["config.json", "tokenizer.json", "model.safetensors"].map((name) => `m/checkpoint-${i}/${name}`),
    ).flat();
    const own = ["m/config.json", "m/tokenizer.json", "m/model.safetensors", "m/1_Pooling/config.json"];
    const [config, tokenizer, weights] = own;
    assert.deepEqual(among(...deeper, ...own, "__MACOSX/config.json", "m/._config.json"), {
      config,
      tokenizer,
      weights,
    });
    assert.throws(() => among(...deeper), hasCode("fetch-failed", /config\.json twice: m\/checkpoint-0/));
  });

  test("are those of sentence-transformers too, by their paths, where it wrote the folder", () => {
    const own = ["m/config.json", "m/tokenizer.json", "m/model.safetensors", "m/1_Pooling/config.json"];
    assert.equal(among(...own).sentenceTransformers, undefined);
    const named = ["modules.json", "sentence_bert_config.json", "config_sentence_transformers.json"];
    const { sentenceTransformers } = among(
      ...own,
      ...named.map((name) => `m/${name}`),
      "m/2_Dense/model.safetensors",
    );
    const expected = [...named, "1_Pooling/config.json"].map((name) => [name, `m/${name}`]);
    assert.deepEqual(sentenceTransformers, Object.fromEntries(expected));
  });

  test("count added_tokens.json and special_tokens_map.json beside a vocab.txt alone", () => {
    const older = ["special_tokens_map.json", "added_tokens.json"];
    const files = ["config.json", "vocab.txt", "model.safetensors", ...older];
    const found = (...all: string[]) => {
      const { specialTokens, addedTokens } = among(...all);
      return [specialTokens, addedTokens];
    };
    assert.deepEqual(found(...files), older);
    assert.deepEqual(found(...files, "tokenizer.json"), [undefined, undefined]);
  });

  test("may have RoBERTa's vocabulary in two files, beside no tokenizer.json", () => {
    const files = ["config.json", "vocab.json", "merges.txt", "model.safetensors"];
    const { tokenizer, merges } = among(...files);
    assert.deepEqual([tokenizer, merges], ["vocab.json", "merges.txt"]);
    const whole = among(...files, "tokenizer.json");
    assert.deepEqual([whole.tokenizer, whole.merges], ["tokenizer.json", undefined]);
    assert.throws(
      () => among(...files.filter((name) => name !== "merges.txt")),
      hasCode("fetch-failed", /expected tokenizer\.json/),
    );
  });

  test("of SentencePiece alone are refused by name", () => {
    for (const model of ["sentencepiece.bpe.model", "spiece.model"]) {
      const files = ["config.json", model, "model.safetensors"];
      assert.throws(() => among(...files), hasCode("bad-tokenizer", new RegExp(`found ${model} alone`)));
      assert.equal(among(...files, "tokenizer.json").tokenizer, "tokenizer.json");
    }
  });

  test("have the names by which they are read, and by which their SHA-256 is given", () => {
    const names = (...files: string[]) => {
      const found = checkpointAmong(
        "the zip",
        files.map((path) => ({ path, file: path })),
      );
      return [found.tokenizerName, found.weightsName];
    };
    assert.deepEqual(names("config.json", "tokenizer.json", "vocab.txt", "model.safetensors"), [
      undefined,
      undefined,
    ]);
    assert.deepEqual(names("config.json", "vocab.txt", "weights.fp32.safetensors"), [
      "vocab.txt",
      "weights.fp32.safetensors",
    ]);
  });

  test("may have their weights in shards", () => {
    const [first, second] = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"] as const;
    const index = "model.safetensors.index.json";
    assert.deepEqual(among("config.json", "vocab.txt", index, first, second).weights, {
      index,
      shards: { [first]: first, [second]: second },
    });
    const shards = () => among("config.json", "vocab.txt", first, second);
    assert.throws(shards, hasCode("fetch-failed", /expected model\.safetensors/));
  });

  test("that are missing are named, with those found", () => {
    assert.throws(() => among("config.json"), hasCode("fetch-failed", /tokenizer\.json, model\.safetensors/));
    assert.throws(() => among("a.txt"), hasCode("fetch-failed", /config\.json, found a\.txt/));
    assert.throws(() => among(), hasCode("fetch-failed", /found no file/));
    assert.throws(() => adapterAmong("it", [file("adapter_config.json")]), hasCode("fetch-failed"));
  });

  test("come as Files, or as a zip alone", () => {
    const files = ["config.json", "tokenizer.json", "model.safetensors"].map(
      (name) => new File(["{}"], name),
    );
    const [config, tokenizer, weights] = files.map((bytes) => ({ bytes }));
    assert.deepEqual(checkpointOf(files, {}), { config, tokenizer, weights });
    const zip = new File([], "model.zip");
    for (const source of [zip, [zip], new Blob()]) assert.ok("zip" in checkpointOf(source, {}));
    assert.throws(() => checkpointOf([new Blob()], {}), hasCode("bad-option", /source\[0\] must be a File/));
  });
});

const KIND: FileKind = { name: "config.json", code: "bad-config", maxBytes: 10_000 };
const open = (zip: Blob) => openZip(zip, async () => unzip);

/** A zip, deflated. */
async function deflated(files: Record<string, string | Uint8Array>, options = {}): Promise<Blob> {
  const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false, ...options });
  for (const [name, content] of Object.entries(files)) {
    await writer.add(
      name,
      typeof content === "string" ? new TextReader(content) : new Uint8ArrayReader(content),
    );
  }
  return writer.close();
}

async function read(zip: Blob, path: string): Promise<string> {
  const found = (await open(zip)).find((each) => each.path === path);
  assert.ok(found);
  return new TextDecoder().decode(await readZipped(KIND, found.file.zipped, () => {}));
}

/** The zip with `bytes` written at the first or last place of `signature`, `offset` on. */
async function patched(zip: Blob, signature: string, offset: number, bytes: number[]): Promise<Blob> {
  const all = Buffer.from(await zip.arrayBuffer());
  const at = all.indexOf(Buffer.from(signature, "latin1"));
  assert.ok(at >= 0);
  all.set(bytes, at + offset);
  return new Blob([all]);
}

describe("a zip", () => {
  const text = JSON.stringify({ model_type: "bert", padding: "x".repeat(3000) });

  test("stored, as our own download, or deflated, gives its files", async () => {
    const stored = await downloadZip([{ name: "m/config.json", input: text }]).blob();
    for (const zip of [stored, await deflated({ "m/": "", "m/config.json": text })]) {
      assert.equal(await read(zip, "m/config.json"), text);
    }
  });

  test("whose file is larger than its kind may be is refused before and while it is read", async () => {
    const bomb = await deflated({ "config.json": "0".repeat(1_000_000) });
    await assert.rejects(read(bomb, "config.json"), hasCode("bad-config", /at most/));
    // The same, declared as 100 bytes in the central directory.
    const lying = await patched(bomb, "PK\x01\x02", 24, [100, 0, 0, 0]);
    await assert.rejects(read(lying, "config.json"), hasCode("fetch-failed", /damaged/));
  });

  test("that is damaged is refused by the file's name", async () => {
    const stored = await downloadZip([{ name: "config.json", input: text }]).blob();
    const flipped = await patched(stored, "model_type", 0, [88]);
    await assert.rejects(read(flipped, "config.json"), hasCode("fetch-failed", /config\.json: .*damaged/));
    const cut = stored.slice(0, stored.size - 30);
    await assert.rejects(open(cut), hasCode("fetch-failed", /could not be read/));
    await assert.rejects(open(new Blob(["no zip"])), hasCode("fetch-failed", /does not begin as a zip/));
    await assert.rejects(open(new Blob()), hasCode("fetch-failed"));
  });

  test("of another method is told apart from a damaged one", async () => {
    const zip = await deflated({ "config.json": text });
    for (const method of [12, 14]) {
      const other = await patched(await patched(zip, "PK\x01\x02", 10, [method]), "PK\x03\x04", 8, [method]);
      const named = new RegExp(
        `^config\\.json: the zip has it packed by method ${method}, which is not read$`,
      );
      await assert.rejects(read(other, "config.json"), hasCode("fetch-failed", named));
    }
  });

  test("with a password, or of a pickle, says so", async () => {
    const secret = await deflated({ "config.json": text }, { password: "x", zipCrypto: true });
    await assert.rejects(read(secret, "config.json"), hasCode("fetch-failed", /encrypted/));
    const pickle = await deflated({ "archive/data.pkl": "x" });
    await assert.rejects(open(pickle), hasCode("pickle-refused"));
  });

  test("of many files is refused", async () => {
    const input = new Uint8Array();
    const many = Array.from({ length: 10_001 }, (_, i) => ({ name: `${i}`, input }));
    await assert.rejects(open(await downloadZip(many).blob()), hasCode("fetch-failed", /10000 files/));
  });
});

describe("a page in place of a file", () => {
  const json: FileKind = { name: "tokenizer_config.json", code: "bad-tokenizer", maxBytes: 1 };
  const vocab: FileKind = { name: "vocab.txt", code: "bad-tokenizer", maxBytes: 1 };
  const url = "http://localhost/x";
  const sniff =
    (kind: FileKind, text: string, type = "") =>
    () =>
      sniffFile(kind, new TextEncoder().encode(text), { url, type });

  for (const start of [
    "<!-- app -->",
    "<?xml version='1.0'?>",
    "\n\n <div>",
    "\ufeff<!-- -->",
    "<app-root>",
  ]) {
    test(`is told by ${JSON.stringify(start)}`, () => {
      assert.throws(sniff(json, start), hasCode("fetch-failed", /web page/));
      assert.throws(sniff(vocab, start, "text/html; charset=utf-8"), hasCode("fetch-failed", /web page/));
    });
  }

  test("is no vocabulary that begins with a bracket, nor JSON", () => {
    for (const start of ["<s>\n<pad>\n", "<unk>\n", "<|endoftext|>\n"]) sniff(vocab, start, "text/plain")();
    sniff(json, ' {"a": "<!-- -->"}', "text/html")();
  });
});
