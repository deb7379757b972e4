// Starts headless Chromium, once for all suites of a file, and opens pages with the library on them.

import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import type * as Bertlet from "../../web/bertlet.d.ts";
import { tellFailures, watch } from "./failures.ts";
import { ADAPTERS, type AdapterName } from "./gpu-adapters.ts";
import { type Site, serve } from "./serve.ts";

declare global {
  interface Window {
    bertlet: typeof Bertlet;
    /** The page's engine on a device: the wasm boundary without the public API. Opened at the first call. */
    // biome-ignore lint/suspicious/noExplicitAny: the boundary has more than the library uses
    openEngine(device: "wasm" | "webgpu"): Promise<any>;
    /** Bytes in base64. */
    encodeBytes(bytes: Uint8Array): string;
    /** Numbers in base64, for `decodeFloats`. */
    encodeFloats(values: Float32Array): string;
    /** The failure of `work`, or null. */
    failure(work: () => Promise<unknown>): Promise<{ code: string; message: string; hint?: string } | null>;
    /** Classifiers that a test keeps from one call of `evaluate` to the next. */
    kept: Record<string, Bertlet.Classifier>;
  }
}

export const DEVICES = ["wasm", "webgpu"] as const;
export type DeviceName = (typeof DEVICES)[number];

/** The build of each device that the library takes in this browser, on a site without cross-origin isolation. */
const BUILDS: Record<DeviceName, string> = { wasm: "cpu_relaxed", webgpu: "webgpu" };

const FLAGS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];
/** A software adapter: WebGPU is then there on every machine. Or a machine's own, by the flags that it takes there. */
const WEBGPU = process.env.BERTLET_WEBGPU_FLAGS?.split(" ") ?? [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
];

/** Chromium's executable and flags. */
export function chromiumOptions({ webgpu = true } = {}): { executablePath: string; args: string[] } {
  return {
    executablePath: process.env.BERTLET_CHROMIUM ?? "/usr/bin/chromium",
    args: webgpu ? [...FLAGS, ...WEBGPU] : FLAGS,
  };
}

export function launch(options: { webgpu?: boolean } = {}): Promise<Browser> {
  return chromium.launch(chromiumOptions(options));
}

const browsers = new Map<boolean, Promise<Browser>>();
let suitesLeft = 0;

/** A suite's share of this file's Chromium, which ends when the last share is released. */
export function shareBrowser({ webgpu = true } = {}): {
  browser(): Promise<Browser>;
  release(): Promise<void>;
} {
  suitesLeft += 1;
  return {
    browser: () => {
      const browser = browsers.get(webgpu) ?? launch({ webgpu });
      browsers.set(webgpu, browser);
      return browser;
    },
    release: async () => {
      suitesLeft -= 1;
      if (suitesLeft === 0) for (const browser of browsers.values()) await (await browser).close();
    },
  };
}

/**
 * Opens a page of `site` and loads the library there. The script `first` runs before anything else; `foreign`
 * gets the URLs of requests that leave the origin.
 */
export async function openPage(
  browser: Pick<Browser, "newPage">,
  site: Site,
  foreign: string[] = [],
  first = "",
): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  watch(page);
  await page.addInitScript({ content: first });
  await page.addInitScript(provideEngine);
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

/**
 * Keeps the compiled build of a device alive on a page. V8 then compiles it once for all workers of the page, and not
 * again for each classifier.
 */
export async function keepCompiled(page: Page, { base }: Site, device: DeviceName): Promise<void> {
  await page.evaluate(async (build) => {
    Object.assign(window, { compiled: await WebAssembly.compileStreaming(fetch(build)) });
  }, `${base}wasm/${BUILDS[device]}_bg.wasm`);
}

/** Puts on a page what opens devices as the library's worker does. */
function provideEngine(): void {
  const open = async (device: "wasm" | "webgpu") => {
    const { requestDevice } = globalThis.GPUAdapter?.prototype ?? {};
    if (requestDevice !== undefined) {
      GPUAdapter.prototype.requestDevice = function (descriptor) {
        const requiredFeatures = [...(descriptor?.requiredFeatures ?? [])];
        if (this.features.has("subgroups")) requiredFeatures.push("subgroups");
        return requestDevice.call(this, { ...descriptor, requiredFeatures });
      };
    }
    const url = (path: string) => new URL(path, location.href).href;
    const name = device === "wasm" ? "cpu" : "webgpu";
    const wasm = await import(url(`wasm/${name}.js`));
    await wasm.default({ module_or_path: url(`wasm/${name}_bg.wasm`) });
    return wasm.WasmEngine.open(device, (failure: unknown) => console.error(failure));
  };
  const engines = new Map<string, Promise<unknown>>();
  window.openEngine = (device) => {
    const engine = engines.get(device) ?? open(device);
    engines.set(device, engine);
    return engine;
  };
  window.encodeFloats = ({ buffer, byteOffset, byteLength }) =>
    window.encodeBytes(new Uint8Array(buffer, byteOffset, byteLength));
  window.encodeBytes = (bytes) => {
    const parts: string[] = [];
    for (let at = 0; at < bytes.length; at += 0x8000)
      parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
    return btoa(parts.join(""));
  };
}

/** The numbers that a page's `encodeFloats` made a text of, bit for bit. */
export function decodeFloats(text: string): Float32Array {
  const { buffer, byteOffset, length } = Buffer.from(text, "base64");
  return new Float32Array(buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer);
}

/**
 * Runs `work` beside the page's engine. One that failed may have broken the engine: the next test has a new
 * page.
 */
export async function onEngine<T>({ page }: Stage, work: (page: Page) => Promise<T>): Promise<T> {
  try {
    return await work(page);
  } catch (error) {
    await page.reload();
    throw error;
  }
}

export interface Stage {
  site: Site;
  browser: Browser;
  page: Page;
}

/** A suite with one site and one page for all of its tests. What is held on WebGPU natively is held here on the CPU. */
export function suite(
  name: string,
  tests: (stage: Stage, device: DeviceName) => void,
  {
    webgpu = true,
    adapter = "software",
    device = "wasm",
  }: { webgpu?: boolean; adapter?: AdapterName; device?: DeviceName } = {},
): void {
  describe(name, () => {
    const stage = {} as Stage;
    const foreign: string[] = [];
    const share = shareBrowser({ webgpu });
    tellFailures();
    before(async () => {
      stage.browser = await share.browser();
      stage.site = await serve();
      stage.site.beforeWorkers(ADAPTERS[adapter]);
      stage.page = await openPage(stage.browser, stage.site, foreign, ADAPTERS[adapter]);
      await keepCompiled(stage.page, stage.site, device);
    });
    after(async () => {
      await stage.page?.context().close();
      await share.release();
      await stage.site.close();
      assert.deepEqual(foreign, [], "requests left the origin");
    });
    tests(stage, device);
  });
}

/** The same suite on every device. A device that is missing fails its suite. */
suite.each = (name: string, tests: (stage: Stage, device: DeviceName) => void): void => {
  for (const device of DEVICES) suite(`${name} (${device})`, tests, { device });
};

/** The adapters that together take every form of every shader: those of "software" are other adapters' too. */
export const EVERY_FORM = ["software without subgroups", "GPU", "GPU without subgroups"] as const;

/** The same suite on the CPU and on each adapter of `EVERY_FORM`. */
suite.everyForm = (
  name: string,
  tests: (stage: Stage, device: DeviceName, adapter?: (typeof EVERY_FORM)[number]) => void,
): void => {
  suite(`${name} (wasm)`, tests);
  for (const adapter of EVERY_FORM) {
    const here = (stage: Stage, device: DeviceName) => tests(stage, device, adapter);
    suite(`${name} (webgpu, ${adapter})`, here, { adapter, device: "webgpu" });
  }
};

/** Waits until a condition in the page holds that has to be awaited: to Playwright's own wait, any promise holds. */
export async function until<A>(
  page: Page,
  condition: (argument: A) => Promise<boolean>,
  argument: A,
): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    if (await page.evaluate(condition as (argument: unknown) => Promise<boolean>, argument)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`it never held: ${condition}`);
}

/**
 * Waits until every worker of the page but `left` has ended. A worker inside a long GPU call ends only after that call.
 */
export async function workersGone(page: Page, left = 0): Promise<void> {
  for (let tries = 0; page.workers().length > left && tries < 3000; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal(page.workers().length, left);
}
