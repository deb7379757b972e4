// A run that is taken back: its model knows the examples that it learned and no later ones, the focus is not lost, none is taken
// back during another run, and the page's own model is one in both languages.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { go, loadDefault, openStage, takeSample, train, untilKept } from "../../support/studio.ts";

describe("taking a run back", () => {
  const stage = openStage();

  test("keeps the focus, waits for a run under way, and leaves what came later to be learned", async () => {
    const { page, end } = await stage.visit();
    const measured = async (): Promise<void> => {
      await page.locator("#compare-with").waitFor();
      await page.getByText("Looking…").waitFor({ state: "detached" });
    };
    await loadDefault(page);
    await takeSample(page);
    await train(page, 1);
    await page.locator("#language").selectOption("zh");
    await go(page, "load");
    await page.locator("#load-default").click();
    await page.locator(".facts").waitFor();
    await page.locator("#language").selectOption("en");
    await train(page, 1);
    await go(page, "judge");
    await measured();
    const runs = page.locator(".runs");
    assert.doesNotMatch(await runs.innerText(), /默认模型|Differs in model/);
    assert.match(await runs.innerText(), /Same options and data/);

    await page.locator("#take-back-1").focus();
    await page.keyboard.press("Enter");
    await page.locator("#take-back-2").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement === document.body), false);

    await go(page, "bench");
    await page.locator(".new-example").first().fill("Something that nobody has learned");
    await page.keyboard.press("Enter");
    const newer = page.locator(".notice-line", { hasText: "1 example came after training" });
    await newer.waitFor();
    await untilKept(page);
    await page.reload();
    await go(page, "load");
    await page.locator("[id^=open-]").first().click();
    await go(page, "bench");
    await newer.waitFor();

    await go(page, "train");
    await page.locator("#recipe-epochs").fill("500");
    await page.locator("#train-start").click();
    await go(page, "judge");
    const back = page.locator("#take-back-2");
    await back.waitFor();
    assert.equal(await back.getAttribute("aria-disabled"), "true");
    const reason = page.locator(`#${await back.getAttribute("aria-describedby")}`);
    assert.match(await reason.innerText(), /before the run under way has ended/);
    await go(page, "train");
    await page.locator("#train-stop").click();
    await page.locator("#train-start").waitFor();
    await go(page, "judge");
    await measured();
    assert.notEqual(await back.getAttribute("aria-disabled"), "true");
    assert.equal(await reason.count(), 0);
    await end();
  });

  test("of a run on other rows no mistakes are told, rather than none", async () => {
    const { page, end } = await stage.visit();
    await loadDefault(page);
    await takeSample(page);
    await train(page, 1);
    await go(page, "data");
    await page.locator("#shuffle").click();
    await loadDefault(page);
    await go(page, "judge");
    await page.locator("#take-back-1").click();
    await page.locator("#right").waitFor();
    assert.equal(await page.locator("#wrong").count(), 0);
    await end();
  });
});
