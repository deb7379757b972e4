// Pages with the tag on them, under the strictest policy that it works with. A suite shares one site and one browser.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { BertletClassifier } from "../../web/element.d.ts";
import { shareBrowser } from "./browser.ts";
import { root, type Site, send, serve } from "./serve.ts";

/** A checkpoint with trained labels: delivery, billing, praise. */
export const TRAINED = "data/checkpoints/sequence_classification_f32/";
/** A checkpoint without a head. */
export const UNTRAINED = "data/checkpoints/model_f32/";

export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:";

/** Twelve rows, of two labels that share no word. */
export const ROWS = [1, 2, 3, 4, 5, 6].flatMap((n) => [
  { text: `a good day number ${n}`, label: "happy" },
  { text: `my poor old dog ${n}`, label: "sad" },
]);

export interface TagStage {
  site: Site;
  browser: Browser;
  /** A page with this body, the tag's script in its head. Errors of scripts are in `errors`. */
  open(body: string, options?: { lang?: string; policy?: string }): Promise<Page>;
  errors: string[];
}

/** A snippet of the documentation, by its file. */
export function documented(name: string): Promise<string> {
  return readFile(join(root, "web/docs/snippets", name), "utf8");
}

interface Happening {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the details of all events
  detail: any;
}

declare global {
  interface Window {
    /** What the page's tags told so far. */
    happenings: Happening[];
    tag: BertletClassifier;
  }
}

const WATCH = `window.happenings = [];
for (const name of ["progress", "ready", "step", "epoch", "end", "result", "error"])
  document.addEventListener("bertlet-" + name, ({ type, detail }) => {
    const { code, message } = detail;
    happenings.push({ type: type.slice(8), detail: code ? { code, message } : detail });
  });
window.tag = document.querySelector("bertlet-classifier");`;

export function tagStage(): TagStage {
  const stage = { errors: [] as string[] } as TagStage;
  const share = shareBrowser({ webgpu: false });
  let pages = 0;
  before(async () => {
    stage.browser = await share.browser();
    stage.site = await serve();
    stage.site.answer("watch.js", (response) => send(response, 200, ".js", WATCH));
    stage.site.answer("rows.csv", (response) => {
      const lines = ROWS.map(({ text, label }) => `${text},${label}`);
      send(response, 200, ".csv", ["text,label", ...lines].join("\n"));
    });
  });
  after(async () => {
    await share.release();
    await stage.site.close();
  });
  stage.open = async (body, { lang = "en", policy = POLICY } = {}) => {
    const path = `tag-${++pages}.html`;
    const html = `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>a page</title><link rel="icon" href="data:,"></head><body><main><h1>A page</h1>${body}</main>
<script src="watch.js"></script><script type="module" src="element.js"></script></body></html>`;
    stage.site.answer(path, (response) => {
      response.setHeader("content-security-policy", policy);
      send(response, 200, ".html", html);
    });
    const page = await stage.browser.newPage();
    page.setDefaultTimeout(120_000);
    page.on("pageerror", (error) => stage.errors.push(error.message));
    await page.goto(stage.site.base + path);
    return page;
  };
  return stage;
}

/** The details of the events of a kind so far. */
// biome-ignore lint/suspicious/noExplicitAny: as they came
export function told(page: Page, type: string): Promise<any[]> {
  return page.evaluate(
    (wanted) => window.happenings.filter((each) => each.type === wanted).map(({ detail }) => detail),
    type,
  );
}

export async function inState(page: Page, state: string): Promise<void> {
  await page.waitForFunction((wanted) => window.tag.matches(`:state(${wanted})`), state);
}
