// What is typed or pasted in the bench and not yet added outlasts another language, another step, a search and another name of
// its label.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { go, openStage } from "../../support/studio.ts";

const field = (page: Page, label: string) => page.locator(`.new-example[data-label="${label}"]`);

async function addLabel(page: Page, label: string): Promise<void> {
  await page.locator("#new-label").fill(label);
  await page.keyboard.press("Enter");
  await field(page, label).waitFor();
}

async function rename(page: Page, label: string, to: string): Promise<void> {
  const card = page.locator(`.card[aria-label="${label}"]`);
  await card.locator("summary").click();
  await card.getByLabel("New name").fill(to);
  await page.keyboard.press("Enter");
}

describe("drafts in the bench", () => {
  const stage = openStage();

  test("outlast another language and another step, until they are added or closed", async () => {
    const { page, end } = await stage.visit({}, "");
    await page.locator("#bench-type").click();
    await addLabel(page, "happy");
    await field(page, "happy").fill("half a sentence");
    await page.locator("#new-label").fill("half a label");
    await page.locator("#bench-paste").click();
    await page.locator("#paste-text").fill("One text\nAnother text");
    await page.locator("#paste-label").fill("calm");
    const all = async (): Promise<void> => {
      assert.equal(await field(page, "happy").inputValue(), "half a sentence");
      assert.equal(await page.locator("#new-label").inputValue(), "half a label");
      assert.equal(await page.locator("#paste-text").inputValue(), "One text\nAnother text");
      assert.equal(await page.locator("#paste-label").inputValue(), "calm");
      assert.equal(await page.locator("#bench-paste").getAttribute("aria-expanded"), "true");
    };
    await page.locator("#language").selectOption("zh");
    await all();
    await go(page, "data");
    await go(page, "bench");
    await page.locator("#language").selectOption("en");
    await all();
    await page.locator("#paste-add").click();
    await page.getByText("2 labels, 2 examples").waitFor();
    await field(page, "happy").press("Enter");
    await page.locator("#add-label").click();
    await field(page, "half a label").waitFor();
    await go(page, "data");
    await go(page, "bench");
    await page.getByText("3 labels, 3 examples").waitFor();
    assert.ok(await page.locator("#paste-panel").isHidden());
    for (const selector of ["#new-label", "#paste-text", "#paste-label"])
      assert.equal(await page.locator(selector).inputValue(), "", selector);
    assert.equal(await field(page, "happy").inputValue(), "");
    await end();
  });

  test("go with a label that gets another name, also another label's; spaces are no name", async () => {
    const { page, end } = await stage.visit({}, "");
    await page.locator("#bench-type").click();
    for (const label of ["happy", "sad"]) await addLabel(page, label);
    await field(page, "happy").fill("half a sentence");
    await rename(page, "happy", "  ");
    assert.equal(await page.evaluate(() => document.activeElement?.matches("input:invalid")), true);
    assert.equal(await page.locator('.card[aria-label="happy"]').count(), 1);
    await page.locator('.card[aria-label="happy"] summary').click();
    await rename(page, "happy", "glad");
    await field(page, "glad").waitFor();
    assert.equal(await field(page, "glad").inputValue(), "half a sentence");
    await rename(page, "glad", "sad");
    await page.locator('.card[aria-label="glad"]').waitFor({ state: "detached" });
    assert.equal(await field(page, "sad").inputValue(), "half a sentence");
    await end();
  });
});
