// The bench with labels that are many, long or several a row: a card for each to be opened, no data changed by one arrow key, no
// sideways scroll, a way to the answer; and its amounts in Chinese.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { go, loadDefault, openStage, overflow, upload } from "../../support/studio.ts";

const card = (page: Page, label: string) => page.locator(`.card[aria-label="${label}"]`);
const focused = (page: Page, attribute: string) =>
  page.evaluate((name) => document.activeElement?.getAttribute(name), attribute);

/** Rows of `labels` labels with as many each, the first with four more. */
function many(labels: number, rows: number): string {
  const lines = Array.from({ length: labels * rows }, (_, at) => `text ${at}\tlabel ${at % labels}`);
  const more = Array.from({ length: 4 }, (_, at) => `more ${at}\tlabel 0`);
  return [...lines, ...more].join("\n");
}

/** The bench with a model and rows that are pasted, so that all of them are learned from. */
async function paste(page: Page, rows: string): Promise<void> {
  await loadDefault(page);
  await go(page, "bench");
  await page.locator("#bench-type").click();
  await page.locator("#bench-paste").click();
  await page.locator("#paste-text").fill(rows);
  await page.locator("#paste-add").click();
  await page.locator(".card").first().waitFor();
}

describe("labels of the bench", () => {
  const stage = openStage();

  test("nine labels: a card opens by its name, and a new label can be typed into", async () => {
    const { page, end } = await stage.visit({}, "");
    await page.locator("#bench-type").click();
    for (let at = 1; at <= 9; at++) {
      await page.locator("#new-label").fill(`label ${at}`);
      await page.keyboard.press("Enter");
      await page.waitForFunction(
        (label) => document.activeElement?.getAttribute("data-label") === label,
        `label ${at}`,
      );
    }
    await page.keyboard.type("typed at once");
    await page.keyboard.press("Enter");
    await card(page, "label 9").getByText("typed at once").waitFor();
    const name = card(page, "label 2").locator(".card-name");
    assert.equal(await name.getAttribute("aria-expanded"), "false");
    await name.focus();
    await page.keyboard.press("Enter");
    await card(page, "label 2").locator(".new-example").fill("a second");
    await page.keyboard.press("Enter");
    await card(page, "label 2").getByText("a second").waitFor();
    await name.click();
    assert.ok(await card(page, "label 2").locator(".new-example").isHidden());
    await page.locator("#bench-search").fill("label 3");
    await card(page, "label 3").locator(".new-example").waitFor();
    await end();
  });

  test("300 labels: a new one and one with few examples are found for the field", async () => {
    const { page, end } = await stage.visit();
    await paste(page, many(300, 2));
    await page.locator(".bench-next button").first().click();
    await page.waitForFunction(() => document.activeElement?.matches(".new-example"));
    const wanted = (await focused(page, "data-label")) as string;
    assert.match(wanted, /^label [1-9]/);
    await page.locator("#bench-search").fill("");
    await page.locator("#new-label").fill("label");
    await page.keyboard.press("Enter");
    // It is the last of 301, of which 60 have a card without a search.
    await page.waitForFunction(() => document.activeElement?.getAttribute("data-label") === "label");
    assert.equal(await page.locator("#bench-search").inputValue(), "label");
    await end();
  });

  test("by the keyboard a choice changes no example until it is made; the focus stays", async () => {
    const { page, end } = await stage.visit();
    await paste(page, many(7, 3));
    const counts = page.getByText("7 labels, 25 examples");
    await counts.waitFor();
    const row = card(page, "label 1").locator(".row-label").first();
    await row.focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    assert.equal(await card(page, "label 1").locator(".count").innerText(), "3");
    assert.equal(await row.inputValue(), "label 3");
    await page.keyboard.press("Enter");
    await card(page, "label 3").locator(".count", { hasText: "4" }).waitFor();
    assert.ok(await page.evaluate(() => document.activeElement?.matches(".row-label")), "the next row");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Tab");
    await card(page, "label 0").locator(".count", { hasText: "8" }).waitFor();
    assert.ok(await page.evaluate(() => document.activeElement?.closest(".card")), "the focus is lost");

    await card(page, "label 4").locator("summary").click();
    await card(page, "label 4").getByLabel("Join with").focus();
    await page.keyboard.press("ArrowDown");
    await counts.waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("6 labels, 25 examples").waitFor();
    await page.locator("#bench-undo").click();

    await page.locator("#bench-text").fill("words of its own");
    await page.locator("#right-choice").focus();
    await page.keyboard.press("ArrowDown");
    await counts.waitFor();
    await page.locator("#right-add").press("Enter");
    await page.getByText("7 labels, 26 examples").waitFor();

    await page.locator("#bench-train").press("Enter");
    await page.waitForFunction(() => document.activeElement?.id === "bench-pause");
    await page.locator("#bench-stop").press("Enter");
    await page.waitForFunction(() => document.activeElement?.id === "bench-train");
    await end();
  });

  for (const letters of [60, 120])
    test(`labels of ${letters} letters stay within the page, and within the columns`, async () => {
      const { page, end } = await stage.visit();
      const [a, b] = ["a".repeat(letters), "b".repeat(letters)];
      // Texts are longer than labels: that is how a paste tells them apart.
      const text = "What the weather was like. ".repeat(8);
      const rows = ["sun", "rain", "snow", "hail", "mist"].map((word) => `${text}${word}\t${a}`);
      await paste(page, [...rows, `${text}wind\t${b}`].join("\n"));
      await page.locator("#bench-text").fill("fog");
      await page.locator(".right-label").first().waitFor();
      await page.locator(".bench-next button").first().waitFor();
      await card(page, a).locator("summary").click();
      await card(page, a).getByLabel("Join with").waitFor();
      for (const width of [1280, 1040, 390, 320]) {
        await page.setViewportSize({ width, height: 800 });
        assert.ok((await overflow(page)) <= 0, `the page scrolls sideways at ${width}`);
        const beyond = await page.evaluate(() =>
          [...document.querySelectorAll(".bench > .block")].flatMap((block) => {
            const { right } = block.getBoundingClientRect();
            return [...block.querySelectorAll("button, select, input, .bar-value, .verdict, summary")]
              .filter((each) => each.getBoundingClientRect().right > right)
              .map((each) => each.outerHTML.slice(0, 100));
          }),
        );
        assert.deepEqual(beyond, [], `beyond their column at ${width}`);
      }
      await end();
    });

  test("several labels a row: after training the answer is said to be in the step Use", async () => {
    const { page, end } = await stage.visit();
    await loadDefault(page);
    await go(page, "bench");
    const lines = Array.from({ length: 12 }, (_, at) => `text ${at},${["a;b", "a", "b"][at % 3]}`);
    await page
      .locator("#bench-file")
      .setInputFiles(upload("several.csv", `text,label\n${lines.join("\n")}\n`));
    await go(page, "data");
    await page.locator("#label-separator").selectOption(";");
    await go(page, "bench");
    await page.locator("#bench-text").fill("text");
    await page.locator("#bench-answer", { hasText: "answered after training" }).waitFor();
    await page.locator("#bench-train").click();
    await page.locator("#bench-to-use").click({ timeout: 120_000 });
    await page.locator("#use-text").waitFor();
    await end();
  });

  test("in Chinese the answer and the model's name are Chinese, whichever language it was loaded in", async () => {
    const { page, end } = await stage.visit();
    await paste(page, many(3, 2));
    await page.locator("#bench-text").fill("text 3");
    await page.locator(".verdict").waitFor();
    await page.locator("#language").selectOption("zh");
    await page.getByText("默认模型已就绪").waitFor();
    assert.match(await page.locator(".bar-value").first().innerText(), /^\d+%$/);
    assert.doesNotMatch(await page.locator(".verdict").innerText(), /\s%|; /);
    await end();
  });
});
