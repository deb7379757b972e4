// The library in pages of another origin than its own, in sandboxes and under policies, in Chromium: each loads a
// checkpoint, classifies and trains, with threads where the page is isolated. Headers and the page's own fetch, too.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Frame, Page } from "playwright-core";
import type { LoadOptions } from "../../../web/bertlet.d.ts";
import { shareBrowser } from "../../support/browser.ts";
import { root, type Site, send, serve } from "../../support/serve.ts";

const FOLDER = "data/checkpoints/sequence_classification_f32/";
const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};
const EVERYONE = { "access-control-allow-origin": "*" };
const TRUSTED = "require-trusted-types-for 'script'; trusted-types bertlet";

interface Case {
  /** The page imports the library from another origin. */
  cdn?: boolean;
  isolated?: boolean;
  /** The page is in an iframe without an origin. */
  sandbox?: boolean;
  /** The page's policy; CDN stands for the library's origin. */
  policy?: string;
  /** The library is a copy of bertlet.js alone, and the option `assets` names the folder of the others. */
  copied?: boolean;
}

const CASES: Record<string, Case> = {
  "the page's own origin, in a folder": {},
  "the page's own origin, isolated": { isolated: true },
  "another origin": { cdn: true },
  "another origin, isolated": { cdn: true, isolated: true },
  "a sandboxed iframe": { cdn: true, sandbox: true },
  "an isolated, sandboxed iframe": { cdn: true, sandbox: true, isolated: true },
  "the least policy": {
    policy: "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'",
  },
  "the least policy for another origin": {
    cdn: true,
    policy: "default-src 'none'; script-src 'self' CDN 'wasm-unsafe-eval'; worker-src blob:; connect-src CDN",
  },
  "Trusted Types": { policy: TRUSTED },
  "Trusted Types and another origin, isolated": { cdn: true, isolated: true, policy: TRUSTED },
  "a copy of bertlet.js, with assets of another origin": { cdn: true, copied: true },
};

describe("the library from", () => {
  const share = shareBrowser({ webgpu: false });
  let site: Site;
  let cdn: Site;
  let page: Page;
  /** The headers that the library's origin got with each request for a checkpoint's file, by its name. */
  const asked: [name: string, headers: Record<string, unknown>][] = [];

  before(async () => {
    const browser = await share.browser();
    [site, cdn] = await Promise.all([serve(), serve()]);
    cdn.headersOf = (path) =>
      path.startsWith("wasm/") || path.endsWith(".js") || path.startsWith("data/") ? EVERYONE : {};
    site.answer("frame.html", (response) =>
      send(
        response,
        200,
        ".html",
        `<iframe sandbox="allow-scripts" allow="cross-origin-isolated" src="page.html">`,
      ),
    );
    const library = await readFile(join(root, "web/dist/bertlet.js"));
    site.answer("copy/bertlet.js", (response) => send(response, 200, ".js", library));
    site.answer("page.html", (response) =>
      send(
        response,
        200,
        ".html",
        '<!doctype html><title>x</title><link rel="icon" href="data:,"><script type="module" src="provide.js"></script>',
      ),
    );
    page = await browser.newPage();
  });
  after(async () => {
    await page?.context().close();
    await share.release();
    await Promise.all([site.close(), cdn.close()]);
  });

  /** Opens a page with the library on it. */
  async function open({ cdn: from = false, isolated, sandbox, policy, copied }: Case): Promise<Frame> {
    const folder = copied ? `${site.base}copy/` : (from ? cdn : site).base;
    const source = `import * as bertlet from "${folder}bertlet.js"; window.bertlet = bertlet;`;
    site.answer("provide.js", (response) => send(response, 200, ".js", source));
    const csp = policy?.replaceAll("CDN", cdn.origin);
    site.headersOf = (path) => ({
      ...(isolated && { ...ISOLATED, "cross-origin-resource-policy": "cross-origin" }),
      ...(csp !== undefined && { "content-security-policy": csp }),
      ...(sandbox && path !== "frame.html" && EVERYONE),
    });
    await page.goto(`${site.base}${sandbox ? "frame" : "page"}.html`);
    const frame = sandbox ? page.frames().at(-1) : page.mainFrame();
    await frame?.waitForFunction(() => window.bertlet !== undefined);
    return frame as Frame;
  }

  for (const [name, given] of Object.entries(CASES)) {
    test(`${name} loads, classifies and trains${given.isolated ? " with threads" : ""}`, async () => {
      const frame = await open(given);
      const source = (given.cdn ? cdn : site).base + FOLDER;
      const options: LoadOptions = { device: "wasm", labels: ["good", "bad"] };
      if (given.copied) options.assets = cdn.base;
      const found = await frame.evaluate(
        async ([source, options]) => {
          const classifier = await window.bertlet.Classifier.load(source, options);
          const train = ["fine", "poor", "great", "awful"].map((text, i) => ({
            text,
            label: i % 2 ? "bad" : "good",
          }));
          const run = classifier.finetune({ train }, { method: "full", epochs: 2 });
          let epochs = 0;
          for await (const event of run) if (event.type === "epoch") epochs += 1;
          const { label } = await classifier.classify("fine");
          const { threads } = classifier.info;
          const { crossOriginIsolated, origin } = window;
          await classifier.dispose();
          return { epochs, label, threads, crossOriginIsolated, origin };
        },
        [source, options] as const,
      );
      assert.deepEqual([found.epochs, typeof found.label], [2, "string"]);
      assert.equal(found.origin, given.sandbox ? "null" : site.origin);
      assert.equal(found.crossOriginIsolated, given.isolated === true);
      if (given.isolated) assert.ok(found.threads > 1, "one thread");
      else assert.equal(found.threads, 1);
    });
  }

  /** The failure of a load, or null. */
  function failureOf(frame: Frame, source: string, options: LoadOptions = {}) {
    return frame.evaluate(
      async ([source, options]) => {
        try {
          await (await window.bertlet.Classifier.load(source, { device: "wasm", ...options })).dispose();
          return null;
        } catch (error) {
          const { code, message, hint = "" } = error as InstanceType<typeof window.bertlet.BertletError>;
          return { code, message, hint };
        }
      },
      [source, options] as const,
    );
  }

  test("another origin under a policy that allows only a part of it says what is missing", async () => {
    const policy = "script-src 'self' 'wasm-unsafe-eval' CDN/some/sub/folder/bertlet.js; worker-src blob:";
    const failure = await failureOf(await open({ cdn: true, policy }), cdn.base + FOLDER);
    assert.equal(failure?.code, "no-worker", failure?.message);
    assert.match(failure?.message ?? "", /script-src 'self'/);
    assert.ok(failure?.hint.startsWith(`add ${cdn.origin} to script-src`), failure?.hint);
    const blobs = await failureOf(await open({ cdn: true, policy: "worker-src 'self'" }), cdn.base + FOLDER);
    assert.deepEqual(
      [blobs?.code, blobs?.hint.slice(0, 23)],
      ["no-worker", "add blob: to worker-src"],
      blobs?.hint,
    );
  });

  test("another origin that does not allow the page says so", async () => {
    const before = cdn.headersOf;
    cdn.headersOf = (path) => (path === "worker.js" ? {} : before(path));
    const failure = await failureOf(await open({ cdn: true }), cdn.base + FOLDER);
    cdn.headersOf = before;
    assert.equal(failure?.code, "no-worker");
    assert.match(failure?.hint ?? "", /Access-Control-Allow-Origin/);
  });

  test("another version than the worker's asks for a reload", async () => {
    const worker = await readFile(join(root, "web/dist/worker.js"), "utf8");
    const other = worker.replaceAll('"0.1.0"', '"0.0.9"');
    assert.notEqual(other, worker);
    site.answer("copy/worker.js", (response) => send(response, 200, ".js", other));
    const frame = await open({ copied: true });
    const failure = await failureOf(frame, site.base + FOLDER);
    assert.equal(failure?.code, "version-mismatch", failure?.message);
    assert.match(failure?.message ?? "", /0\.0\.9/);
    assert.match(failure?.hint ?? "", /^reload/);
  });

  test("anywhere sends headers to the checkpoint's origin alone, also past a redirect", async () => {
    const frame = await open({});
    asked.length = 0;
    const name = "config.json";
    const config = await readFile(join(root, "tests/reference", FOLDER, name));
    // The site sends a private file's readers on to a store of another origin, as the Hub does.
    site.answer(`${FOLDER}${name}`, (response) => {
      asked.push(["site", response.req.headers]);
      response.writeHead(302, { location: `${cdn.base}moved/${name}` }).end();
    });
    cdn.answer(`moved/${name}`, (response) => {
      if (response.req.method === "OPTIONS") {
        response.writeHead(204, { ...EVERYONE, "access-control-allow-headers": "*" }).end();
        return;
      }
      asked.push(["cdn", response.req.headers]);
      response.setHeader("access-control-allow-origin", "*");
      send(response, 200, ".json", config);
    });
    const load = (headers: Record<string, string>) => failureOf(frame, site.base + FOLDER, { headers });
    assert.equal(await load({ Authorization: "Bearer 1" }), null);
    const tokens = asked.map(([where, headers]) => [where, headers.authorization]);
    assert.deepEqual(tokens, [
      ["site", "Bearer 1"],
      ["cdn", undefined],
    ]);
    const refused = await load({ "X-Token": "1" });
    assert.equal(refused?.code, "fetch-failed");
    assert.match(refused?.message ?? "", /config\.json: .* redirects/);
    assert.deepEqual(
      asked.slice(2).map(([where]) => where),
      ["site"],
    );
    assert.equal((await load({ Cookie: "a=b" }))?.code, "bad-option");
  });

  test("anywhere takes the page's own fetch", async () => {
    const frame = await open({ cdn: true });
    const found = await frame.evaluate(async (folder) => {
      const names: string[] = [];
      const answer = async (url: string, init: RequestInit) => {
        names.push(url.slice(url.lastIndexOf("/") + 1));
        const token = new Headers(init.headers).get("x-token");
        if (token !== "1") return new Response(null, { status: 401 });
        return fetch(url.replace("https://models.example/", folder));
      };
      const loaded: number[] = [];
      const classifier = await window.bertlet.Classifier.load("https://models.example/", {
        device: "wasm",
        fetch: answer,
        headers: { "X-Token": "1" },
        onProgress: ({ stage, file, loaded: bytes }) => {
          if (stage === "download" && file === "model.safetensors") loaded.push(bytes);
        },
      });
      const { checkpointBytes } = classifier.info;
      await classifier.dispose();
      const codeOf = (fetch: () => Promise<Response>) =>
        window.bertlet.Classifier.load("https://models.example/", { device: "wasm", fetch }).catch(
          ({ code, message }) => [code, message],
        );
      const broken = await codeOf(async () => {
        throw new Error("no key");
      });
      const wrong = await codeOf(async () => ({}) as Response);
      return { names, checkpointBytes, last: loaded.at(-1) ?? 0, broken, wrong };
    }, cdn.base + FOLDER);
    assert.ok(found.names.includes("config.json") && found.names.includes("model.safetensors"));
    assert.ok(found.last > 1000 && found.checkpointBytes > found.last);
    for (const [[code, message], text] of [
      [found.broken, /no key/],
      [found.wrong, /must give a Response/],
    ] as [[string, string], RegExp][]) {
      assert.equal(code, "fetch-failed");
      assert.match(message, text);
    }
  });
});
