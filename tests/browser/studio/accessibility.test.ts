// Accessibility of the studio: no serious finding of axe and no sideways scroll at any step, in light and
// dark, at two widths and in both languages; the whole way by keyboard; what a screen reader is told.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "../../support/axe.ts";
import { go, loadDefault, openStage, takeSample, train, upload } from "../../support/studio.ts";

describe("the studio for everyone", () => {
  const stage = openStage();

  for (const language of ["en", "zh"] as const) {
    test(`axe and widths at every step (${language})`, async () => {
      const thoroughly = language === "en";
      const { page, end } = await stage.visit({ locale: language });
      for (const step of ["load", "data", "train", "judge", "use", "keep"]) {
        await go(page, step);
        await inspect(page, `${step}, empty`, thoroughly);
      }
      await loadDefault(page);
      await inspect(page, "load", thoroughly);
      await takeSample(page, language);
      await inspect(page, "data", thoroughly);
      await page.locator("#data-files").setInputFiles(upload("all.csv", "text,label\na,x\n,x\nb,\nb,x\n"));
      await page.locator(".notice.error").waitFor();
      await inspect(page, "data, with problems", thoroughly);
      page.once("dialog", (dialog) => void dialog.accept());
      await takeSample(page, language);
      await train(page, 1);
      await page.locator("#method-lora").check();
      for (const part of ["more", "methods", "size"]) await page.locator(`#recipe-${part} summary`).click();
      await inspect(page, "train", thoroughly);
      await train(page, 1);
      await go(page, "judge");
      await page.locator("#right").waitFor();
      await page.locator(".runs").waitFor();
      for (const id of ["all-scores", "confusion", "reliability"])
        await page.locator(`#${id} > summary`).click();
      await inspect(page, "judge", thoroughly);
      await go(page, "use");
      await page.locator("#use-text").fill("?");
      await page.locator("#classify").click();
      await page.locator(".verdict").waitFor();
      await page.locator("#use-file").setInputFiles(upload("long.csv", `text\n${"word ".repeat(200)}\n`));
      await page.locator("#use-file-run").click();
      await page.locator("#use-file-save").waitFor();
      await inspect(page, "use", thoroughly);
      await go(page, "keep");
      await page.locator("#one-by-one summary").click();
      await page.locator("#adapter-use summary").click();
      await page.locator("#keep-make").click();
      await page.locator(".files").waitFor();
      await inspect(page, "keep", thoroughly);
      await end();
    });
  }

  test("the whole way by keyboard, with the focus always to be seen", async () => {
    const { page, end } = await stage.visit();
    /** Presses Tab until the element is reached, as a person would. */
    const reach = async (selector: string): Promise<void> => {
      const tried: string[] = [];
      for (let presses = 0; presses < 400; presses++) {
        await page.keyboard.press("Tab");
        const here = await page.evaluate((wanted) => {
          const active = document.activeElement;
          if (!active || active === document.body) return { found: false, seen: true, name: "body" };
          // A radio button's ring is drawn around its label.
          const ringed = active.closest(".pill") ?? active;
          const { outlineStyle, outlineWidth } = getComputedStyle(ringed);
          return {
            found: active.matches(wanted),
            seen: outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2,
            name: active.id || active.outerHTML.slice(0, 80),
          };
        }, selector);
        assert.ok(here.seen, `the focus on ${here.name} cannot be seen`);
        if (here.found) return;
        tried.push(here.name);
      }
      assert.fail(`${selector} was not reached by Tab; these were: ${tried.join(", ")}`);
    };
    const press = async (selector: string, key = "Enter"): Promise<void> => {
      await reach(selector);
      await page.keyboard.press(key);
    };

    /** Takes the way on to a step, whose heading then has the focus. */
    const onTo = async (step: string): Promise<void> => {
      await press(`a.button[href="#${step}"]`);
      await page.waitForFunction(
        (name) => document.activeElement?.matches(`.step-${name} #step-heading`) === true,
        step,
      );
    };

    await press(".skip");
    await press("#load-default");
    await page.locator(".facts").waitFor();
    await onTo("data");
    await press("#sample-en", "Space");
    await page.locator(".split").waitFor();
    await reach("#label-column");
    await page.keyboard.press("ArrowUp");
    await page.locator(".notice.error").waitFor();
    assert.equal(
      await page.evaluate(() => document.activeElement?.id),
      "label-column",
      "the focus stays on the control",
    );
    await page.keyboard.press("ArrowDown");
    await onTo("train");
    await reach("#recipe-epochs");
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.type("1");
    await press("#train-start");
    await page.locator('.next a[href="#judge"]').waitFor({ timeout: 120_000 });
    await onTo("judge");
    await page.locator("#right").waitFor();
    await onTo("use");
    await reach("#use-text");
    await page.keyboard.type("Where is the printer?");
    await press("#classify");
    await page.locator(".verdict").waitFor();
    await onTo("keep");
    const download = page.waitForEvent("download");
    await press("#keep-zip");
    assert.equal((await download).suggestedFilename(), "my-classifier.zip");
    await end();
  });

  test("ends and failures are said once, steps are not", async () => {
    const { page, end } = await stage.visit();
    await page.evaluate(() => {
      const said: string[] = [];
      (window as unknown as { said: string[] }).said = said;
      new MutationObserver(() => {
        said.push(document.querySelector("[aria-live]")?.textContent ?? "");
      }).observe(document.querySelector("[aria-live]") as Node, { childList: true });
    });
    await loadDefault(page);
    await takeSample(page);
    await train(page, 2);
    const said = await page.evaluate(() => (window as unknown as { said: string[] }).said);
    assert.equal(said.filter((line) => /is loaded/.test(line)).length, 1, said.join("\n"));
    assert.equal(said.filter((line) => /^Epoch/.test(line)).length, 2, said.join("\n"));
    assert.equal(said.filter((line) => /^Finished/.test(line)).length, 1, said.join("\n"));
    assert.ok(said.length <= 8, said.join("\n"));
    await end();
  });
});
