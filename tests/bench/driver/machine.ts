// What the numbers were measured on, as lines of text. Reads the machine and the browser, changes nothing.

import { cpus, loadavg, totalmem } from "node:os";
import type { Browser } from "playwright-core";
import type { Site } from "../../support/serve.ts";

export async function machine(browser: Browser, site: Site): Promise<string> {
  const page = await browser.newPage();
  await page.goto(`${site.base}harness.html`);
  await page.waitForFunction(() => window.bertlet !== undefined);
  const { webgpu } = await page.evaluate(() => window.bertlet.probe());
  const { isolated, version } = await page.evaluate(() => ({
    isolated: crossOriginIsolated,
    version: window.bertlet.version,
  }));
  await page.close();
  const [cpu] = cpus();
  return [
    `bertlet ${version}, Chromium ${browser.version()} headless, ${isolated ? "" : "not "}cross-origin isolated`,
    `CPU: ${cpu?.model.trim()}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; ${load()}`,
    `WebGPU adapter: ${webgpu.available ? webgpu.adapter : `none (${webgpu.reason})`}`,
  ].join("\n");
}

/** Over about the number of cores, something else was running and the numbers are too high. */
export function load(): string {
  return `load average of the last minute ${loadavg()[0]?.toFixed(1)}`;
}
