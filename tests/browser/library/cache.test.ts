// Checkpoints that stay in the browser: fetched once, whole after any number of breaks, checked by SHA-256, and loaded
// without storage, too.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { LoadOptions } from "../../../web/bertlet.d.ts";
import { openPage, shareBrowser } from "../../support/browser.ts";
import { checkpointFile } from "../../support/checkpoints.ts";
import { type Site, send, serve } from "../../support/serve.ts";

const GOOD = "sequence_classification_f32";
const WEIGHTS = checkpointFile(GOOD, "model.safetensors");
/** Has a worker tell its page how many bytes of weights it has read. */
const TELL_READ = `{
  const [own, readers, bodies] = [self.fetch, ReadableStream.prototype.getReader, new WeakSet()];
  const told = new BroadcastChannel("read");
  self.fetch = async (...asked) => {
    const response = await own.apply(self, asked);
    if (response.url.endsWith("model.safetensors") && response.body) bodies.add(response.body);
    return response;
  };
  ReadableStream.prototype.getReader = function (...options) {
    const reader = readers.apply(this, options);
    if (!bodies.has(this)) return reader;
    const read = reader.read.bind(reader);
    reader.read = async () => {
      const part = await read();
      told.postMessage(part.value?.length ?? 0);
      return part;
    };
    return reader;
  };
}`;
declare global {
  interface Window {
    bytesRead: number;
  }
}
const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

describe("a checkpoint with the option cache", () => {
  const share = shareBrowser({ webgpu: false });
  let site: Site;
  let page: Page;
  /** What the server does with a request for the weights. */
  let weights: (response: ServerResponse) => void;
  let ranges: (string | undefined)[];
  /** Bytes of weights that were sent so far. */
  let sent = 0;

  before(async () => {
    site = await serve();
    for (const name of ["config.json", "tokenizer.json", "tokenizer_config.json"]) {
      for (const folder of ["m", "m/inner"]) {
        site.answer(`${folder}/${name}`, (response) =>
          send(response, 200, ".json", checkpointFile(GOOD, name)),
        );
      }
    }
    site.answer("m/inner/model.safetensors", (response) => answerRange(response, WEIGHTS, '"one"'));
    site.answer("m/model.safetensors", (response) => {
      ranges.push(response.req.headers.range);
      weights(response);
    });
    site.beforeWorkers(TELL_READ);
    page = await openPage(await share.browser(), site);
    await page.evaluate(() => {
      window.bytesRead = 0;
      new BroadcastChannel("read").onmessage = ({ data }) => {
        window.bytesRead += data;
      };
    });
  });

  beforeEach(async () => {
    ranges = [];
    weights = (response) => answerRange(response, WEIGHTS, '"one"');
    await page.evaluate(() => window.bertlet.Classifier.clearCache());
  });

  after(async () => {
    await site?.close();
    await share.release();
  });

  /** Sends the part that is asked for, and breaks off once the page has read `most` bytes: a browser drops what it has not. */
  function answerRange(response: ServerResponse, file: Buffer, etag: string, most = file.length): void {
    const { range, "if-range": ifRange } = response.req.headers;
    const from =
      range === undefined || (ifRange !== undefined && ifRange !== etag) ? 0 : Number(/\d+/.exec(range)?.[0]);
    const part = file.subarray(from);
    const headers = { etag, "content-type": "application/octet-stream", "content-length": part.length };
    const place = { "content-range": `bytes ${from}-${file.length - 1}/${file.length}` };
    response.writeHead(from > 0 ? 206 : 200, from > 0 ? { ...headers, ...place } : headers);
    sent += Math.min(part.length, most);
    if (part.length <= most) {
      response.end(part);
      return;
    }
    response.write(part.subarray(0, most));
    page
      .waitForFunction((sent) => window.bytesRead >= sent, sent, { polling: 10 })
      .catch(() => {})
      .then(() => response.destroy());
  }

  const load = (options: LoadOptions = { cache: true }) =>
    page.evaluate(async (options) => {
      let classifier: import("../../../web/bertlet.d.ts").Classifier | undefined;
      const failure = await window.failure(async () => {
        classifier = await window.bertlet.Classifier.load("./m/", { device: "wasm", ...options });
      });
      const scores = (await classifier?.classify("thank you"))?.scores;
      const cached = classifier?.info.cached;
      await classifier?.dispose();
      return { failure, scores, cached, isCached: await window.bertlet.Classifier.isCached("./m/") };
    }, options);
  const requested = () => site.requests.filter((path) => path.includes("/m/")).length;

  test("is fetched once, until it is cleared", async () => {
    const first = await load();
    assert.deepEqual([first.cached, first.isCached], [true, true]);
    const after = requested();
    const second = await load();
    assert.deepEqual(second, first);
    assert.equal(requested(), after);
    // Without the option it is fetched as ever.
    assert.equal((await load({})).cached, undefined);
    assert.ok(requested() > after);
    await page.evaluate(() => window.bertlet.Classifier.clearCache("./m/"));
    assert.equal(await page.evaluate(() => window.bertlet.Classifier.isCached("./m/")), false);
    await load();
    assert.equal(ranges.length, 3);
  });

  test("stays where the folder around its own is cleared", async () => {
    const found = await page.evaluate(async () => {
      const { Classifier } = window.bertlet;
      const folders = ["./m/", "./m/inner/"];
      for (const folder of folders)
        await (await Classifier.load(folder, { device: "wasm", cache: true })).dispose();
      await Classifier.clearCache("./m/");
      return Promise.all(folders.map((folder) => Classifier.isCached(folder)));
    });
    assert.deepEqual(found, [false, true]);
  });

  test("arrives whole though it is cut twenty times", async () => {
    let cuts = 20;
    weights = (response) => {
      const rest = WEIGHTS.length - Number(/\d+/.exec(response.req.headers.range ?? "0")?.[0]);
      const most = Math.floor((rest / (cuts + 1)) * (0.5 + Math.random()));
      answerRange(response, WEIGHTS, '"one"', cuts-- > 0 ? most : undefined);
    };
    const { failure, cached } = await load({ cache: true, sha256: { "model.safetensors": digest(WEIGHTS) } });
    assert.deepEqual([failure, cached], [null, true]);
    assert.equal(ranges.length, 21);
    assert.equal(ranges.filter((range) => range === undefined).length, 1);
  });

  test("begins anew where the server changed the file meanwhile", async () => {
    const other = Buffer.from(WEIGHTS).fill(0, WEIGHTS.length - 40_000);
    weights = (response) =>
      ranges.length === 1
        ? answerRange(response, WEIGHTS, '"one"', 60_000)
        : answerRange(response, other, '"two"');
    const { failure } = await load({ sha256: { "model.safetensors": digest(other) } });
    assert.equal(failure, null);
  });

  test("goes on at the next attempt where the last one broke off", async () => {
    weights = (response) =>
      ranges.length === 1
        ? answerRange(response, WEIGHTS, '"one"', 60_000)
        : send(response, 503, ".html", "busy");
    const broken = await load();
    assert.equal(broken.failure?.code, "fetch-failed");
    assert.equal(broken.isCached, false);
    weights = (response) => answerRange(response, WEIGHTS, '"one"');
    ranges = [];
    assert.equal(
      (await load({ cache: true, sha256: { "model.safetensors": digest(WEIGHTS) } })).failure,
      null,
    );
    assert.deepEqual(ranges, ["bytes=60000-"]);
  });

  test("is held to the SHA-256 that is given", async () => {
    const wrong = "0".repeat(64);
    const { failure, isCached } = await load({ cache: true, sha256: { "model.safetensors": wrong } });
    assert.equal(failure?.code, "bad-weights");
    assert.match(
      failure?.message as string,
      new RegExp(`expected the SHA-256 ${wrong}, found ${digest(WEIGHTS)}`),
    );
    assert.equal(isCached, false);
    assert.equal((await load({ sha256: { "tokenizer.json": wrong } })).failure?.code, "fetch-failed");
    assert.equal((await load({ sha256: { "vocab.txt": wrong } })).failure?.code, "bad-option");
  });

  test("is loaded where storage is denied, and says that it is not kept", async () => {
    site.beforeWorkers(`
      StorageManager.prototype.getDirectory = async () => { throw new DOMException("", "SecurityError"); };
      IDBFactory.prototype.open = () => { throw new DOMException("", "SecurityError"); };`);
    const { failure, cached, isCached } = await load();
    site.beforeWorkers("");
    assert.deepEqual([failure, cached, isCached], [null, false, false]);
  });
});
