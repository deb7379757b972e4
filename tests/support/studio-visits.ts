// The studio on a host without headers, in any browser: the service worker isolates the first visit, the second one fetches no
// byte, and the third one needs no server.

import assert from "node:assert/strict";
import type { Driven } from "./other-browsers.ts";
import { serve } from "./serve.ts";
import { answerWithTinyModel } from "./studio.ts";

/** How long a page may take to be loaded again with the headers. */
const ISOLATION_MS = 120_000;

/** Walks the studio with a server, then opens it again, then walks it without: there by one thread where a browser has no more. */
export async function visitThrice(
  browser: Driven,
  { threadsOffline = true, httpCache = true } = {},
): Promise<void> {
  // WebKitGTK that is driven has no HTTP cache: only the service worker keeps files there, and it begins after the first ones.
  const site = await serve({ validators: httpCache });
  answerWithTinyModel(site);
  try {
    await browser.go(`${site.base}#load`);
    await untilIsolated(browser);
    check(await browser.run(walkStudio, null), true);
    // The page and its model were loaded more than once.
    const sent = () =>
      site.sent.map(({ path }) => path).filter((path) => httpCache || path.includes("/models/"));
    const paths = sent();
    assert.ok(paths.some((path) => path.includes("/models/default/")));
    assert.deepEqual(
      paths.filter((path, at) => paths.indexOf(path) < at),
      [],
      "files were sent twice",
    );
    // Otherwise the way to another step is none to another page.
    await browser.go("about:blank");
    await browser.go(`${site.base}#load`);
    await browser.run(loadDefault, null);
    assert.deepEqual(sent().slice(paths.length), [], "the second visit fetched files");
  } finally {
    await site.close();
  }
  await browser.go("about:blank");
  await browser.go(`${site.base}#load`);
  check(await browser.run(walkStudio, null), threadsOffline);
}

/** In the studio: loads the default model. */
async function loadDefault(): Promise<void> {
  const find = async (selector: string) => {
    for (const begun = performance.now(); performance.now() - begun < 40_000; ) {
      const found = document.querySelector<HTMLButtonElement>(selector);
      if (found !== null && !found.disabled) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${selector} did not come; the page shows ${document.body.innerText.slice(0, 2000)}`);
  };
  (await find("#load-default")).click();
  await find(".facts");
}

function check(
  { threads, report, verdict, errors }: Awaited<ReturnType<typeof walkStudio>>,
  severalThreads: boolean,
): void {
  assert.deepEqual(errors, [], "errors on the page");
  assert.equal(threads > 1, severalThreads, `${threads} threads`);
  assert.match(report, /of 64/);
  assert.match(verdict, /computers|loans|membership|rooms/);
}

/** Waits for the service worker's reload. */
export async function untilIsolated(browser: Driven): Promise<void> {
  const begun = performance.now();
  for (;;) {
    // The page that is left answers no more.
    const isolated = await browser
      .run(async () => crossOriginIsolated && document.readyState === "complete", null)
      .catch(() => false);
    if (isolated) return;
    assert.ok(performance.now() - begun < ISOLATION_MS, "the page is not isolated");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** In the studio: loads the model and the sample, trains one epoch, judges, classifies. */
async function walkStudio(): Promise<{ threads: number; report: string; verdict: string; errors: string[] }> {
  const errors: string[] = [];
  addEventListener("error", ({ message }) => errors.push(message));
  addEventListener("unhandledrejection", ({ reason }) => errors.push(String(reason)));
  const find = async (selector: string): Promise<HTMLElement> => {
    // Less than a script may take, so that the failure says what is shown.
    for (const begun = performance.now(); performance.now() - begun < 120_000; ) {
      const found = document.querySelector<HTMLElement>(selector);
      if (found !== null && !(found as HTMLButtonElement).disabled) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${selector} did not come; the page shows ${document.body.innerText.slice(0, 2000)}`);
  };
  const click = async (selector: string) => (await find(selector)).click();
  const type = async (selector: string, value: string) => {
    const field = (await find(selector)) as HTMLInputElement;
    field.value = value;
    for (const event of ["input", "change"]) field.dispatchEvent(new Event(event, { bubbles: true }));
  };
  await click("#load-default");
  await find(".facts");
  const { Classifier }: typeof window.bertlet = await import(new URL("bertlet.js", location.href).href);
  const own = await Classifier.load("models/default/", { device: "wasm", cache: true });
  const { threads } = own.info;
  await own.dispose();
  await click('.rail a[href="#data"]');
  await click("#sample-en");
  await find(".split");
  await click('.rail a[href="#train"]');
  await type("#recipe-epochs", "1");
  await click("#train-start");
  await click('.next a[href="#judge"]');
  await find("#right");
  const report = (await find(".step-judge")).innerText;
  await click('.rail a[href="#use"]');
  await type("#use-text", "The printer took my money");
  await click("#classify");
  return { threads, report, verdict: (await find(".verdict strong")).innerText, errors };
}
