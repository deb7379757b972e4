// A user's smallest page, as the documentation shows it, in Chromium: beside the library, from a CDN, and bundled by
// esbuild with the worker's files beside. web/scripts/examples.mjs does the same with every bundler, from the package.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { shareBrowser } from "../../support/browser.ts";
import { root, type Site, send, serve } from "../../support/serve.ts";

const PLAIN = join(root, "examples/plain");
const MODEL = join(root, "tests/reference/data/checkpoints/sequence_classification_f32");

describe("a user's page", () => {
  const share = shareBrowser({ webgpu: false });
  let site: Site;
  let cdn: Site;
  let page: Page;

  before(async () => {
    const browser = await share.browser();
    [site, cdn] = await Promise.all([serve(), serve()]);
    cdn.headersOf = () => ({ "access-control-allow-origin": "*" });
    const put = async (path: string, from: string) => {
      const bytes = await readFile(from);
      site.answer(path, (response) => send(response, 200, extname(from), bytes));
    };
    for (const folder of ["beside/", "cdn/", ""]) {
      for (const name of ["index.html", "app.js", "rows.js"]) await put(folder + name, join(PLAIN, name));
      for (const name of ["config.json", "tokenizer.json", "model.safetensors"])
        await put(`${folder}model/${name}`, join(MODEL, name));
    }
    const html = await readFile(join(PLAIN, "index.html"), "utf8");
    const map = (url: string) => {
      assert.ok(html.includes("./bertlet/bertlet.js"));
      return html.replace("./bertlet/bertlet.js", url);
    };
    site.answer("beside/index.html", (response) => send(response, 200, ".html", map("../bertlet.js")));
    site.answer("cdn/index.html", (response) => send(response, 200, ".html", map(`${cdn.base}bertlet.js`)));
    // The site's own folder has worker.js and wasm/, as after the documented copy.
    const { outputFiles } = await build({
      entryPoints: [join(PLAIN, "app.js")],
      alias: { bertlet: join(root, "web/dist/bertlet.js") },
      bundle: true,
      format: "esm",
      write: false,
    });
    site.answer("app.js", (response) => send(response, 200, ".js", outputFiles[0]?.text ?? ""));
    page = await browser.newPage();
  });
  after(async () => {
    await page?.context().close();
    await share.release();
    await Promise.all([site.close(), cdn.close()]);
  });

  for (const [name, folder] of [
    ["beside the library", "beside/"],
    ["with the library from a CDN", "cdn/"],
    ["bundled by esbuild", ""],
  ] as const) {
    test(`${name} teaches and classifies`, async () => {
      await page.goto(`${site.base}${folder}index.html`);
      await page.getByRole("button", { name: "Teach" }).click();
      await page.waitForFunction(
        () => document.querySelector("input")?.disabled === false || /\. /.test(document.body.innerText),
      );
      assert.match(await page.locator("#state").innerText(), /^Epoch 2: loss 0\.\d+, threads: 1$/);
      await page.getByLabel("A message").fill("I love it");
      await page.waitForFunction(() => document.querySelector("output")?.textContent !== "");
      assert.match(await page.locator("output").innerText(), /^(praise|complaint)$/);
    });
  }
});
