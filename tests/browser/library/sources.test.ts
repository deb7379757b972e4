// The forms of a model's source in Chromium: a zip, a list of Files, weights in shards, URL objects and signed URLs,
// bytes in shared memory, a server that answers with its page. Each gives the same scores as the plain folder.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BlobWriter, Uint8ArrayReader, ZipWriter } from "@zip.js/zip.js/lib/zip-core-native.js";
import { downloadZip } from "client-zip";
import type { Page } from "playwright-core";
import { openPage, shareBrowser } from "../../support/browser.ts";
import { checkpointFile, readData } from "../../support/checkpoints.ts";
import { type Site, send, serve } from "../../support/serve.ts";
import { splitIntoShards } from "../../support/shards.ts";

const GOOD = "sequence_classification_f32";
const NAMES = ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"];
const INDEX = "model.safetensors.index.json";
const { index, shards } = splitIntoShards(checkpointFile(GOOD, "model.safetensors"), 3);
const SMALL = NAMES.slice(0, 3).map((name) => [name, checkpointFile(GOOD, name)] as const);
const WHOLE = [...SMALL, ["model.safetensors", checkpointFile(GOOD, "model.safetensors")] as const];
const SHARDED = [...SMALL, [INDEX, index] as const, ...Object.entries(shards)];
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
/** The same encoder in a folder of sentence-transformers. */
const SENTENCE_TRANSFORMERS = [
  ...WHOLE.slice(1),
  ["config.json", json({ ...JSON.parse(`${SMALL[0]?.[1]}`), architectures: ["BertModel"] })] as const,
  [
    "modules.json",
    json([
      { idx: 0, name: "0", path: "", type: "sentence_transformers.models.Transformer" },
      { idx: 1, name: "1", path: "1_Pooling", type: "sentence_transformers.models.Pooling" },
    ]),
  ] as const,
  [
    "1_Pooling/config.json",
    json({ pooling_mode_mean_tokens: false, pooling_mode_max_tokens: true }),
  ] as const,
  ["sentence_bert_config.json", json({ max_seq_length: 9, do_lower_case: false })] as const,
];
/** What a single-page app's server answers for whatever it lacks. */
const APP = "<!-- the app -->\n<!doctype html><div id=app></div>";

type Bytes = Uint8Array | Buffer;

/** As our own download: stored, in a folder. */
async function stored(files: readonly (readonly [string, Bytes])[], folder = "my-model/"): Promise<Buffer> {
  const inputs = files.map(([name, input]) => ({ name: folder + name, input: new Uint8Array(input) }));
  return Buffer.from(await (await downloadZip(inputs).blob()).arrayBuffer());
}

async function deflated(files: readonly (readonly [string, Bytes])[]): Promise<Buffer> {
  const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false });
  for (const [name, bytes] of files) await writer.add(name, new Uint8ArrayReader(new Uint8Array(bytes)));
  return Buffer.from(await (await writer.close()).arrayBuffer());
}

describe("a source", () => {
  const share = shareBrowser({ webgpu: false });
  let site: Site;
  let page: Page;
  let expected: unknown;

  const answer = (folder: string, files: readonly (readonly [string, Bytes])[]): void => {
    for (const [name, bytes] of files) {
      site.answer(folder + name, (response) => send(response, 200, ".bin", Buffer.from(bytes)));
    }
  };

  /** Evaluates `make` in the page to a source; gives the scores of a text, or the failure. */
  const scores = (make: string): Promise<unknown> =>
    page.evaluate(async (make) => {
      const helpers = `
        const bytes = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());
        const blob = async (url) => (await fetch(url)).blob();
        const shared = async (url) => {
          const own = await bytes(url);
          const view = new Uint8Array(new SharedArrayBuffer(own.byteLength));
          view.set(own);
          return view;
        };
        const resizable = async (url) => {
          const own = await bytes(url);
          const buffer = new ArrayBuffer(own.byteLength, { maxByteLength: 2 * own.byteLength });
          new Uint8Array(buffer).set(own);
          return buffer;
        };
        return ${make}`;
      const source = await new Function(`return (async () => { ${helpers}; })()`)();
      try {
        const classifier = await window.bertlet.Classifier.load(source, { device: "wasm" });
        const { scores } = await classifier.classify("a refund, please");
        await classifier.dispose();
        return scores;
      } catch (error) {
        const { code, message, hint } = error as InstanceType<typeof window.bertlet.BertletError>;
        return { code, message, hint };
      }
    }, make);

  before(async () => {
    site = await serve({ isolated: true });
    answer("whole/", WHOLE);
    answer("sharded/", SHARDED);
    answer("st/", SENTENCE_TRANSFORMERS);
    site.answer("st.zip", (response) => void stored(SENTENCE_TRANSFORMERS).then((zip) => response.end(zip)));
    site.answer("stored.zip", (response) => void stored(WHOLE).then((zip) => response.end(zip)));
    site.answer("deflated.zip", (response) => void deflated(SHARDED).then((zip) => response.end(zip)));
    page = await openPage(await share.browser(), site);
    expected = await scores(`"whole/"`);
    assert.ok(Array.isArray(expected), JSON.stringify(expected));
  });
  after(async () => {
    await page?.context().close();
    await share.release();
    await site.close();
  });

  const file = (name: string, url: string) => `new File([await blob("${url}")], "${name}")`;
  const files = (folder: string, names: readonly string[]) =>
    `[${names.map((name) => file(name, folder + name)).join(", ")}]`;
  const each = (read: string) =>
    `({ config: await ${read}("whole/config.json"), tokenizer: await ${read}("whole/tokenizer.json"),
        tokenizerConfig: await ${read}("whole/tokenizer_config.json"), weights: await ${read}("whole/model.safetensors") })`;
  const shardNames = Object.keys(shards);
  const SAME: Record<string, string> = {
    "a URL object": `new URL("whole", location.href)`,
    "a proxy of the files": `new Proxy(${each("bytes")}, {})`,
    "URL objects of the files": each(`((url) => new URL(url, location.href))`),
    "bytes in shared memory": each("shared"),
    "bytes in resizable memory": each("resizable"),
    "a zip, as our own download": `blob("stored.zip")`,
    "a zip as the only file of a list": `[${file("my-model.zip", "stored.zip")}]`,
    "a deflated zip of shards": `blob("deflated.zip")`,
    "a list of Files": files("whole/", NAMES),
    "a list of Files in shards": files("sharded/", [...NAMES.slice(0, 3), INDEX, ...shardNames]),
    "a folder in shards": `"sharded/"`,
    "an index and shards": `({ ...${each("bytes")}, weights: { index: "sharded/${INDEX}",
      shards: { ${shardNames.map((name) => `"${name}": "sharded/${name}"`).join(", ")} } } })`,
  };
  for (const [name, make] of Object.entries(SAME)) {
    test(`as ${name} gives the scores of the folder`, async () => {
      assert.deepEqual(await scores(make), expected);
    });
  }

  const ST: Record<string, string> = {
    "its URL": `"st/"`,
    "a zip": `blob("st.zip")`,
    "its files": `({ ...${each("bytes")}, config: "st/config.json", sentenceTransformers: {
      "modules.json": "st/modules.json", "1_Pooling/config.json": "st/1_Pooling/config.json",
      "sentence_bert_config.json": "st/sentence_bert_config.json" } })`,
  };
  for (const [name, make] of Object.entries(ST)) {
    test(`of sentence-transformers, as ${name}, pools and cuts as it says`, async () => {
      const found = await page.evaluate(async (make) => {
        const helpers = `
          const bytes = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());
          const blob = async (url) => (await fetch(url)).blob();
          return ${make}`;
        const source = await new Function(`return (async () => { ${helpers}; })()`)();
        const classifier = await window.bertlet.Classifier.load(source, { device: "wasm" });
        const { pooling, normalizes, maxLength, labels } = classifier.info;
        const [vector] = await classifier.embed(["a refund, please"]);
        await classifier.dispose();
        const length = Math.hypot(...(vector ?? []));
        return { pooling, normalizes, maxLength, labels, isUnit: Math.abs(length - 1) < 1e-3 };
      }, make);
      const expected = { pooling: "max", normalizes: false, maxLength: 9, labels: [], isUnit: false };
      assert.deepEqual(found, expected);
    });
  }

  test("with a query keeps it for every file, and out of the messages", async () => {
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    for (const folder of ["whole", "whole/", "sharded"]) {
      asked.length = 0;
      assert.deepEqual(await scores(`"${folder}?token=a%2Fb&x=1"`), expected);
      const ofFiles = asked.filter((url) => /whole|sharded/.test(url));
      assert.ok(
        ofFiles.length >= 4 && ofFiles.every((url) => url.endsWith("?token=a%2Fb&x=1")),
        `${ofFiles}`,
      );
    }
    const { code, message } = (await scores(`"nowhere/?token=secret"`)) as { code: string; message: string };
    assert.equal(code, "fetch-failed");
    assert.match(message, /nowhere\/config\.json\?\.\.\. answered with HTTP 404/);
  });

  for (const status of [200, 404]) {
    test(`on a server that answers with its page and ${status} lacks what it lacks`, async () => {
      const folder = `app-${status}/`;
      for (const name of ["vocab.txt", "tokenizer_config.json", "model.safetensors", INDEX, "config.json"])
        site.answer(folder + name, (response) => send(response, status, ".html", APP));
      const failure = (await scores(`"${folder}"`)) as { code: string; message: string };
      assert.equal(failure.code, "fetch-failed");
      assert.match(failure.message, status === 200 ? /config\.json: .*a web page/ : /config\.json: .*404/);
      answer(folder, SMALL.slice(0, 2));
      const second = (await scores(`"${folder}"`)) as { code: string; message: string };
      assert.match(second.message, /^model\.safetensors: /);
      answer(
        folder,
        SHARDED.filter(([name]) => name !== "tokenizer_config.json"),
      );
      assert.ok(Array.isArray(await scores(`"${folder}"`)), "without tokenizer_config.json it loads");
    });
  }

  const [firstShard] = shardNames as [string];
  const BAD: [name: string, code: string, make: string, message: RegExp][] = [
    [
      "a proxy around a Blob",
      "bad-option",
      `({ ...${each("bytes")}, weights: new Proxy(new Blob(), {}) })`,
      /source\.weights/,
    ],
    [
      "a zip without a model",
      "fetch-failed",
      `new Blob([await bytes("empty.zip")])`,
      /expected config\.json/,
    ],
    ["what is no zip", "fetch-failed", `blob("whole/model.safetensors")`, /zip could not be read/],
    [
      "a list without weights",
      "fetch-failed",
      files("whole/", NAMES.slice(0, 3)),
      /expected model\.safetensors/,
    ],
    [
      "a list without one shard",
      "fetch-failed",
      files("sharded/", [...NAMES.slice(0, 3), INDEX, ...shardNames.slice(1)]),
      new RegExp(`^${firstShard}: `),
    ],
    [
      "shards of which one is missing",
      "fetch-failed",
      `"missing-shard/"`,
      new RegExp(`^${firstShard}: .*404`),
    ],
    ["shards that leave the folder", "bad-weights", `"leaving/"`, /index\.json.*\.\.\/other/],
  ];
  for (const [name, code, make, message] of BAD) {
    test(`as ${name} is ${code}`, async () => {
      answer("empty.zip", [["", await stored([["README.md", Buffer.from("x")]])]]);
      answer(
        "missing-shard/",
        SHARDED.filter(([shard]) => shard !== firstShard),
      );
      const leaving = JSON.stringify({ weight_map: { x: "../other.safetensors" } });
      answer("leaving/", [...SMALL, [INDEX, Buffer.from(leaving)]]);
      const failure = (await scores(make)) as { code: string; message: string };
      assert.equal(failure.code, code, JSON.stringify(failure));
      assert.match(failure.message, message);
    });
  }

  test("of an adapter may be a zip, a list of Files, or a URL with a query", async () => {
    const adapter = ["adapter_config.json", "adapter_model.safetensors"].map(
      (name) => [name, readData(`peft/saved_lora/${name}`)] as const,
    );
    answer("adapter/", adapter);
    answer("adapter.zip", [["", await stored(adapter)]]);
    const labels = await page.evaluate(async () => {
      const blob = async (url: string) => (await fetch(url)).blob();
      const names = ["adapter_config.json", "adapter_model.safetensors"];
      const files = await Promise.all(
        names.map(async (name) => new File([await blob(`adapter/${name}`)], name)),
      );
      const classifier = await window.bertlet.Classifier.load("whole/", { device: "wasm" });
      const sources = [
        await blob("adapter.zip"),
        files,
        "adapter?token=1",
        new URL("adapter/", location.href),
      ];
      const labels: number[] = [];
      for (const [at, source] of sources.entries())
        labels.push((await classifier.addAdapter(`adapter ${at}`, source)).length);
      await classifier.dispose();
      return labels;
    });
    assert.deepEqual(labels, [3, 3, 3, 3]);
  });
});
