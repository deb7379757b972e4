// The studio page in headless Chromium: opens it and walks it. Every page is held to two promises: no error
// on the console, no request to another origin. The tests are in browser/studio/.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { keepCompiled, shareBrowser } from "./browser.ts";
import { checkpointFile, readData } from "./checkpoints.ts";
import { tellFailures, watch } from "./failures.ts";
import { type Site, send, serve } from "./serve.ts";

/** A tiny checkpoint in place of the default one, so that a run takes seconds. */
const TINY = "model_f32";
/** A checkpoint with a classification head; its labels are delivery, billing, praise. */
export const WITH_HEAD = "sequence_classification_f32";
export const CHECKPOINT_FILES = ["config.json", "tokenizer.json", "model.safetensors"];

export interface Visit {
  page: Page;
  /** URLs of its requests that left the origin, also to allowed ones. */
  foreign: string[];
  /** Closes the page and asserts that it kept its promises. */
  end(): Promise<void>;
}

export function answerWithTinyModel(site: Site): void {
  for (const name of [...CHECKPOINT_FILES, "tokenizer_config.json"])
    site.answer(`models/default/${name}`, (response) =>
      send(response, 200, name.endsWith("json") ? ".json" : ".bin", checkpointFile(TINY, name)),
    );
}

/** The site and the browser of a suite's tests. */
export interface Stage {
  site: Site;
  browser: Browser;
  /**
   * Opens the studio at its first step, or another page of the site, in a context of its own. It may contact the origins
   * of `allowed`.
   */
  visit(options?: BrowserContextOptions, path?: string, allowed?: string[]): Promise<Visit>;
}

/**
 * Inside a suite: opens its site and browser before its tests. After them, ends the visits that are still
 * open.
 */
export function openStage(): Stage {
  const open = new Set<Visit>();
  const stage = {
    visit: async (options, path, allowed) => {
      const { end, ...visited } = await visit(stage, options, path, allowed);
      const own: Visit = {
        ...visited,
        end: () => {
          open.delete(own);
          return end();
        },
      };
      open.add(own);
      return own;
    },
  } as Stage;
  const share = shareBrowser({ webgpu: false });
  tellFailures();
  before(async () => {
    stage.browser = await share.browser();
    stage.site = await serve();
    answerWithTinyModel(stage.site);
  });
  after(async () => {
    for (const left of open) await left.end();
    await share.release();
    await stage.site.close();
  });
  return stage;
}

async function visit(
  { browser, site }: Stage,
  options: BrowserContextOptions = {},
  path = "#load",
  allowed: string[] = [],
): Promise<Visit> {
  const context = await browser.newContext({
    locale: "en-GB",
    acceptDownloads: true,
    // It would load the page again, for isolation. service-worker.test.ts allows it.
    serviceWorkers: "block",
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(180_000);
  watch(page);
  const foreign: string[] = [];
  const errors: string[] = [];
  context.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== site.origin) foreign.push(request.url());
  });
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    // The browser itself logs files that are missing on purpose.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      errors.push(message.text());
  });
  await page.goto(site.base + path);
  await keepCompiled(page, site, "wasm");
  await page.locator("h1").waitFor();
  return {
    page,
    foreign,
    end: async () => {
      await context.close();
      const unasked = foreign.filter((url) => !allowed.includes(new URL(url).origin));
      assert.deepEqual(unasked, [], "requests left the origin");
      assert.deepEqual(errors, [], "errors on the console");
    },
  };
}

export async function go(page: Page, step: string): Promise<void> {
  await page.locator(`.rail a[href="#${step}"]`).click();
  await page.locator(`.step-${step}`).waitFor();
}

export async function loadDefault(page: Page): Promise<void> {
  await go(page, "load");
  await page.locator("#load-default").click();
  await page.locator(".facts").waitFor();
}

export async function takeSample(page: Page, language: "en" | "zh" = "en"): Promise<void> {
  await go(page, "data");
  await page.locator(`#sample-${language}`).click();
  await page.locator(".split").waitFor();
}

/** Starts a run and waits for its end. */
export async function train(page: Page, epochs: number): Promise<void> {
  await go(page, "train");
  await page.locator("#recipe-epochs").fill(String(epochs));
  await page.locator("#train-start").click();
  await page.locator('.next a[href="#judge"]').waitFor();
}

/** Waits until all changes so far are kept in this browser. */
export async function untilKept(page: Page): Promise<void> {
  // A change is written 250 ms after it: this timer of the same page is due later, however busy the machine.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
  await page.locator("#project-kept", { hasText: "is kept in this browser" }).waitFor();
}

/** How far the page scrolls sideways, in pixels. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

export interface Upload {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

export function upload(name: string, content: string | Buffer): Upload {
  return { name, mimeType: "application/octet-stream", buffer: Buffer.from(content) };
}

export function checkpointUploads(checkpoint: string): Upload[] {
  return CHECKPOINT_FILES.map((name) => upload(name, checkpointFile(checkpoint, name)));
}

/** The two files of an adapter of the reference data. */
export function adapterUploads(name: string): Upload[] {
  return ["adapter_config.json", "adapter_model.safetensors"].map((file) =>
    upload(file, readData(`peft/${name}/${file}`)),
  );
}

/** Classifies a text in step 5, which is open; gives what is shown. */
export async function classified(page: Page, text: string): Promise<{ label: string; scores: string[] }> {
  await page.locator("#use-text").fill(text);
  await page.locator("#classify").click();
  await page.locator(".verdict").waitFor();
  const label = await page.locator(".verdict strong").innerText();
  const names = await page.locator(".block > .scores .bar-name").allInnerTexts();
  const values = await page.locator(".block > .scores .bar-value").allInnerTexts();
  return { label, scores: names.map((name, index) => `${name} ${values[index]}`).sort() };
}

/** The files of a zip without compression, by its central directory. */
export function unzip(zip: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    assert.equal(zip.readUInt16LE(at + 10), 0, "stored, not compressed");
    const size = zip.readUInt32LE(at + 24);
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString("utf8", at + 46, at + 46 + nameLength);
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    files.set(name, zip.subarray(start, start + size));
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}

/**
 * From now on the page's turns are watched. The function that it gives asserts that the page stayed awake: no turn took long, or on
 * a machine that is busy no more than half of the time.
 */
export async function watchTurns(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(() => {
    const began = performance.now();
    let [last, longest] = [began, 0];
    const look = () => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
      return { longest, whole: last - began };
    };
    setInterval(look, 10);
    Object.assign(window, { turnsSoFar: look });
  });
  return async () => {
    const { longest, whole } = await page.evaluate(() =>
      (window as unknown as { turnsSoFar(): { longest: number; whole: number } }).turnsSoFar(),
    );
    assert.ok(longest < Math.max(1500, whole / 2), `the page stood still for ${longest} of ${whole} ms`);
  };
}
