// A worker, a thread or the GPU's process killed at random moments of a run, in Chromium: every call ends, soon and with a
// code. Also without locks, and a classifier that nobody holds any more.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { chromiumOptions, openPage, workersGone } from "../../support/browser.ts";
import { endsAfter, kill, letKill, moment, NO_LOCKS, ON_PAGE, startCalls } from "../../support/kill.ts";
import { root, type Site, send, serve } from "../../support/serve.ts";

const FOLDER = "data/checkpoints/sequence_classification_f32/";
/** A call that has no end by then has none. */
const LONGEST_MS = 60_000;
const TIMES = Number(process.env.BERTLET_KILLS ?? 4);

describe("a killed", () => {
  let browser: Browser;
  let site: Site;
  let page: Page;

  before(async () => {
    const { args, ...options } = chromiumOptions();
    browser = await chromium.launch({ ...options, args: [...args, "--js-flags=--expose-gc"] });
    site = await serve({ isolated: true });
    letKill(site);
    page = await openPage(browser, site, [], ON_PAGE);
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  async function load(page: Page, device: "wasm" | "webgpu", threads: number) {
    await page.evaluate(
      async ({ folder, device, threads }) => {
        window.kept.one = await window.bertlet.Classifier.load(folder, {
          device,
          ...(threads > 1 && { threads }),
        });
      },
      { folder: FOLDER, device, threads },
    );
  }

  /** One of the rounds holds the limit; a machine that is busy may hold up the others. */
  async function killAtRandom(on: Page, victim: "worker" | "thread" | "gpu", limitMs: number, times = TIMES) {
    const slowest: number[] = [];
    for (let round = 0; round < times; round++) {
      await load(on, victim === "gpu" ? "webgpu" : "wasm", victim === "thread" ? 2 : 1);
      await startCalls(on);
      await moment(200);
      const ends = await endsAfter(browser, on, victim, LONGEST_MS);
      const code = victim === "gpu" ? "device-lost" : "worker-crashed";
      for (const end of ends) assert.ok(end.code === code || end.code === "served", JSON.stringify(ends));
      assert.equal(ends[0]?.code, code);
      slowest.push(Math.max(...ends.map(({ afterMs }) => afterMs)));
      const later = await on.evaluate(() => window.failure(async () => window.kept.one?.classify("x")));
      assert.equal(later?.code, "disposed");
    }
    console.log(`${victim}: the slowest call of each round ended after ${slowest.join(", ")} ms`);
    assert.ok(Math.min(...slowest) < limitMs, `${slowest}`);
  }

  test("worker ends every call within a second", () => killAtRandom(page, "worker", 1000));
  test("thread ends every call", () => killAtRandom(page, "thread", 5000));
  test("GPU process ends every call", () =>
    // Chromium gives no adapter any more after some crashes.
    killAtRandom(page, "gpu", 5000, Math.min(TIMES, 2)));

  test("worker without locks ends every call within 10 seconds", async () => {
    letKill(site, NO_LOCKS);
    const thread = await readFile(join(root, "web/dist/thread.js"));
    site.answer("thread.js", (response) => send(response, 200, ".js", NO_LOCKS + thread));
    const locked = await openPage(browser, site, [], NO_LOCKS + ON_PAGE);
    await killAtRandom(locked, "worker", 10_000, 1);
    await killAtRandom(locked, "thread", 10_000, 1);
    await locked.context().close();
    letKill(site);
    site.answer("thread.js", (response) => send(response, 200, ".js", thread));
  });

  test("tab leaves the others as they are", async () => {
    const other = await openPage(browser, site, [], ON_PAGE);
    await load(page, "wasm", 1);
    await load(other, "wasm", 1);
    await startCalls(other);
    await kill(browser, other, "tab");
    const served = await page.evaluate(async () => (await window.kept.one?.classify("late"))?.scores.length);
    assert.equal(served, 3);
    await page.evaluate(() => window.kept.one?.dispose());
  });

  test("classifier that nobody holds ends its worker; one at work does not", async () => {
    const fresh = await openPage(browser, site, [], ON_PAGE);
    await fresh.evaluate(async (folder) => {
      window.kept = {};
      const { Classifier } = window.bertlet;
      for (let i = 0; i < 3; i++)
        await (await Classifier.load(folder, { device: "wasm", threads: 2 })).classify("late");
      const train = ["a", "b"].map((label) => ({ text: label, label }));
      const run = (await Classifier.load(folder, { device: "wasm", labels: ["a", "b"] })).finetune(
        { train },
        { epochs: 300 },
      );
      for (let i = 0; i < 10; i++) {
        (window as unknown as { gc(): void }).gc();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const { reason } = await run.result;
      if (reason !== "finished") throw new Error(reason);
      setInterval(() => (window as unknown as { gc(): void }).gc(), 200);
    }, FOLDER);
    await workersGone(fresh);
  });
});
