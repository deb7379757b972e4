// The service worker in Chromium: threads on a host without headers, a visit without a server, one reload at most,
// and a cache for each version.

import assert from "node:assert/strict";
import { after, afterEach, beforeEach, test } from "node:test";
import type { Page } from "playwright-core";
import { shareBrowser, until } from "../../support/browser.ts";
import { openChromium } from "../../support/other-browsers.ts";
import { type Site, send, serve } from "../../support/serve.ts";
import { visitThrice } from "../../support/studio-visits.ts";

const share = shareBrowser({ webgpu: false });
// Each test has its own, so that an answer that one holds back is not held for the next.
let site: Site;
beforeEach(async () => {
  site = await serve();
});
afterEach(() => site.close());
after(() => share.release());

/** Opens the studio as a new visitor; gives the page, its navigations so far and what it reports. */
async function visit(): Promise<{ page: Page; loads: () => number; end: () => Promise<void> }> {
  const context = await (await share.browser()).newContext();
  const page = await context.newPage();
  let loads = 0;
  // Each page that comes counts, also one that is left before it is read to its end.
  page.on("framenavigated", (frame) => {
    if (frame === page.mainFrame()) loads += 1;
  });
  await page.goto(site.base);
  return { page, loads: () => loads, end: () => context.close() };
}

/** The names of the caches, once the worker controls the page. */
async function cachesOf(page: Page): Promise<string[]> {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
  // A cache is there once something is kept.
  await until(page, async () => (await caches.keys()).length > 0, null);
  return page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith("bertlet-site ")));
}

test("a host without headers gets threads, the second visit no byte, and the third no server", async () => {
  const chromium = await openChromium();
  try {
    await visitThrice(chromium);
  } finally {
    await chromium.end();
  }
});

test("the page is loaded again once, and never where that does not isolate it", async () => {
  const { page, loads, end } = await visit();
  await page.waitForFunction(() => crossOriginIsolated);
  await page.waitForTimeout(500);
  assert.equal(loads(), 2);
  await page.reload();
  await page.waitForTimeout(500);
  assert.equal(loads(), 3, "a controlled page is isolated at once");
  await end();

  // The host's own header forbids isolation, and stays.
  site.headersOf = () => ({ "cross-origin-opener-policy": "unsafe-none" });
  const other = await visit();
  while (other.loads() < 2) await other.page.waitForTimeout(50);
  await other.page.waitForTimeout(1000);
  const isolated = await other.page.evaluate(() => crossOriginIsolated);
  await other.page.reload();
  await other.page.waitForTimeout(500);
  site.headersOf = () => ({});
  assert.deepEqual([isolated, other.loads()], [false, 3]);
  await other.end();
});

test("somebody who already uses the page is not disturbed", async () => {
  const script = await (await fetch(`${site.base}service-worker.js`)).text();
  const held: (() => void)[] = [];
  site.answer("service-worker.js", (response) => held.push(() => send(response, 200, ".js", script)));
  const { page, loads, end } = await visit();
  await page.keyboard.press("Tab");
  while (held.length === 0) await page.waitForTimeout(20);
  for (const give of held) give();
  await cachesOf(page);
  await page.waitForTimeout(500);
  assert.equal(loads(), 1);
  site.answer("service-worker.js", (response) => send(response, 200, ".js", script));
  await page.reload();
  assert.equal(await page.evaluate(() => crossOriginIsolated), true);
  await end();
});

test("somebody who begins while the page is loaded again loses nothing", async () => {
  const index = await (await fetch(site.base)).text();
  const context = await (await share.browser()).newContext();
  const page = await context.newPage();
  const held: (() => void)[] = [];
  let answered = false;
  site.answer("index.html", (response) => {
    const give = () => send(response, 200, ".html", index);
    if (answered) held.push(give);
    else give();
    answered = true;
  });
  let navigations = 0;
  page.on("request", (request) => {
    if (request.isNavigationRequest()) navigations += 1;
  });
  await page.goto(site.base, { waitUntil: "commit" });
  while (navigations < 2) await page.waitForTimeout(20);
  // The browser's own key: a locator would wait for the new page.
  await page.keyboard.press("Tab");
  await page.locator('.rail a[href="#load"]').click();
  await page.locator("#model-address").fill("owner/name");
  site.answer("index.html", (response) => send(response, 200, ".html", index));
  for (const give of held) give();
  // The old page still answers after the new one could have come.
  await page.waitForTimeout(500);
  assert.equal(await page.locator("#model-address").inputValue(), "owner/name");
  assert.equal(await page.evaluate(() => crossOriginIsolated), false);
  await page.reload();
  assert.equal(await page.evaluate(() => crossOriginIsolated), true);
  await context.close();
});

test("starters, lessons and the documentation register it too, and open without a server; a frame is not loaded again", async () => {
  const context = await (await share.browser()).newContext();
  const page = await context.newPage();
  const paths = ["starters.html", "lessons/en/0-teachers.html", "docs/index.html"];
  let framed = 0;
  page.on("framenavigated", (frame) => {
    if (frame !== page.mainFrame()) framed += 1;
  });
  const host = `<!doctype html><title>host</title><iframe src="starters.html"></iframe>`;
  site.answer("host.html", (response) => send(response, 200, ".html", host));
  await page.goto(`${site.base}host.html`);
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
  await page.waitForTimeout(500);
  assert.equal(framed, 1);
  await context.close();
  for (const path of paths) {
    const context = await (await share.browser()).newContext();
    const page = await context.newPage();
    await page.goto(site.base + path);
    await page.waitForFunction(() => crossOriginIsolated);
    await context.close();
  }
  const second = await (await share.browser()).newContext();
  const reader = await second.newPage();
  for (const path of paths) {
    await reader.goto(site.base + path);
    await reader.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
    await reader.waitForLoadState("networkidle");
  }
  await site.close();
  // A folder's page has two addresses.
  for (const path of [...paths, "docs/"]) {
    await reader.goto(site.base + path);
    await reader.locator("h1").first().waitFor();
  }
  await second.close();
});

test("a new version has a cache of its own, with all that the old one kept; nothing of another origin or folder is kept", async () => {
  const { page, end } = await visit();
  await page.waitForFunction(() => crossOriginIsolated);
  const [first] = await cachesOf(page);
  await page.evaluate(async () => {
    await caches.open("bertlet-site http://other.folder/ 1");
    await fetch("/outside");
    // A file of another page than this one.
    await fetch("starters.css");
  });
  const hasPage = async ({ name, urls }: { name: string; urls: string[] }) => {
    const cache = await caches.open(name);
    return (await Promise.all(urls.map((url) => cache.match(url)))).every(Boolean);
  };
  await until(page, hasPage, {
    name: first as string,
    urls: ["studio.js", "starters.css", ""].map((path) => site.base + path),
  });
  const kept = await page.evaluate(async (name) => {
    const cache = await caches.open(name as string);
    return (await cache.keys()).map(({ url }) => url);
  }, first);
  assert.deepEqual(
    kept.filter((url) => !url.startsWith(site.base)),
    [],
  );

  const script = await (await fetch(`${site.base}service-worker.js`)).text();
  const version = first?.split(" ").at(-1) as string;
  assert.ok(script.includes(version));
  site.answer("service-worker.js", (response) =>
    send(response, 200, ".js", script.replace(version, "the-next-version")),
  );
  await page.reload();
  await until(page, async (name) => !(await caches.keys()).includes(name as string), first);
  const isKept = async () => {
    const name = (await caches.keys()).find((name) => name.endsWith("the-next-version"));
    if (name === undefined) return false;
    const cache = await caches.open(name);
    const files = ["studio.js", "starters.css"].map((file) => cache.match(file));
    return (await Promise.all(files)).every((file) => file !== undefined);
  };
  await until(page, isKept, null);
  const names = await page.evaluate(async () =>
    (await caches.keys()).filter((name) => name.includes("other.folder")),
  );
  assert.equal(names.length, 1, "another folder's cache stays");
  await end();
});

test("without a network a folder lacks the files that it lacked; until an old version is replaced, its files are given", async () => {
  const { page, end } = await visit();
  await page.waitForFunction(() => crossOriginIsolated);
  const [first] = await cachesOf(page);
  site.answer("forbidden.json", (response) => send(response, 403, ".json", "a secret"));
  site.answer("gone.json", (response) => send(response, 200, ".json", "{}"));
  const asked = ["none.json", "forbidden.json", "gone.json", "none.json?q=1", "starters.css"];
  const ask = () =>
    page.evaluate(
      (names) =>
        Promise.all(
          names.map((name) =>
            fetch(name).then(
              async (response) => [response.status, (await response.text()).length > 0],
              () => "no network",
            ),
          ),
        ),
      asked,
    );
  const kept = async ({ name, count }: { name: string; count: number }) => {
    const keys = await (await caches.open(name)).keys();
    return keys.filter(({ url }) => /(none|forbidden|gone)\.json|starters\.css/.test(url)).length === count;
  };
  await ask();
  await until(page, kept, { name: first as string, count: 4 });
  // What was there once stays, as through a deployment.
  site.answer("gone.json", (response) => send(response, 404, ".json", "gone"));
  await ask();

  const script = await (await fetch(`${site.base}service-worker.js`)).text();
  const version = first?.split(" ").at(-1) as string;
  site.answer("service-worker.js", (response) => send(response, 200, ".js", script.replace(version, "next")));
  let held = false;
  site.answer("starters.css", () => {
    held = true;
  });
  await page.reload();
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
  while (!held) await page.waitForTimeout(20);
  await site.close();
  assert.deepEqual(await ask(), [[404, false], [403, false], [200, true], "no network", [200, true]]);
  await end();
});

test("what is for one person, or has no end, is not kept", async () => {
  const answers: Record<string, Record<string, string>> = {
    "plain.json": {},
    "private.json": { "cache-control": "max-age=0, Private" },
    "mine.json": { vary: "Accept-Encoding, Cookie" },
    "part.js": {},
    "large.json": {},
  };
  site.headersOf = (path) => answers[path.split("?")[0] as string] ?? {};
  for (const name of Object.keys(answers)) {
    site.answer(name, (response) => send(response, 200, name.slice(name.lastIndexOf(".")), "0"));
  }
  // Over 128 MiB, by a host that does not say so.
  site.answer("large.json", (response) => {
    for (let part = 0; part < 17; part++) response.write(Buffer.alloc(8 * 2 ** 20, " "));
    response.end("0");
  });
  const { page, end } = await visit();
  await page.waitForFunction(() => crossOriginIsolated);
  await cachesOf(page);
  const kept = await page.evaluate(async (names) => {
    for (const name of [...names, "plain.json?t=1"]) await (await fetch(name)).text();
    const script = document.createElement("script");
    script.src = "part.js?v=1";
    const loaded = new Promise((resolve) => script.addEventListener("load", resolve));
    document.head.append(script);
    await loaded;
    const look = async () => {
      const keys = await Promise.all(
        (await caches.keys()).map(async (name) => (await caches.open(name)).keys()),
      );
      return keys.flat().map(({ url }) => url.slice(url.lastIndexOf("/") + 1));
    };
    while (!(await look()).includes("part.js?v=1")) await new Promise((resolve) => setTimeout(resolve, 50));
    return (await look()).filter((name) => /^(plain|private|mine|part|large)/.test(name)).sort();
  }, Object.keys(answers));
  site.headersOf = () => ({});
  assert.deepEqual(kept, ["part.js", "part.js?v=1", "plain.json"]);
  await end();
});
