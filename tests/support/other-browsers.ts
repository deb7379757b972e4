// Drives a browser by two calls, go and run: Chromium, Firefox by WebDriver BiDi, WebKitGTK by WebDriver. The
// latter needs a display, which Xvfb is here.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { type Browser, launch } from "puppeteer-core";
import { launch as launchChromium } from "./browser.ts";

/** Longest time that a script may take. */
const SCRIPT_MS = 240_000;
/** Longest time until the driver answers. */
const START_MS = 60_000;

/** A browser with one page. */
export interface Driven {
  go(url: string): Promise<void>;
  /** Runs a function, which closes over nothing, in the page, and gives what it or its promise gives. */
  run<A, R>(work: (argument: A) => Promise<R> | R, argument: A): Promise<R>;
  end(): Promise<void>;
}

export async function openChromium(): Promise<Driven> {
  const browser = await launchChromium({ webgpu: false });
  const page = await browser.newPage();
  return {
    go: async (url) => {
      await page.goto(url);
    },
    // Playwright's own type of a function says nothing about ours.
    run: (work, argument) => page.evaluate(work as never, argument as never),
    end: () => browser.close(),
  };
}

/** WebGPU is off in a Firefox for Linux; `webgpu` turns it on, whatever the driver. */
export function launchFirefox({ webgpu = false, scriptMs = SCRIPT_MS } = {}): Promise<Browser> {
  const extraPrefsFirefox = { "dom.webgpu.enabled": webgpu, "gfx.webgpu.ignore-blocklist": webgpu };
  const executablePath = process.env.BERTLET_FIREFOX ?? "/usr/bin/firefox-esr";
  return launch({ browser: "firefox", executablePath, extraPrefsFirefox, protocolTimeout: scriptMs });
}

export async function openFirefox(options: { webgpu?: boolean } = {}): Promise<Driven> {
  const browser = await launchFirefox(options);
  const page = await browser.newPage();
  return {
    go: async (url) => {
      await page.goto(url);
    },
    run: (work, argument) => page.evaluate(work as never, argument) as never,
    end: () => browser.close(),
  };
}

export async function openWebkit(): Promise<Driven> {
  const children: ChildProcess[] = [];
  const kill = () => {
    for (const child of children.splice(0).reverse()) child.kill();
  };
  try {
    const screen = await startXvfb(children);
    const port = await freePort();
    // Safari has SharedArrayBuffer on an isolated page; WebKitGTK has it by this option of its engine.
    const env = {
      ...process.env,
      DISPLAY: `:${screen}`,
      LIBGL_ALWAYS_SOFTWARE: "1",
      JSC_useSharedArrayBuffer: "1",
    };
    children.push(spawn("WebKitWebDriver", [`--port=${port}`], { stdio: "ignore", env }));
    const driver = `http://127.0.0.1:${port}/session`;
    await answers(driver);
    const binary = process.env.BERTLET_MINIBROWSER ?? "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
    const options = { binary, args: ["--automation"] };
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options } };
    const { sessionId } = await command<{ sessionId: string }>("POST", driver, { capabilities });
    const session = `${driver}/${sessionId}`;
    await command("POST", `${session}/timeouts`, { script: SCRIPT_MS });
    return {
      go: (url) => command("POST", `${session}/url`, { url }),
      run: async (work, argument) => {
        const script = `const [argument, done] = arguments;
          (async () => (${work})(argument))().then((value) => done({ value }), (error) => done({ error: error + "\\n" + error?.stack }));`;
        const answer = await command<{ value: never; error?: string }>("POST", `${session}/execute/async`, {
          script,
          args: [argument ?? null],
        });
        if (answer.error !== undefined) throw new Error(answer.error);
        return answer.value;
      },
      end: async () => {
        await command("DELETE", session).catch(() => {});
        kill();
      },
    };
  } catch (error) {
    kill();
    throw error;
  }
}

/** One command of the protocol: https://www.w3.org/TR/webdriver2/. */
async function command<T = void>(method: string, url: string, body?: unknown): Promise<T> {
  const response = await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const { value } = (await response.json()) as { value: T & { error: string; message: string } };
  if (!response.ok) throw new Error(`${method} ${url}: ${value.error}: ${value.message}`);
  return value;
}

/** Starts a display without a screen on the first free number; gives the number. */
function startXvfb(children: ChildProcess[]): Promise<number> {
  const args = ["-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp"];
  const xvfb = spawn("Xvfb", args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  children.push(xvfb);
  return new Promise((resolve, reject) => {
    xvfb.stdio[3]?.once("data", (number) => resolve(Number(String(number))));
    xvfb.once("error", reject);
    xvfb.once("exit", (code) => reject(new Error(`Xvfb ended with ${code}`)));
  });
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Waits until a server answers at all. */
async function answers(url: string): Promise<void> {
  const begun = performance.now();
  for (;;) {
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch (error) {
      assert.ok(performance.now() - begun < START_MS, `no driver at ${url}: ${error}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
