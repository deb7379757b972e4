// The panel to paste rows into: it says which of many columns it takes, and asks for a label where none is.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openStage } from "../../support/studio.ts";

describe("pasted rows", () => {
  const stage = openStage();

  test("the columns that are taken are named; spaces are no label", async () => {
    const { page, end } = await stage.visit({}, "");
    await page.locator("#bench-type").click();
    await page.locator("#bench-paste").click();
    const text = page.locator("#paste-text");
    await text.fill("id\tbody text\ttopic\n1\tA quiet lake\tcalm\n2\tThe sea\tcalm");
    await page.getByText("2 examples with 1 label; text: body text, label: topic").waitFor();
    await text.fill("One text\nAnother text");
    await page.locator("#paste-label").fill(" ");
    await page.locator("#paste-add").click();
    assert.ok(
      await page.evaluate(() => document.activeElement?.id === "paste-label"),
      "the label is asked for",
    );
    await page.locator("#paste-label").fill(" calm ");
    await page.locator("#paste-add").click();
    await page.getByText("1 label, 2 examples").waitFor();
    await page.locator('.card[aria-label="calm"]').waitFor();
    await end();
  });
});
