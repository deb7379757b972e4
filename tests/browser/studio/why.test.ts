// "Why?" beside an answer in Chromium: marked words, the table of them, the nearest examples, another label, another text;
// accessibility, forced colours and a narrow page.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { inspect } from "../../support/axe.ts";
import {
  classified,
  go,
  loadDefault,
  openStage,
  overflow,
  takeSample,
  train,
  type Visit,
} from "../../support/studio.ts";

const TEXT = "My card was charged twice, and nobody says why.";

describe("why a text got its label", () => {
  const stage = openStage();
  let visited: Visit;
  let page: Page;
  before(async () => {
    visited = await stage.visit();
    page = visited.page;
    await loadDefault(page);
    await takeSample(page);
    await train(page, 4);
    await go(page, "use");
  });
  after(() => visited.end());

  const explained = () => page.locator(".why-nearest").waitFor();

  test("is asked for by a button, which comes with the answer", async () => {
    assert.equal(await page.locator("#why-ask").isVisible(), false);
    const { label } = await classified(page, TEXT);
    await page.locator("#why-ask").click();
    await explained();
    assert.ok((await page.locator(".why h3").innerText()).includes(label));
    assert.equal(await page.locator(".why-text").innerText(), TEXT);
    const marks = await page.locator(".why-text mark").count();
    assert.ok(marks > 3, `${marks} marks`);
    assert.equal(await page.locator(".why-nearest li").count(), 5);
  });

  test("has a table of every word, the strongest first, with the answer without it", async () => {
    await page.locator("#why-more summary").click();
    const rows = await page
      .locator(".why-words tbody tr")
      .evaluateAll((all) =>
        all.map((row) => Array.from(row.children, (cell) => (cell as HTMLElement).innerText)),
      );
    const words = rows.map(([word]) => word);
    assert.deepEqual([...words].sort(), [...(TEXT.match(/\w+|[.,]/g) ?? [])].sort());
    const parts = rows.map(([, part = ""]) => Math.abs(Number(part.replace("−", "-"))));
    assert.deepEqual(
      parts,
      [...parts].sort((a, b) => b - a),
    );
    for (const [, , without] of rows) assert.match(without ?? "", /^\w+, \d+\.\d\s%$/);
  });

  test("explains another label, and another text by another press", async () => {
    const own = await page.locator("#why-label").inputValue();
    const other = await page.locator("#why-label option").nth(1).getAttribute("value");
    await page.locator("#why-label").selectOption(other);
    await page.locator(".why h3", { hasText: other ?? "" }).waitFor();
    await explained();
    assert.notEqual(other, own);
    await classified(page, "The printer is broken again");
    await page.locator("#why-ask").waitFor();
    assert.equal(await page.locator(".why-text").count(), 0);
  });

  test("is accessible, in forced colours too, and fits a narrow page", async () => {
    await page.locator("#why-ask").click();
    await explained();
    await inspect(page, "why", true);
    await page.emulateMedia({ forcedColors: "active" });
    const style = await page
      .locator(".why-text mark")
      .first()
      .evaluate((mark) => {
        const { textDecorationLine, textDecorationThickness } = getComputedStyle(mark);
        return [textDecorationLine, Number.parseFloat(textDecorationThickness)];
      });
    assert.equal(style[0], "underline");
    assert.ok((style[1] as number) >= 1);
    await page.emulateMedia({ forcedColors: "none" });
    await page.setViewportSize({ width: 320, height: 640 });
    assert.equal(await overflow(page), 0);
    await page.locator("#language").selectOption("zh");
    await page.locator(".why-text").waitFor();
    assert.match(await page.locator(".why h3").innerText(), /为什么/);
  });
});
