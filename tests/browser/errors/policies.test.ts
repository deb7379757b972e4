// Pages whose server or policy forbids the worker, WebAssembly or a fetch, in Chromium: each failure names the
// directive or header that did it, and what mends it. What the hints say is then done, and the model loads.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { ErrorCode, LoadOptions } from "../../../web/bertlet.d.ts";
import { shareBrowser } from "../../support/browser.ts";
import { root, type Site, send, serve } from "../../support/serve.ts";

const FOLDER = "data/checkpoints/sequence_classification_f32/";
/** The library without an inline script, which most policies forbid. */
const PAGE = `<!doctype html><title>bertlet</title><link rel="icon" href="data:,">
<script type="module" src="./provide.js"></script>`;
const PROVIDE = 'import * as bertlet from "./bertlet.js"; window.bertlet = bertlet;';

const CSP = "content-security-policy";
const COEP = "cross-origin-embedder-policy";
const isolated = { "cross-origin-opener-policy": "same-origin", [COEP]: "require-corp" };
const everywhere = (policy: string) => () => ({ [CSP]: policy });
const onPage = (policy: string) => (path: string) => (path === "policy.html" ? { [CSP]: policy } : {});
const onWorker = (policy: string) => (path: string) => (path === "worker.js" ? { [CSP]: policy } : {});

interface Case {
  headers?: Site["headersOf"];
  /** The folder of bertlet.js and what is beside it. */
  folder?: string;
  code?: ErrorCode;
  message?: RegExp;
  hint?: RegExp;
  options?: LoadOptions;
  source?: string;
}

const CASES: Record<string, Case> = {
  "default-src 'self' alone": {
    headers: everywhere("default-src 'self'"),
    code: "no-wasm",
    message: /Content-Security-Policy forbids WebAssembly/,
    hint: /'wasm-unsafe-eval' to script-src .* worker\.js/,
  },
  "default-src 'self' with 'wasm-unsafe-eval'": {
    headers: everywhere("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"),
  },
  "worker-src 'none'": {
    headers: onPage("worker-src 'none'"),
    code: "no-worker",
    message: /worker-src 'none'/,
    hint: /'self' to worker-src .* the page/,
  },
  "default-src 'none' for workers": {
    headers: onPage("default-src 'none'; script-src-elem 'self'; connect-src 'self'"),
    code: "no-worker",
    message: /default-src 'none'/,
    hint: /'self' to worker-src/,
  },
  "child-src of another origin": {
    headers: onPage("child-src https://example.org"),
    code: "no-worker",
    message: /child-src https:/,
    hint: /'self' to worker-src/,
  },
  "a report-only policy, which blocks nothing": {
    headers: (path) =>
      path === "policy.html" ? { "content-security-policy-report-only": "worker-src 'none'" } : {},
  },
  "connect-src 'none'": {
    headers: onWorker("connect-src 'none'"),
    code: "fetch-failed",
    message: /connect-src 'none'/,
    hint: /http:\/\/127\.0\.0\.1:\d+ to connect-src .* worker\.js/,
  },
  "connect-src without the model's origin": {
    headers: everywhere("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"),
    source: "https://models.example.org/bert/?token=secret",
    code: "fetch-failed",
    message: /config\.json: https:\/\/models\.example\.org\/bert\/config\.json\?\.\.\. could not be fetched/,
    hint: /https:\/\/models\.example\.org to connect-src/,
  },
  "script-src 'none' in the worker": {
    headers: onWorker("script-src 'none'"),
    code: "fetch-failed",
    message: /script-src 'none'/,
    hint: /'self' to script-src .* worker\.js/,
  },
  "Trusted Types": { headers: everywhere("require-trusted-types-for 'script'") },
  "Trusted Types of other names": {
    headers: everywhere("require-trusted-types-for 'script'; trusted-types other"),
    code: "no-worker",
    message: /Trusted/,
    hint: /bertlet to trusted-types/,
  },
  "Trusted Types with our name": {
    headers: everywhere("require-trusted-types-for 'script'; trusted-types bertlet"),
  },
  "an isolated page whose worker is not": {
    headers: (path) => (path === "policy.html" ? isolated : {}),
    code: "no-worker",
    message: /worker\.js came without Cross-Origin-Embedder-Policy/,
    hint: /Cross-Origin-Embedder-Policy with worker\.js/,
  },
  "a page with an embedder policy alone": {
    headers: (path) => (path === "policy.html" ? { [COEP]: "require-corp" } : {}),
    code: "no-worker",
    hint: /Cross-Origin-Embedder-Policy with worker\.js/,
  },
  "an isolated site": { headers: () => isolated },
  "an isolated site without the threads": {
    headers: (path) => (path === "thread.js" ? {} : isolated),
  },
  "an isolated site whose worker may start no threads": {
    headers: (path) => ({ ...isolated, ...onWorker("worker-src 'none'")(path) }),
  },
  "no worker.js beside bertlet.js": {
    folder: "alone/",
    code: "no-worker",
    message: /worker\.js answered with HTTP 404/,
    hint: /same folder as bertlet\.js/,
  },
  "a web page in place of worker.js": {
    folder: "page/",
    code: "no-worker",
    message: /a web page came in place of worker\.js/,
  },
  "worker.js as plain text": {
    folder: "text/",
    code: "no-worker",
    message: /text\/plain/,
    hint: /text\/javascript/,
  },
  "an empty worker.js": {
    folder: "empty/",
    code: "no-worker",
    message: /answered, and sends no message/,
    hint: /worker\.js of this version/,
  },
  "a worker.js of another version": {
    folder: "old/",
    code: "version-mismatch",
    message: /0\.0\.1/,
    hint: /reload the page/,
  },
  "a server that fails": {
    folder: "broken/",
    code: "no-worker",
    message: /HTTP 500/,
    hint: /try again later/,
  },
  "wasm files that are cut off": {
    folder: "cut/",
    code: "fetch-failed",
    message: /_bg\.wasm: it cannot be used/,
    hint: /cut off, or of another version/,
  },
  "wasm files of something else": {
    folder: "foreign/",
    code: "fetch-failed",
    message: /_bg\.wasm: it cannot be used/,
    hint: /cut off, or of another version/,
  },
  "a sandbox without an origin, whose workers are of blob: URLs": {
    headers: (path) =>
      path === "policy.html" ? { [CSP]: "sandbox allow-scripts" } : { "access-control-allow-origin": "*" },
  },
};

describe("a page with a policy", () => {
  const share = shareBrowser({ webgpu: false });
  let site: Site;
  let page: Page;

  before(async () => {
    const browser = await share.browser();
    site = await serve();
    site.answer("policy.html", (response) => send(response, 200, ".html", PAGE));
    site.answer("provide.js", (response) => send(response, 200, ".js", PROVIDE));
    const library = await readFile(join(root, "web/dist/bertlet.js"));
    for (const folder of ["alone/", "page/", "text/", "empty/", "old/", "broken/", "cut/", "foreign/"]) {
      site.answer(`${folder}policy.html`, (response) => send(response, 200, ".html", PAGE));
      site.answer(`${folder}provide.js`, (response) => send(response, 200, ".js", PROVIDE));
      site.answer(`${folder}bertlet.js`, (response) => send(response, 200, ".js", library));
    }
    site.answer("page/worker.js", (response) => send(response, 200, ".html", PAGE));
    site.answer("text/worker.js", (response) => {
      response.writeHead(200, { "content-type": "text/plain", "x-content-type-options": "nosniff" });
      response.end("");
    });
    const js = (text: string | Buffer) => (response: ServerResponse) => send(response, 200, ".js", text);
    site.answer("empty/worker.js", js(""));
    site.answer("old/worker.js", js('postMessage({ type: "ready", version: "0.0.1" });'));
    site.answer("broken/worker.js", (response) => send(response, 500, ".html", "failed"));
    const worker = await readFile(join(root, "web/dist/worker.js"));
    // A header alone, which is a module without exports; and bytes that are none.
    const binaries = {
      "cut/": Buffer.from("0061736d0100", "hex"),
      "foreign/": Buffer.from("0061736d01000000", "hex"),
    };
    for (const [folder, bytes] of Object.entries(binaries)) {
      site.answer(`${folder}worker.js`, js(worker));
      for (const build of ["cpu", "cpu_relaxed"]) {
        const script = await readFile(join(root, `web/dist/wasm/${build}.js`));
        site.answer(`${folder}wasm/${build}.js`, js(script));
        site.answer(`${folder}wasm/${build}_bg.wasm`, (response) => send(response, 200, ".wasm", bytes));
      }
    }
    page = await browser.newPage();
  });
  after(async () => {
    await page?.context().close();
    await share.release();
    await site.close();
  });

  /** Loads a model on a new page; gives the failure, or undefined. */
  async function load({ headers = () => ({}), folder = "", source, options = {} }: Case) {
    site.headersOf = headers;
    await page.goto(`${site.base}${folder}policy.html`);
    await page.waitForFunction(() => window.bertlet !== undefined);
    return page.evaluate(
      async ({ source, options }) => {
        try {
          const classifier = await window.bertlet.Classifier.load(source, { device: "wasm", ...options });
          await classifier.dispose();
          return undefined;
        } catch (error) {
          const { code, message, hint } = error as InstanceType<typeof window.bertlet.BertletError>;
          return { code, message, hint };
        }
      },
      { source: source ?? site.base + FOLDER, options },
    );
  }

  for (const [name, expected] of Object.entries(CASES)) {
    test(`${name}: ${expected.code ?? "loads"}`, async () => {
      const failure = await load(expected);
      assert.equal(failure?.code, expected.code, failure?.message);
      if (failure === undefined) return;
      assert.match(failure.message, expected.message ?? /./);
      assert.match(failure.hint ?? "", expected.hint ?? /^/);
    });
  }
});
