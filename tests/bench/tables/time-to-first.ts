// Measures the time from opening a page to the first classification, with an empty cache and with a full one, from
// this machine and over a slow line, in browsers with profiles of their own on disk; and the bytes that it fetches.
// Removes the profiles.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { chromiumOptions } from "../../support/browser.ts";
import { type Site, serve } from "../../support/serve.ts";
import { FirstSite, type Kind } from "../driver/first-site.ts";
import type { Shape } from "../model/shape.ts";

export interface TimeToFirst {
  kind: Kind;
  /** Names of the library's files that were fetched, and their bytes in brotli. */
  files: string[];
  libraryBytes: number;
  /** Of the checkpoint as it is fetched: its numbers hardly compress. */
  modelBytes: number;
  /** Milliseconds. */
  cold: number[];
  warm: number[];
  slowCold: number;
  slowWarm: number;
  failure?: string;
}

export interface FirstPace {
  /** From this machine, with an empty cache, each followed by one with a full cache. */
  visits: number;
  megabitsASecond: number;
  /** Whether a page that is not cross-origin isolated is visited too. */
  plain: boolean;
}

export const FULL: FirstPace = { visits: 3, megabitsASecond: 10, plain: true };
export const QUICK: FirstPace = { visits: 1, megabitsASecond: 100, plain: false };

/** `onnx`: the folder of onnxruntime's forms of the model, where there is one. */
export async function timeToFirstClassification(
  isolatedSite: Site,
  shape: Shape,
  pace: FirstPace,
  onnx: string | undefined,
): Promise<TimeToFirst[]> {
  const kinds: Kind[] = [
    { library: "bertlet", device: "wasm", isolated: true },
    { library: "bertlet", device: "wasm", isolated: false },
    { library: "bertlet", device: "webgpu", isolated: true },
    { library: "bertlet", device: "wasm", isolated: true, form: "int8" },
  ];
  if (onnx !== undefined) {
    for (const form of ["fused", "int8"] as const)
      kinds.push({ library: "onnxruntime-web", device: "wasm", isolated: true, form });
  }
  const plainSite = await serve();
  try {
    const sites = [isolatedSite, plainSite].map((site) => new FirstSite(site, shape, onnx));
    await sites[0]?.makeInt8();
    const rows: TimeToFirst[] = [];
    for (const kind of kinds.filter(({ isolated }) => isolated || pace.plain)) {
      console.error(`first: ${Object.values(kind).join(", ")}`);
      rows.push(await visit(kind, sites[kind.isolated ? 0 : 1] as FirstSite, pace));
    }
    return rows;
  } finally {
    await plainSite.close();
  }
}

async function visit(kind: Kind, site: FirstSite, pace: FirstPace): Promise<TimeToFirst> {
  const row: TimeToFirst = {
    kind,
    files: [],
    libraryBytes: 0,
    modelBytes: 0,
    cold: [],
    warm: [],
    slowCold: Number.NaN,
    slowWarm: Number.NaN,
  };
  const address = site.addressOf(kind);
  const before = site.requests();
  try {
    for (let done = 0; done < pace.visits; done++) {
      const [cold, warm] = await coldAndWarm(address);
      row.cold.push(cold);
      row.warm.push(warm);
    }
    // Compresses what is not known yet, before anything waits for it.
    Object.assign(row, await site.fetched(before));
    site.link.megabitsASecond = pace.megabitsASecond;
    [row.slowCold, row.slowWarm] = await coldAndWarm(address);
  } catch (error) {
    row.failure = error instanceof Error ? error.message : String(error);
    console.error(row.failure);
  } finally {
    site.link.megabitsASecond = Number.POSITIVE_INFINITY;
  }
  return row;
}

/** The browser is started anew between the two, so that nothing is left in memory. */
async function coldAndWarm(address: string): Promise<[number, number]> {
  const profile = await mkdtemp(join(tmpdir(), "bertlet-bench-"));
  try {
    // The compiled wasm is written to the cache a while after it is compiled.
    return [await visitOnce(profile, address, 3_000), await visitOnce(profile, address, 0)];
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function visitOnce(profile: string, address: string, stayMs: number): Promise<number> {
  const context = await chromium.launchPersistentContext(profile, chromiumOptions());
  try {
    const page = await context.newPage();
    page.on("pageerror", (error) => console.error(error));
    await page.goto(address);
    await page.waitForFunction(() => "firstMs" in window, undefined, { timeout: 400_000 });
    const firstMs = await page.evaluate(() => (window as unknown as { firstMs: number | string }).firstMs);
    if (typeof firstMs !== "number") throw new Error(`the first classification failed: ${firstMs}`);
    await page.waitForTimeout(stayMs);
    return firstMs;
  } finally {
    await context.close();
  }
}
