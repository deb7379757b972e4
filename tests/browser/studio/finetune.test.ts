// Fine-tuning in the studio: the data report, methods and what they save, early stopping, comparing runs,
// search.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { beforeEach, describe, test } from "node:test";
import type { Page } from "playwright-core";
import {
  go,
  loadDefault,
  openStage,
  takeSample,
  train,
  untilKept,
  unzip,
  upload,
  type Visit,
} from "../../support/studio.ts";

/** Nine rows of one label and ten of another, of words that the tiny model's vocabulary has. */
const GOOD = `text,label\n${Array.from({ length: 20 }, (_, row) => `the parcel number ${row} is here,${row % 2 ? "x" : "y"}`).join("\n")}\n`;

const FOUND: [name: string, csv: [string, string][], level: string, text: RegExp][] = [
  [
    "the same text in train and test",
    [
      ["train.csv", GOOD],
      ["test.csv", "text,label\nThe parcel number 3 is here!,x\n"],
    ],
    "warning",
    /1 row of dev or test is also in another part/,
  ],
  [
    "a text twice",
    [["a.csv", `${GOOD}the parcel number 3 is here,x\n`]],
    "note",
    /1 row repeats an earlier one/,
  ],
  [
    "a text with two labels",
    [["a.csv", `${GOOD}the parcel number 3 is here,y\n`]],
    "warning",
    /1 row has a text that came before with another label/,
  ],
  [
    "few rows of a label",
    [["a.csv", "text,label\na,x\nb,y\n"]],
    "warning",
    /2 labels have fewer than 8 rows/,
  ],
  [
    "long texts",
    [["a.csv", `${GOOD}"${"parcel ".repeat(300)}",x\n`]],
    "note",
    /1 row .* longer than the model reads/,
  ],
  ["a foreign script", [["a.csv", `${GOOD}ཧཧཧ ཀཀཀ,x\n`]], "warning", /The model does not know/],
];

describe("the studio's craft", () => {
  const stage = openStage();
  let studio: Visit;
  let page: Page;
  beforeEach(async () => {
    studio = await stage.visit();
    page = studio.page;
    await loadDefault(page);
  });

  for (const [name, csv, level, text] of FOUND) {
    test(`the data report: ${name}`, async () => {
      await go(page, "data");
      await page.locator("#data-files").setInputFiles(csv.map(([file, content]) => upload(file, content)));
      const notice = page.locator(`.notice.${level}`).filter({ hasText: text });
      await notice.waitFor();
      await notice.locator("summary").click();
      assert.ok((await notice.locator(".examples li").count()) > 0);
      await go(page, "train");
      await page.locator('.step-train .notice-line a[href="#data"]').waitFor();
      await studio.end();
    });
  }

  test("the data report of clean rows is not there, and one of a model that comes later is", async () => {
    await go(page, "data");
    await page.locator("#data-files").setInputFiles(upload("a.csv", GOOD));
    await page.locator(".split").waitFor();
    await page.getByText("Looking through the data").waitFor({ state: "detached" });
    assert.equal(await page.locator(".notice").count(), 0);
    await go(page, "train");
    assert.equal(await page.getByText("Data report").count(), 0);
    await studio.end();
    const later = await stage.visit();
    await go(later.page, "data");
    await later.page.locator("#data-files").setInputFiles(upload("a.csv", "text,label\na,x\nb,y\n"));
    await later.page.locator(".split").waitFor();
    assert.equal(await later.page.locator(".notice").count(), 0);
    await loadDefault(later.page);
    await go(later.page, "data");
    await later.page.locator(".notice.warning").filter({ hasText: "2 labels" }).waitFor();
    await later.end();
  });

  test("a method brings its usual rate and epochs, but not over what was typed, and its own settings", async () => {
    await takeSample(page);
    await go(page, "train");
    const value = (name: string) => page.locator(`#recipe-${name}`).inputValue();
    assert.deepEqual([await value("epochs"), await value("learningRate")], ["5", "0.0001"]);
    await page.locator("#recipe-epochs").fill("3");
    await page.locator("#recipe-epochs").blur();
    await page.locator("#method-lora").check();
    assert.deepEqual([await value("epochs"), await value("learningRate")], ["3", "0.002"]);
    assert.equal(await page.locator("#recipe-rank").count(), 1);
    await page.locator("#method-centroid").check();
    assert.equal(await page.locator("#recipe-epochs").count(), 0, "nothing is trained: there are no epochs");
    assert.equal(await page.locator("#recipe-rank").count(), 0);
    await page.locator("#method-centroid").press("ArrowUp");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "method-contrastive");
    await page.locator("#method-full").check();
    assert.deepEqual([await value("epochs"), await value("learningRate")], ["3", "0.0001"]);
    await studio.end();
  });

  test("what is out of range is told beside its field, also where a project brings it", async () => {
    await takeSample(page);
    await go(page, "train");
    const told = page.locator("#recipe-warmupRatio-range");
    await page.locator("#recipe-more summary").click();
    await page.locator("#recipe-warmupRatio").fill("7");
    await page.locator("#recipe-warmupRatio").blur();
    await told.waitFor();
    await page.locator("#recipe-learningRate").fill("5");
    await page.locator("#recipe-learningRate").blur();
    await page.locator("#recipe-learningRate-range").waitFor();
    await untilKept(page);
    await page.reload();
    await go(page, "load");
    await page.locator("[id^=open-]").first().click();
    await page.locator("#project-kept", { hasText: "is kept in this browser" }).waitFor();
    await go(page, "train");
    await told.waitFor();
    assert.equal(await told.innerText(), "It takes a number from 0 to 1.");
    await page.locator("#recipe-warmupRatio").fill("0.1");
    await page.locator("#recipe-warmupRatio").blur();
    await told.waitFor({ state: "detached" });
    await studio.end();
  });

  test("a small addition: few numbers trained, two runs compared, an adapter beside the whole model", async () => {
    await takeSample(page);
    await go(page, "train");
    await page.locator("#method-lora").check();
    await page.locator("#recipe-learningRate").fill("0.01");
    await train(page, 2);
    // Two pairs of 8 x (32 + 32) in each of 2 layers, and a head of 4 x 33.
    await page.getByText(/^2,180 of [\d,]+ parameters are trained\.$/).waitFor();
    await go(page, "judge");
    await page.locator(".figure-range").first().waitFor({ state: "attached" });
    assert.equal(await page.locator(".figure-range").count(), 3);
    // The scores of all kinds are folded.
    assert.match(
      (await page.locator(".figure-range").first().textContent()) ?? "",
      /^likely \d+\.\d\s% to \d+\.\d\s%$/,
    );
    await page.getByText("Looking…").waitFor({ state: "detached" });
    assert.equal(await page.locator(".runs").count(), 0, "there is nothing to compare with");

    await go(page, "train");
    await page.locator("#method-centroid").check();
    await page.locator("#train-start").click();
    await page
      .getByText(/^Finished in/)
      .first()
      .waitFor();
    assert.equal(await page.locator(".plot:visible").count(), 0, "no steps, no curve");
    assert.equal(await page.locator(".curves tbody tr").count(), 1);
    await go(page, "judge");
    // Both runs are listed at once; they are compared once the later one is measured.
    const earlier = page.locator(".runs tbody tr").filter({ hasText: "1. A small adapter" });
    await earlier.filter({ hasText: /p = [01]\.\d{3}/ }).waitFor();
    assert.equal(await page.locator(".runs tbody tr").count(), 2);
    await go(page, "keep");
    assert.equal(await page.locator("#keep-adapter").count(), 0);

    await go(page, "train");
    await page.locator("#method-lora").check();
    await train(page, 1);
    await go(page, "keep");
    assert.equal(await page.locator("#keep-zip").count(), 1);
    const download = page.waitForEvent("download");
    await page.locator("#keep-adapter").click();
    const files = unzip(await readFile(await (await download).path()));
    assert.deepEqual([...files.keys()].sort(), [
      "my-adapter/README.md",
      "my-adapter/adapter_config.json",
      "my-adapter/adapter_model.safetensors",
    ]);
    assert.match(String(files.get("my-adapter/README.md")), /^---\nlibrary_name: peft\n/);
    const config = JSON.parse(String(files.get("my-adapter/adapter_config.json")));
    assert.deepEqual([config.peft_type, config.r, config.task_type], ["LORA", 8, "SEQ_CLS"]);
    await studio.end();
  });

  test("virtual tokens are kept alone: no checkpoint holds them", async () => {
    await takeSample(page);
    await go(page, "train");
    await page.locator("#recipe-methods summary").click();
    await page.locator("#method-prompt").check();
    // The tiny model has 64 positions, 20 of which the virtual tokens take.
    await page.locator("#recipe-maxLength").fill("32");
    await train(page, 1);
    await go(page, "keep");
    assert.equal(await page.locator("#keep-zip").count(), 0);
    assert.equal(await page.locator("#keep-adapter").count(), 1);
    await studio.end();
  });

  test("stops early and says which epoch's weights it kept", async () => {
    await takeSample(page);
    await go(page, "train");
    await page.locator("#recipe-learningRate").fill("0.01");
    await page.locator("#recipe-more summary").click();
    await page.locator("#recipe-patience").fill("1");
    await train(page, 200);
    await page
      .getByText(/^Stopped early after/)
      .first()
      .waitFor();
    const best = page.locator(".curves tbody tr").filter({ hasText: "best" });
    const epoch = (await best.locator("th").innerText()).match(/\d+/)?.[0];
    await page.getByText(`Epoch ${epoch} was best on dev`).waitFor();
    const losses = (await page.locator(".curves tbody tr td:nth-child(3)").allInnerTexts()).map(Number);
    assert.equal(losses.indexOf(Math.min(...losses)) + 1, Number(epoch));
    assert.equal(losses.length, Number(epoch) + 1);
    await studio.end();
  });

  test("uneven labels: the switch beside the hint is the option below", async () => {
    await go(page, "data");
    const rows = Array.from({ length: 50 }, (_, row) => `parcel ${row},${row % 5 ? "x" : "y"}`);
    await page.locator("#data-files").setInputFiles(upload("a.csv", `text,label\n${rows.join("\n")}\n`));
    await page.locator(".split").waitFor();
    await go(page, "train");
    await page.getByText("Your largest label has 4 times").waitFor();
    await page.locator("#recipe-balance").check();
    await page.locator("#recipe-more summary").click();
    assert.equal(await page.locator("#recipe-classWeights").inputValue(), "balanced");
    await train(page, 1);
    await studio.end();
  });

  test("tries several recipes, and takes the best to train with", async () => {
    await takeSample(page);
    await go(page, "train");
    await page.locator("#several summary").click();
    await page.locator("#several-trials").fill("4");
    await page.locator("#several-search").click();
    await page.locator("#several-take").waitFor();
    assert.equal(await page.locator("#several tbody tr").count(), 4);
    const best = page.locator("#several tbody tr").filter({ hasText: "best" });
    const [rate, batch, epochs] = (await best.locator("td").allInnerTexts()).map(Number);
    await page.locator("#several-take").click();
    const value = async (name: string) => Number(await page.locator(`#recipe-${name}`).inputValue());
    assert.deepEqual(
      [await value("learningRate"), await value("batchSize"), await value("epochs")],
      [rate, batch, epochs],
    );
    await page.locator("#several-folds").fill("3");
    await page.locator("#several-cross").click();
    await page.locator("#several strong", { hasText: /^Accuracy [\d.]+\s% ±/ }).waitFor();
    const said = await page.getByText(/^Accuracy on each fold/).innerText();
    assert.equal(said.match(/\d+\.\d\s%/g)?.length, 3);
    await page.locator("#method-centroid").check();
    assert.equal(await page.locator("#several-search").isVisible(), false, "dev's loss says nothing of it");
    await studio.end();
  });
});
