// Step 6 packs the run to go on with elsewhere: one that begins, one under way from its step, and what cannot go on.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { checkpointUploads, go, openStage, takeSample, unzip, WITH_HEAD } from "../../support/studio.ts";

async function packed(page: Page): Promise<{ step: number; options: Record<string, unknown> }> {
  const download = page.waitForEvent("download");
  await page.locator("#keep-away").click();
  const files = unzip(Buffer.concat(await (await (await download).createReadStream()).toArray()));
  for (const name of ["train.py", "README.md", "data/train.jsonl", "checkpoint/model.safetensors"])
    assert.ok(files.has(name), name);
  return JSON.parse(String(files.get("recipe.json")));
}

describe("going on elsewhere", () => {
  const stage = openStage();
  let page: Page;

  before(async () => {
    page = (await stage.visit()).page;
    await page.locator("#model-files").setInputFiles(checkpointUploads(WITH_HEAD));
    await page.locator(".facts").waitFor();
    await takeSample(page);
  });

  test("a run that begins, with the recipe as it is chosen", async () => {
    await go(page, "train");
    await page.locator("#recipe-epochs").fill("40");
    await go(page, "keep");
    const { step, options } = await packed(page);
    assert.equal(step, 0);
    assert.equal(options.epochs, 40);
  });

  test("a run under way, from the step that it has come to", async () => {
    await go(page, "train");
    await page.locator("#train-start").click();
    await page.locator("#train-pause").click();
    await go(page, "keep");
    assert.ok((await packed(page)).step > 0);
  });
});
