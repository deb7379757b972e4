// Kills what a run computes on, in Chromium: the worker, one of its threads, the GPU's process or the whole tab. Tells
// whether every call under way then settles, with which code, and after how long.

import type { Browser, Page } from "playwright-core";
import type { Site } from "./serve.ts";

export type Victim = "worker" | "thread" | "gpu" | "tab";

/** How a call ended: its error's code or "served", and the milliseconds after the kill. */
export interface End {
  code: string;
  afterMs: number;
}

declare global {
  interface Window {
    /** Ends the library's workers of this page, as a browser does that needs their memory. */
    endWorkers(): void;
    ends: Promise<{ code: string; at: number }[]>;
  }
}

/** To be the first script of a page. */
export const ON_PAGE = `{
  const workers = [];
  window.Worker = class extends Worker { constructor(...of) { super(...of); workers.push(this); } };
  window.endWorkers = () => { for (const worker of workers.splice(0)) worker.terminate(); };
}`;

/** To be the first script of the library's worker. */
const IN_WORKER = `{
  const threads = [];
  if (self.Worker) self.Worker = class extends Worker { constructor(...of) { super(...of); threads.push(this); } };
  new BroadcastChannel("kill-thread").onmessage = () => threads.pop()?.terminate();
}`;

/** Web Locks as where a person blocks site data. */
export const NO_LOCKS = `if (self.LockManager) LockManager.prototype.request = async () => {
  throw new DOMException("The request was denied.", "SecurityError");
};`;

/** Has the workers of a site let their threads be killed. `first` runs before. */
export function letKill(site: Site, first = ""): void {
  site.beforeWorkers(first + IN_WORKER);
}

/** Kills it now. The page must have run `ON_PAGE`, and its site `letKill`. */
export async function kill(browser: Browser, page: Page, victim: Victim): Promise<void> {
  if (victim === "worker") return page.evaluate(() => window.endWorkers());
  if (victim === "thread") return page.evaluate(() => new BroadcastChannel("kill-thread").postMessage(null));
  if (victim === "gpu") {
    const session = await browser.newBrowserCDPSession();
    await session.send("Browser.crashGpuProcess").catch(() => {});
    return session.detach().catch(() => {});
  }
  const session = await page.context().newCDPSession(page);
  const crashed = new Promise((resolve) => page.once("crash", resolve));
  void session.send("Page.crash").catch(() => {});
  await crashed;
}

/**
 * Starts a long run and two calls on `window.kept.one`, and returns once the run is under way. `endsOf` gives
 * their ends.
 */
export async function startCalls(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const one = window.kept.one as NonNullable<typeof window.kept.one>;
    const train = Array.from({ length: 10 }, () =>
      one.info.labels.map((label) => ({ text: `${label} late`, label })),
    ).flat();
    const texts = Array.from({ length: 20_000 }, (_, i) => `the box number ${i} was late`);
    const run = one.finetune({ train }, { epochs: 1000, batchSize: 1 });
    await run[Symbol.asyncIterator]().next();
    window.ends = Promise.all(
      [run.result, one.classify(texts), one.save({ dtype: "f32" })].map((call) =>
        call.then(
          () => ({ code: "served", at: performance.now() }),
          (error) => ({
            code: error instanceof window.bertlet.BertletError ? error.code : `untyped ${error}`,
            at: performance.now(),
          }),
        ),
      ),
    );
  });
}

/** Kills the victim, and gives the ends of the calls that `startCalls` started. Throws where one has none after `limitMs`. */
export async function endsAfter(
  browser: Browser,
  page: Page,
  victim: Exclude<Victim, "tab">,
  limitMs: number,
): Promise<End[]> {
  const killedAt = await page.evaluate(() => performance.now());
  await kill(browser, page, victim);
  return page.evaluate(
    async ({ killedAt, limitMs }) => {
      const late = new Promise<never>((_, reject) =>
        setTimeout(() => reject(new Error(`a call has no end after ${limitMs} ms`)), limitMs),
      );
      const ends = await Promise.race([window.ends, late]);
      return ends.map(({ code, at }) => ({ code, afterMs: Math.round(at - killedAt) }));
    },
    { killedAt, limitMs },
  );
}

/** Waits for a random time. */
export function moment(mostMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * mostMs));
}
