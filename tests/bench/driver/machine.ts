// What the numbers were measured on, as lines of text. Reads the machine and the browser, changes nothing.

import { cpus, loadavg, totalmem } from "node:os";
import type { Site } from "../../support/serve.ts";
import type { BenchBrowser } from "./browsers.ts";

export async function machine(browser: BenchBrowser, site: Site): Promise<string> {
  const page = await browser.open(`${site.base}harness.html`);
  const { webgpu, isolated, version } = await page.run(async () => {
    while (window.bertlet === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    const { webgpu } = await window.bertlet.probe();
    return { webgpu, isolated: crossOriginIsolated, version: window.bertlet.version };
  });
  await page.close();
  const [cpu] = cpus();
  return [
    `bertlet ${version}, ${browser.name} headless, ${isolated ? "" : "not "}cross-origin isolated`,
    `CPU: ${cpu?.model.trim()}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; ${load()}`,
    `WebGPU adapter: ${webgpu.available ? webgpu.adapter : `none (${webgpu.reason})`}`,
  ].join("\n");
}

/** Over about the number of cores, something else was running and the numbers are too high. */
export function load(): string {
  return `load average of the last minute ${loadavg()[0]?.toFixed(1)}`;
}
