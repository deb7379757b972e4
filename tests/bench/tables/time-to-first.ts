// Measures the time from opening a page to the first classification, with an empty cache and with a full one,
// in browsers with profiles of their own on disk, and the bytes of the library that it fetches. Removes the
// profiles.

import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";
import { chromiumOptions } from "../../support/browser.ts";
import { root, type Site, send, serve } from "../../support/serve.ts";
import { brotliBytes } from "../driver/brotli.ts";
import { checkpoint, text } from "../model/checkpoint.ts";
import { randomWeights, type Shape } from "../model/shape.ts";

export interface TimeToFirst {
  device: "wasm" | "webgpu";
  /** Whether the page is cross-origin isolated, so that it can use threads. */
  isolated: boolean;
  /** What of the site was fetched, without the checkpoint, and how many bytes that is in brotli. */
  files: string[];
  bytes: number;
  cold: number[];
  warm: number[];
}

/** As a static host lets browsers keep its files. */
const KEPT = "max-age=600";
const LIBRARY = /^(bertlet|worker|thread|wasm\/.*)\.(js|wasm)$/;
const DIST = join(root, "web/dist");

/** `visits` with an empty cache, each followed by one with a full cache. */
export async function timeToFirstClassification(
  isolatedSite: Site,
  shape: Shape,
  visits: number,
): Promise<TimeToFirst[]> {
  const plainSite = await serve();
  const kinds = [
    { device: "wasm", isolated: true },
    { device: "wasm", isolated: false },
    { device: "webgpu", isolated: true },
  ] as const;
  try {
    for (const site of [isolatedSite, plainSite]) place(site, shape);
    const rows: TimeToFirst[] = [];
    for (const kind of kinds) {
      console.error(`first: ${kind.device}${kind.isolated ? "" : ", not isolated"}`);
      rows.push(await visit(kind, kind.isolated ? isolatedSite : plainSite, visits));
    }
    return rows;
  } finally {
    await plainSite.close();
  }
}

async function visit(
  kind: Pick<TimeToFirst, "device" | "isolated">,
  site: Site,
  visits: number,
): Promise<TimeToFirst> {
  const row: TimeToFirst = { ...kind, files: [], bytes: 0, cold: [], warm: [] };
  const address = `${site.base}first.html?${kind.device}`;
  for (let done = 0; done < visits; done++) {
    const profile = await mkdtemp(join(tmpdir(), "bertlet-bench-"));
    try {
      const before = site.requests.length;
      row.cold.push(await visitOnce(profile, address));
      row.files = libraryFiles(site.requests.slice(before), site);
      // Started anew between the two, so that nothing is left in memory.
      row.warm.push(await visitOnce(profile, address));
    } finally {
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  }
  row.bytes = await brotliBytes(row.files.map((name) => join(DIST, name)));
  return row;
}

/** The requests that a file of the site answered, each once: several threads ask for the same. */
function libraryFiles(requests: readonly string[], { origin, base }: Site): string[] {
  const names = requests.map((path) => (origin + path).slice(base.length));
  return [...new Set(names.filter((name) => LIBRARY.test(name)))];
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
  for (const name of files.filter((name) => LIBRARY.test(name))) {
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
