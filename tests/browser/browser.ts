// Starts headless Chromium and pages with the library on them. Every test that uses one ends it.

import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import type * as Bertlet from "../../web/bertlet.d.ts";
import { type Site, serve } from "./serve.ts";

declare global {
  interface Window {
    bertlet: typeof Bertlet;
    /** What `work` fails with; null where it does not. */
    failure(work: () => Promise<unknown>): Promise<{ code: string; message: string; hint?: string } | null>;
    /** Classifiers that a test keeps between two of its visits to the page. */
    kept: Record<string, Bertlet.Classifier>;
  }
}

export const DEVICES = ["wasm", "webgpu"] as const;
export type DeviceName = (typeof DEVICES)[number];

const FLAGS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];
/** A software adapter, so that WebGPU is there on every machine. */
const WEBGPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** Which Chromium, and how it is started. */
export function chromiumOptions({ webgpu = true } = {}): { executablePath: string; args: string[] } {
  return {
    executablePath: process.env.BERTLET_CHROMIUM ?? "/usr/bin/chromium",
    args: webgpu ? [...FLAGS, ...WEBGPU] : FLAGS,
  };
}

export function launch(options: { webgpu?: boolean } = {}): Promise<Browser> {
  return chromium.launch(chromiumOptions(options));
}

/** A page of `site` with the library loaded; `foreign` gets the URLs of requests that leave the origin. */
export async function openPage(browser: Browser, site: Site, foreign: string[] = []): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== site.origin) foreign.push(request.url());
  });
  await page.goto(`${site.base}harness.html`);
  await page.waitForFunction(() => window.bertlet !== undefined);
  await page.evaluate(() => {
    window.kept = {};
    window.failure = async (work) => {
      try {
        await work();
        return null;
      } catch (error) {
        if (!(error instanceof window.bertlet.BertletError)) throw error;
        const { code, message, hint } = error;
        return hint === undefined ? { code, message } : { code, message, hint };
      }
    };
  });
  return page;
}

export interface Stage {
  site: Site;
  browser: Browser;
  page: Page;
}

/** A suite with one site, one browser and one page for all of its tests. */
export function suite(
  name: string,
  tests: (stage: Stage) => void,
  launching: { webgpu?: boolean } = {},
): void {
  describe(name, () => {
    const stage = {} as Stage;
    const foreign: string[] = [];
    before(async () => {
      stage.site = await serve();
      stage.browser = await launch(launching);
      stage.page = await openPage(stage.browser, stage.site, foreign);
    });
    after(async () => {
      await stage.browser.close();
      await stage.site.close();
      assert.deepEqual(foreign, [], "requests left the origin");
    });
    tests(stage);
  });
}

/** The same suite on every device. A device that is missing fails its suite. */
suite.each = (name: string, tests: (stage: Stage, device: DeviceName) => void): void => {
  for (const device of DEVICES) suite(`${name} (${device})`, (stage) => tests(stage, device));
};

/** Waits until every worker of the page has ended. One that is inside a long call of the GPU's ends only after it. */
export async function workersGone(page: Page): Promise<void> {
  for (let tries = 0; page.workers().length > 0 && tries < 300; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal(page.workers().length, 0);
}
