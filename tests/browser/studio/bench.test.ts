// The bench as a new visitor meets it: what the first screen fetches, examples that are typed, pasted, moved and undone, answers
// without training, the sample in two clicks, a file of many rows, the keyboard alone, axe and narrow screens.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { inspect } from "../../support/axe.ts";
import { go, openStage, overflow, upload } from "../../support/studio.ts";

const MOODS = {
  happy: ["We won the match", "I got a puppy", "My party was great", "The sun is out"],
  sad: ["My goldfish died", "I miss my grandmother", "Nobody came", "I have to move away"],
  angry: ["He broke my game", "They cheated", "Stop taking my things", "She yelled at me"],
};

/** Types the three moods with the keyboard, from the field for a new label. */
async function typeMoods(page: Page): Promise<void> {
  for (const [label, texts] of Object.entries(MOODS)) {
    await page.locator("#new-label").focus();
    await page.keyboard.type(label);
    await page.keyboard.press("Enter");
    await page.waitForFunction((name) => document.activeElement?.getAttribute("data-label") === name, label);
    for (const text of texts) {
      await page.keyboard.type(text);
      await page.keyboard.press("Enter");
    }
  }
  await page.getByText("3 labels, 12 examples").waitFor();
}

const card = (page: Page, label: string) => page.locator(`.card[aria-label="${label}"]`);
/** The texts of a card, as they are shown. */
const textsOf = (page: Page, label: string) => card(page, label).locator(".example-text").allInnerTexts();

describe("the bench", () => {
  const stage = openStage();

  test("the first screen says the size, and fetches no model before something needs one", async () => {
    const before = stage.site.requests.length;
    const { page, end } = await stage.visit({}, "");
    await page.getByText(/small English model, [\d.]+ [KM]B once/).waitFor();
    await page.getByText("Nothing that you type leaves this computer.").waitFor();
    const asked = stage.site.requests.slice(before).filter((path) => path.includes("models/default"));
    assert.equal(asked.length, 1, "its size is asked for, once");
    await page.locator(".recorded-questions button").nth(1).click();
    await page.locator("#recorded-answer", { hasText: "%" }).waitFor();
    await inspect(page, "first screen", true);
    await page.setViewportSize({ width: 320, height: 640 });
    assert.ok((await overflow(page)) <= 0, "the first screen scrolls sideways at 320");
    await end();
  });

  test("three moods by the keyboard alone, an answer, and the same examples after a reload", async () => {
    const { page, end } = await stage.visit({}, "");
    const reach = async (selector: string): Promise<void> => {
      for (let presses = 0; presses < 80; presses++) {
        await page.keyboard.press("Tab");
        if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
      }
      assert.fail(`${selector} was not reached by Tab`);
    };
    await reach("#bench-type");
    await page.keyboard.press("Enter");
    for (const [label, texts] of Object.entries(MOODS)) {
      await page.waitForFunction(() => document.activeElement?.id === "new-label");
      await page.keyboard.type(label);
      await page.keyboard.press("Enter");
      await page.waitForFunction(
        (name) => document.activeElement?.getAttribute("data-label") === name,
        label,
      );
      for (const text of texts) {
        await page.keyboard.type(text);
        await page.keyboard.press("Enter");
      }
      // An empty line goes on to the next label.
      await page.keyboard.press("Enter");
    }
    await reach("#bench-text");
    await page.keyboard.type("my dog is ill");
    await page.locator("#bench-answer .verdict").waitFor();
    assert.equal(await page.locator("#bench-answer .bars tbody tr").count(), 3);
    await page.getByText("too few to tell how good it is").waitFor();
    await page.locator("#project-kept", { hasText: "happy, sad, angry" }).waitFor();
    await inspect(page, "bench", true);
    await page.setViewportSize({ width: 320, height: 640 });
    assert.ok((await overflow(page)) <= 0, "the bench scrolls sideways at 320");
    await page.reload();
    await page.getByRole("button", { name: "Open happy, sad, angry" }).click();
    await page.getByText("3 labels, 12 examples").waitFor();
    assert.deepEqual(await textsOf(page, "sad"), MOODS.sad.toReversed());
    await end();
  });

  test("moved, removed, renamed, joined, pasted, found, and undone step by step", async () => {
    const { page, end } = await stage.visit({}, "");
    await page.locator("#bench-type").click();
    await typeMoods(page);
    await card(page, "sad").locator(".example").first().locator("select").selectOption("angry");
    await page.waitForFunction(
      () => document.querySelectorAll('.card[aria-label="sad"] .example').length === 3,
    );
    assert.ok((await textsOf(page, "angry")).includes("I have to move away"));
    await card(page, "happy").locator(".row-remove").first().click();
    await page.getByText("3 labels, 11 examples").waitFor();
    assert.ok(
      await page.evaluate(() => document.activeElement?.matches(".row-remove")),
      "the focus goes to the row beside",
    );

    await card(page, "angry").locator("summary").click();
    await card(page, "angry").getByLabel("New name").fill("cross");
    await page.keyboard.press("Enter");
    await card(page, "cross").waitFor();
    await card(page, "cross").locator("summary").click();
    await card(page, "cross").getByLabel("Join with").last().selectOption("sad");
    await card(page, "cross").getByRole("button", { name: "Join", exact: true }).click();
    await page.getByText("2 labels, 11 examples").waitFor();

    await page.locator("#bench-paste").click();
    await page.locator("#paste-text").fill("A quiet lake\tcalm\nWe sit and read\tcalm\n\tcalm");
    await page.getByText("2 examples with 1 label; 1 line without text or label").waitFor();
    await page.locator("#paste-add").click();
    await page.getByText("3 labels, 13 examples").waitFor();
    assert.deepEqual(await textsOf(page, "calm"), ["We sit and read", "A quiet lake"]);
    await card(page, "calm")
      .locator(".new-example")
      .evaluate((input) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData("text/plain", "One line\nAnother line\n");
        input.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
      });
    await page.getByText("3 labels, 15 examples").waitFor();
    assert.ok((await card(page, "calm").locator(".tag").allInnerTexts()).every((tag) => tag === "pasted"));

    await page.locator("#bench-search").fill("LINE");
    await page.getByText("2 examples", { exact: true }).waitFor();
    assert.deepEqual(await textsOf(page, "calm"), ["Another line", "One line"]);
    await page.locator("#bench-search").fill("");

    for (let times = 0; times < 6; times++) await page.locator("#bench-undo").click();
    await page.getByText("3 labels, 12 examples").waitFor();
    assert.deepEqual(await textsOf(page, "sad"), MOODS.sad.toReversed());
    assert.deepEqual(await textsOf(page, "angry"), MOODS.angry.toReversed());
    await end();
  });

  test("the sample in one click, trained in two; a correction goes to the examples", async () => {
    const { page, end } = await stage.visit({}, "");
    await page.locator("#bench-sample").click();
    await page.locator("#bench-held", { hasText: /\d+ of 64 texts right that it had not read/ }).waitFor();
    await page.locator("#bench-text").fill("The printer took my money");
    await page.locator("#bench-answer .verdict").waitFor();
    await page.locator("#bench-train").click();
    await page.locator("#bench-pause, .bench-model .held").first().waitFor();
    await page.getByText(/Trained\. \d+ of 64 texts right/).waitFor({ timeout: 120_000 });
    await page.getByText("From the trained model.").waitFor();
    await page.locator(".put-right button", { hasText: "rooms" }).click();
    await page.getByText("4 labels, 169 examples").waitFor();
    await page.getByText("1 example came after training").waitFor();
    const tags = await card(page, "rooms").locator(".tag").first().innerText();
    assert.match(tags, /corrected|confirmed/);
    await inspect(page, "bench, trained", false);
    await go(page, "judge");
    await page.locator(".confusion").waitFor({ state: "attached" });

    // Stopped before its first step, a run leaves the model as it was.
    await go(page, "bench");
    await page.evaluate(() => {
      document.getElementById("bench-train")?.click();
      document.getElementById("bench-stop")?.click();
    });
    await page.locator(".held", { hasText: /Trained\. \d+ of 64 texts right/ }).waitFor();
    await page.getByText("1 example came after training").waitFor();
    await go(page, "judge");
    await page.locator("#right").waitFor();
    assert.equal(await page.locator(".runs").count(), 0, "it is no run to compare with");

    await go(page, "bench");
    await page.locator("#new-label").fill("lost property");
    await page.keyboard.press("Enter");
    await card(page, "lost property").locator(".new-example").fill("I left my scarf here");
    await page.keyboard.press("Enter");
    await page.locator("#bench-outdated").waitFor();
    assert.match((await page.locator("#bench-train").getAttribute("class")) ?? "", /primary/);
    await end();
  });

  test("a file of many rows: few are in the page, an edit is quick, and findings are mended", async () => {
    const { page, end } = await stage.visit({}, "");
    const lines = Array.from({ length: 20_000 }, (_, row) => `text ${row} of many,label ${row % 3}`);
    lines.push("text 0 of many,label 0");
    await page.locator("#bench-file").setInputFiles(upload("many.csv", `text,label\n${lines.join("\n")}\n`));
    await page.getByText("3 labels, 20,001 examples").waitFor();
    assert.ok((await page.locator(".example").count()) < 60, "the list is virtual");
    const list = card(page, "label 1").locator(".virtual");
    await list.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
    await card(page, "label 1").getByText("text 1 of many", { exact: true }).waitFor();
    await card(page, "label 1").locator(".new-example").fill("one more");
    await page.keyboard.press("Enter");
    await page.getByText("3 labels, 20,002 examples").waitFor();
    await page.locator("#bench-findings > summary").click({ timeout: 120_000 });
    await page.locator("#remedy-duplicate").click();
    await page.getByText("3 labels, 20,001 examples").waitFor();
    await end();
  });
});
