// The docs page: every example runs in the page and prints; accessibility in both languages and themes, at
// two widths.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { inspect } from "../../support/axe.ts";
import { root } from "../../support/serve.ts";
import { answerWithTinyModel, openStage, type Visit } from "../../support/studio.ts";

const examples = (await readdir(join(root, "web/docs/examples"))).map((name) => name.replace(/\.js$/, ""));

describe("the docs page", () => {
  const stage = openStage();
  let visited: Visit;
  let page: Page;
  before(async () => {
    visited = await stage.visit({}, "docs/index.html");
    page = visited.page;
  });

  test("shows every example, each once", async () => {
    const shown = await page
      .locator(".example")
      .evaluateAll((all) => all.map((each) => (each as HTMLElement).dataset.example));
    assert.deepEqual([...shown].sort(), [...examples].sort());
    assert.ok((await page.locator(".contents a").count()) >= shown.length);
  });

  for (const name of examples) {
    test(`runs ${name}.js`, async () => {
      const output = page.locator(`[data-example="${name}"] .output`);
      await page.locator(`#run-${name}`).click();
      await page.waitForFunction(
        (example) => {
          const state = document.querySelector<HTMLElement>(`[data-example="${example}"] .output`)?.dataset
            .state;
          return state === "done" || state === "failed";
        },
        name,
        { timeout: 240_000 },
      );
      const said = await output.innerText();
      assert.equal(await output.getAttribute("data-state"), "done", said);
      assert.ok(said.trim().length > 0, "an example says something");
      assert.equal(await page.locator(`#run-${name}`).getAttribute("aria-disabled"), null);
    });
  }

  test("an example that fails says why, and the next one runs", async () => {
    stage.site.answer("models/default/config.json", (response) => {
      response.writeHead(404);
      response.end();
    });
    await page.locator("#run-report").click();
    const output = page.locator('[data-example="report"] .output');
    await page.waitForFunction(
      () =>
        document.querySelector<HTMLElement>('[data-example="report"] .output')?.dataset.state === "failed",
    );
    assert.match(await output.innerText(), /config\.json/);
    answerWithTinyModel(stage.site);
    await page.locator("#run-report").click();
    await page.waitForFunction(
      () => document.querySelector<HTMLElement>('[data-example="report"] .output')?.dataset.state === "done",
    );
  });

  test("axe and widths, in both languages", async () => {
    await inspect(page, "docs", true);
    await page.locator("#language").selectOption("zh");
    assert.equal(await page.locator("html").getAttribute("lang"), "zh-Hans");
    await inspect(page, "docs, zh", false);
    assert.equal(await page.locator("#start h2").innerText(), "开始");
    await page.locator("#language").selectOption("en");
    assert.equal(await page.locator("#start h2").innerText(), "Start");
  });
});
