// Measures the time from opening a page to the first classification, with an empty cache and with a full one, in
// browsers with profiles of their own on disk. Removes the profiles.

import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";
import { chromiumOptions } from "../browser/browser.ts";
import { root, type Site, send } from "../browser/serve.ts";
import { checkpoint, text } from "./checkpoint.ts";
import { randomWeights, type Shape } from "./shape.ts";

export interface FirstRow {
  device: "wasm" | "webgpu";
  cold: number[];
  warm: number[];
}

/** As a static host lets browsers keep its files. */
const KEPT = "max-age=600";
const DIST = join(root, "web/dist");

/** `visits` with an empty cache, each followed by one with a full cache. */
export async function firstClassification(site: Site, shape: Shape, visits: number): Promise<FirstRow[]> {
  place(site, shape);
  const rows: FirstRow[] = [];
  for (const device of ["wasm", "webgpu"] as const) {
    const row: FirstRow = { device, cold: [], warm: [] };
    for (let visit = 0; visit < visits; visit++) {
      const profile = await mkdtemp(join(tmpdir(), "bertlet-bench-"));
      try {
        // Started anew between the two, so that nothing is left in memory.
        row.cold.push(await visitOnce(profile, `${site.base}first.html?${device}`));
        row.warm.push(await visitOnce(profile, `${site.base}first.html?${device}`));
      } finally {
        await rm(profile, { recursive: true, force: true, maxRetries: 5 });
      }
    }
    rows.push(row);
  }
  return rows;
}

async function visitOnce(profile: string, address: string): Promise<number> {
  const context = await chromium.launchPersistentContext(profile, chromiumOptions());
  try {
    const page = await context.newPage();
    page.on("pageerror", (error) => console.error(error));
    await page.goto(address);
    await page.waitForFunction(() => "firstMs" in window, undefined, { timeout: 120_000 });
    const firstMs = await page.evaluate(() => (window as unknown as { firstMs: number | string }).firstMs);
    if (typeof firstMs !== "number") throw new Error(`the first classification failed: ${firstMs}`);
    // The compiled wasm is written to the cache a while after it is compiled.
    await page.waitForTimeout(3_000);
    return firstMs;
  } finally {
    await context.close();
  }
}

/** Puts the page, the site's files with leave to be kept, and a checkpoint folder on the server. */
function place(site: Site, shape: Shape): void {
  const keep = (path: string, body: () => Buffer | string) =>
    site.answer(path, (response) => {
      response.setHeader("cache-control", KEPT);
      send(response, 200, extname(path), body());
    });
  const files = readdirSync(DIST, { recursive: true, encoding: "utf8" });
  for (const name of files.filter((name) => /^(bertlet|worker|wasm\/.*)\.(js|wasm)$/.test(name))) {
    keep(name, () => readFileSync(join(DIST, name)));
  }
  const made = checkpoint(shape, randomWeights(shape));
  const vocabulary = Buffer.from(made.tokenizer);
  keep("models/bench/config.json", () => Buffer.from(made.config));
  keep("models/bench/vocab.txt", () => vocabulary);
  keep("models/bench/model.safetensors", () => Buffer.from(made.weights));
  keep("first.html", () => PAGE.replace("TEXT", JSON.stringify(text(shape, 0))));
}

/** The clock of a page starts when its address is opened. */
const PAGE = `<!doctype html><title>first</title><link rel="icon" href="data:,">
<script type="module">
import { Classifier } from "./bertlet.js";
try {
  const source = { config: "models/bench/config.json", tokenizer: "models/bench/vocab.txt", weights: "models/bench/model.safetensors" };
  const classifier = await Classifier.load(source, { device: location.search.slice(1) });
  await classifier.classify(TEXT);
  window.firstMs = performance.now();
} catch (error) {
  window.firstMs = String(error);
}
</script>`;
