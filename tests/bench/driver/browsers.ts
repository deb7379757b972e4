// The browsers that contenders are measured in, by the few calls that this takes: Chromium by playwright, Firefox by
// puppeteer. Each page has one contender.

import type { Browser } from "playwright-core";
import { launchFirefox } from "../../support/other-browsers.ts";
import type { Variant } from "../page/contender.ts";
import type { Request } from "../page/runner.ts";
import type {} from "../page/wasm-memory.ts";

export interface BenchPage {
  /** Runs a function, which closes over nothing, in the page, and gives what its promise gives. */
  run<R>(work: () => R | Promise<R>): Promise<R>;
  request<R>(call: Request): Promise<R>;
  /** What the wasm memory of the page's worker has grown to, where the driver can ask a worker. */
  wasmBytes(): Promise<number | undefined>;
  close(): Promise<void>;
}

export interface BenchBrowser {
  /** With its version. */
  name: string;
  /** What it computes on here. */
  devices: readonly Variant["device"][];
  open(address: string): Promise<BenchPage>;
  close(): Promise<void>;
}

export function ofChromium(browser: Browser): BenchBrowser {
  return {
    name: `Chromium ${browser.version()}`,
    devices: ["wasm", "webgpu"],
    open: async (address) => {
      const page = await browser.newPage();
      await page.goto(address);
      return {
        run: (work) => page.evaluate(work) as never,
        request: (call) => page.evaluate((call) => window.bench(call), call) as never,
        // Its threads share that, and may be blocked: not asked.
        wasmBytes: async () => {
          const worker = page.workers().find((worker) => /\/(worker|library-worker)\.js/.test(worker.url()));
          return worker?.evaluate(() => globalThis.wasmBytes?.());
        },
        close: () => page.context().close(),
      };
    },
    close: () => browser.close(),
  };
}

/** Without WebGPU, which a Firefox for Linux has off. */
export async function startFirefox(): Promise<BenchBrowser> {
  const browser = await launchFirefox({ scriptMs: 1_800_000 });
  return {
    name: (await browser.version()).replace("firefox/", "Firefox "),
    devices: ["wasm"],
    open: async (address) => {
      const page = await browser.newPage();
      await page.goto(address);
      return {
        run: (work) => page.evaluate(work) as never,
        request: (call) => page.evaluate((call) => window.bench(call), call as never) as never,
        wasmBytes: async () => undefined,
        close: () => page.close(),
      };
    },
    close: () => browser.close(),
  };
}
