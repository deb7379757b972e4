// What the open pages of a failing test show: their address, their text, and what they said on the console. A wait
// that ended tells only what did not come.

import { afterEach } from "node:test";
import type { Page } from "playwright-core";

const LONGEST_TEXT = 2000;
/** A page that is busy or gone does not hold up the next test. */
const ANSWER_MS = 5000;

const watched = new Map<Page, string[]>();

/** From now on, what the page says and where it goes is kept, until it closes. */
export function watch(page: Page): void {
  const said: string[] = [];
  watched.set(page, said);
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) said.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => said.push(`uncaught: ${error.stack ?? error.message}`));
  page.on("framenavigated", (frame) => {
    if (frame === page.mainFrame()) said.push(`went to ${frame.url()}`);
  });
  page.on("crash", () => said.push("crashed"));
  page.on("close", () => watched.delete(page));
}

/** In a suite, or for a whole file: prints the watched pages after each test that fails, also one whose hook failed. */
export function tellFailures(): void {
  afterEach(async (test) => {
    if ((test as { passed?: boolean }).passed !== false) return;
    for (const [page, said] of watched) {
      const text = await page
        .locator("body")
        .innerText({ timeout: ANSWER_MS })
        .catch((error) => `no text: ${error}`);
      console.log(
        `After "${test.name}": ${page.url()}\n${said.join("\n")}\n${text.slice(0, LONGEST_TEXT)}\n`,
      );
    }
  });
}
