// Models on a Hub in Chromium, at a server that answers as the Hub does: ids, pages, revisions, files that another host
// sends; each refusal told apart; what a preview tells; and that only the hosts that were named are asked.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { LoadOptions, PreviewOptions, SourcePreview } from "../../../web/bertlet.d.ts";
import { openPage, shareBrowser } from "../../support/browser.ts";
import { checkpointFile } from "../../support/checkpoints.ts";
import { COMMIT, type Hub, serveHub, TOKEN } from "../../support/hub.ts";
import { type Site, serve } from "../../support/serve.ts";
import { splitIntoShards } from "../../support/shards.ts";

const GOOD = "sequence_classification_f32";
const file = (name: string) => checkpointFile(GOOD, name);
const SMALL = Object.fromEntries(["config.json", "tokenizer.json"].map((name) => [name, file(name)]));
const WEIGHTS = file("model.safetensors");
const WHOLE = { ...SMALL, "model.safetensors": WEIGHTS };
const { index, shards } = splitIntoShards(WEIGHTS, 2);
const buffers = (files: Record<string, Uint8Array>) =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes)]));
const SHARDED = { ...SMALL, ...buffers({ "model.safetensors.index.json": index, ...shards }) };
const FOLDER = `data/checkpoints/${GOOD}/`;
const inside = (files: Record<string, Buffer>) =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`sub/${name}`, bytes]));
const sizeOf = (files: Record<string, Buffer>) =>
  Object.values(files).reduce((sum, { length }) => sum + length, 0);

type Failed = { code: string; message: string; hint: string };

describe("a model on the Hub", () => {
  const share = shareBrowser({ webgpu: false });
  const foreign: string[] = [];
  let site: Site;
  let hub: Hub;
  let page: Page;

  before(async () => {
    site = await serve();
    hub = await serveHub({
      "owner/whole": {
        files: { ...WHOLE, "pytorch_model.bin": WEIGHTS },
        revisions: ["v1", "refs/pr/1"],
        license: "apache-2.0",
      },
      "owner/sharded": { files: SHARDED },
      "owner/inside": { files: { "config.json": Buffer.from("{}"), ...inside(WHOLE) } },
      "owner/gated": { files: WHOLE, gated: true },
      "owner/pickle": { files: { ...SMALL, "pytorch_model.bin": WEIGHTS } },
      "owner/bare": { files: { "config.json": file("config.json"), "model.safetensors": WEIGHTS } },
      legacy: { files: WHOLE },
    });
    page = await openPage(await share.browser(), site, foreign);
  });
  after(async () => {
    await page?.context().close();
    await share.release();
    await site.close();
    await hub.close();
  });
  beforeEach(() => {
    hub.describes = true;
    hub.requests.length = 0;
    foreign.length = 0;
  });

  /** The scores of a text, or the failure. */
  const scores = (source: string, options: LoadOptions): Promise<unknown> =>
    page.evaluate(
      async ([source, options]) => {
        const { Classifier, BertletError } = window.bertlet;
        try {
          const classifier = await Classifier.load(source, { device: "wasm", ...options });
          const { scores } = await classifier.classify("a refund, please");
          await classifier.dispose();
          return scores;
        } catch (error) {
          if (!(error instanceof BertletError)) throw error;
          return { code: error.code, message: error.message, hint: error.hint };
        }
      },
      [source, options] as const,
    );

  const preview = (source: string, options: PreviewOptions): Promise<SourcePreview | Failed> =>
    page.evaluate(
      async ([source, options]) => {
        const { Classifier, BertletError } = window.bertlet;
        try {
          return await Classifier.preview(source, options);
        } catch (error) {
          if (!(error instanceof BertletError)) throw error;
          return { code: error.code, message: error.message, hint: error.hint ?? "" };
        }
      },
      [source, options] as const,
    );

  const at = () => ({ hub: true, hubHost: hub.origin });

  test("loads by its id, its page or a revision, whole or in shards, as the folder does", async () => {
    const first = await scores(FOLDER, {});
    assert.ok(Array.isArray(first), JSON.stringify(first));
    const { hub: _, ...mirror } = at();
    const SAME: [string, LoadOptions][] = [
      ["owner/whole", at()],
      ["legacy", at()],
      ["owner/whole", { ...at(), revision: "refs/pr/1" }],
      ["owner/sharded", at()],
      [`${hub.origin}/owner/whole`, mirror],
      [`${hub.origin}/owner/whole/blob/v1/config.json`, mirror],
      [`${hub.origin}/owner/inside/tree/main/sub`, mirror],
    ];
    for (const [source, options] of SAME) assert.deepEqual(await scores(source, options), first, source);
    const asked = hub.requests.filter((path) => /resolve|cdn/.test(path));
    assert.ok(asked.some((path) => path.startsWith("GET /owner/whole/resolve/refs%2Fpr%2F1/config.json")));
    assert.ok(asked.some((path) => path.startsWith("GET cdn /blob/owner/whole/-/model.safetensors?X-Amz")));
    assert.deepEqual(
      [...new Set(foreign.map((url) => new URL(url).origin))].sort(),
      [hub.origin, hub.cdn].sort(),
    );
  });

  test("is told of before it is loaded: architecture, bytes, licence, commit; no weight is read", async () => {
    const bytes = sizeOf(WHOLE);
    assert.deepEqual(await preview("owner/whole", at()), {
      architecture: "BertForSequenceClassification",
      bytes,
      license: "apache-2.0",
      revision: COMMIT,
      folder: `${hub.origin}/owner/whole/resolve/${COMMIT}/`,
    });
    assert.deepEqual(hub.requests, [
      "GET /owner/whole/resolve/main/config.json",
      "GET /api/models/owner/whole/revision/main?blobs=true",
    ]);
    const inside = await preview(`${hub.origin}/owner/inside/tree/main/sub`, { hubHost: hub.origin });
    assert.ok("folder" in inside && inside.bytes === bytes, JSON.stringify(inside));
    assert.equal(inside.folder, `${hub.origin}/owner/inside/resolve/${COMMIT}/sub/`);
    assert.ok(Array.isArray(await scores(inside.folder, {})));
    const sharded = await preview("owner/sharded", at());
    assert.ok(
      "bytes" in sharded && sharded.bytes === sizeOf(buffers(shards)) + sizeOf(SMALL),
      JSON.stringify(sharded),
    );
  });

  test("of a mirror without descriptions is told of as far as it goes", async () => {
    hub.describes = false;
    const found = await preview("owner/whole", at());
    assert.deepEqual(found, {
      bytes: sizeOf(WHOLE),
      architecture: "BertForSequenceClassification",
      folder: `${hub.origin}/owner/whole/resolve/main/`,
    });
  });

  test("as files, or in a folder of this server, is told of too", async () => {
    const found = await page.evaluate(async (folder) => {
      const { Classifier } = window.bertlet;
      const of = async (name: string) => new File([await (await fetch(folder + name)).blob()], name);
      const files = await Promise.all(["config.json", "tokenizer.json", "model.safetensors"].map(of));
      return [await Classifier.preview(folder), await Classifier.preview(files)];
    }, FOLDER);
    const [folder, files] = found as [SourcePreview, SourcePreview];
    assert.equal(folder.bytes, sizeOf(WHOLE));
    assert.equal(folder.folder, site.base + FOLDER);
    assert.deepEqual(files, { architecture: "BertForSequenceClassification", bytes: sizeOf(WHOLE) });
    assert.deepEqual(foreign, []);
  });

  const REFUSED: [name: string, source: string, options: LoadOptions, code: string, hint: RegExp][] = [
    ["that is missing", "owner/nowhere", {}, "unknown-model", /check the id/],
    [
      "that is gated",
      "owner/gated",
      {},
      "gated-model",
      /accept the terms at .*\/owner\/gated; then download/,
    ],
    ["without that revision", "owner/whole", { revision: "v9" }, "unknown-revision", /list of files/],
    ["without safetensors", "owner/pickle", {}, "fetch-failed", /safetensors|safe_serialization/],
  ];
  for (const [name, source, options, code, hint] of REFUSED) {
    test(`${name} is ${code}, in load and in preview`, async () => {
      const { revision } = options;
      const where = { ...at(), ...(revision !== undefined && { revision }) };
      for (const failure of [await scores(source, where), await preview(source, where)] as Failed[]) {
        assert.equal(failure.code, code, JSON.stringify(failure));
        assert.match(failure.hint, hint);
      }
      assert.ok(!hub.requests.some((path) => path.includes("cdn")), "a large file was fetched");
    });
  }

  test("that is gated loads with a token, which the host of large files is not given", async () => {
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const found = await preview("owner/gated", { ...at(), headers });
    assert.ok("bytes" in found, JSON.stringify(found));
    assert.ok(Array.isArray(await scores("owner/gated", { ...at(), headers })));
    const large = hub.requests.filter((path) => path.includes("cdn"));
    assert.ok(large.length > 0 && !large.some((path) => path.endsWith("with a token")), `${large}`);
  });

  test("that has only a pickle, or no tokenizer, is refused by a preview that names what it has", async () => {
    const pickle = (await preview("owner/pickle", at())) as Failed;
    assert.match(pickle.message, /^model\.safetensors: owner\/pickle .*pytorch_model\.bin$/);
    const bare = (await preview("owner/bare", at())) as Failed;
    assert.match(bare.message, /^tokenizer\.json: owner\/bare/);
  });

  test("on a host that does not answer is told from one that does not allow this page", async () => {
    const other = await serve();
    const notAllowed = (await preview(other.base + FOLDER, {})) as Failed;
    assert.equal(notAllowed.code, "fetch-failed");
    assert.match(notAllowed.hint, /^127\.0\.0\.1:\d+ answers, and does not let this page read it \(CORS\)/);
    await other.close();
    const gone = (await preview(other.base + FOLDER, {})) as Failed;
    assert.match(gone.hint, /^check the address and the connection/);
    site.beforeWorkers("Object.defineProperty(navigator, 'onLine', { value: false });");
    const offline = (await preview(other.base + FOLDER, {})) as Failed;
    site.beforeWorkers("");
    assert.match(offline.hint, /offline/);
  });

  test("is not asked for a relative URL, nor before the options are checked", async () => {
    const relative = (await scores("owner/whole", {})) as Failed;
    assert.match(relative.hint, /hub: true/);
    assert.deepEqual(((await scores("./owner/whole", {})) as Failed).hint, "check the address");
    const failure = (await scores("owner/whole", { ...at(), revision: "a b" })) as Failed;
    assert.equal(failure.code, "bad-option");
    assert.deepEqual([hub.requests, foreign], [[], []]);
  });
});
