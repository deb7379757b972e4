// Masked-language modelling in the studio: pretraining on unlabelled texts, filling a blank (against
// transformers), and switching between adapters.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { beforeEach, describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { FilledMask } from "../../../web/bertlet.d.ts";
import { inspect } from "../../support/axe.ts";
import { readJson } from "../../support/checkpoints.ts";
import {
  adapterUploads,
  checkpointUploads,
  classified,
  go,
  loadDefault,
  openStage,
  takeSample,
  train,
  unzip,
  upload,
  type Visit,
  WITH_HEAD,
} from "../../support/studio.ts";

/** A head over words, and no pooler and no labels. */
const WITH_WORDS = "masked_lm_bf16";
/** A head over words and a pooler. */
const WITH_BOTH = "pretraining_f32";
/** Transformers' scores are rounded to a tenth of a percent. */
const ROUNDED = 0.06;

async function loadFiles(page: Page, checkpoint: string): Promise<void> {
  await go(page, "load");
  await page.locator("#model-files").setInputFiles(checkpointUploads(checkpoint));
  await page.locator(".facts").waitFor();
}

/** The words in a blank with their shares, percent. */
async function filled(page: Page, text: string): Promise<[string, number][]> {
  await go(page, "use");
  if (!(await page.locator("#fill-text").isVisible())) await page.locator("#fill-panel summary").click();
  await page.locator("#fill-text").fill(text);
  await page.locator("#fill").click();
  await page.locator("#fill[aria-disabled=false]").waitFor();
  const words = await page.locator("#fill-words .bar-name").allInnerTexts();
  const shares = await page.locator("#fill-words .bar-value").allInnerTexts();
  return words.map((word, index) => [word, Number.parseFloat(shares[index] ?? "")]);
}

async function perplexities(page: Page): Promise<number[]> {
  const values = await page.locator("#pretrain-perplexity .figure-value").allInnerTexts();
  return values.map((value) => Number(value.replaceAll(",", "")));
}

async function pretrain(page: Page, epochs: number, learningRate = "0.003"): Promise<void> {
  await go(page, "train");
  if (!(await page.locator("#pretrain-start").isVisible())) await page.locator("#pretrain > summary").click();
  await page.locator("#pretrain-epochs").fill(String(epochs));
  await page.locator("#pretrain-learningRate").fill(learningRate);
  await page.locator("#pretrain-start").click();
}

describe("the studio's words", () => {
  const stage = openStage();
  let studio: Visit;
  let page: Page;
  beforeEach(async () => {
    studio = await stage.visit();
    page = studio.page;
  });

  test("learns from the examples' texts, trains from there, and goes back", async () => {
    await loadDefault(page);
    await takeSample(page);
    await go(page, "use");
    assert.equal(await page.locator("#fill-panel").isVisible(), false, "this one never learned words");
    await go(page, "train");
    await page.locator("#pretrain > summary").click();
    assert.equal(
      await page.locator("#pretrain-texts").innerText(),
      "Learns from 88 texts; 16 texts are held out to measure by.",
    );
    await page.locator("#pretrain-wholeWords").check();
    await pretrain(page, 6);
    await page.locator("#pretrain-from").waitFor({ timeout: 120_000 });
    assert.match(await page.locator("#pretrain-status .progress-line").innerText(), /Finished: 66 steps/);
    const [first, last] = (await perplexities(page)) as [number, number];
    assert.ok(last < 0.8 * first, `${first} -> ${last}`);
    const curve = await page.locator("#pretrain .plot").getAttribute("aria-label");
    assert.match(curve ?? "", /From \d+\.\d{3} to \d+\.\d{3} over 66 steps/);
    assert.match(await page.locator("#pretrain-from").innerText(), /Default model \+ 88 texts/);

    await train(page, 1);
    await page.getByText("Default model + 88 texts").first().waitFor();
    const words = await filled(page, "where is the [MASK]?");
    assert.equal(words.length, 5);

    await go(page, "train");
    const download = page.waitForEvent("download");
    await page.locator("#pretrain-download").click();
    const files = unzip(await readFile(await (await download).path()));
    const names = [...files.keys()].map((name) => name.replace("my-base-model/", ""));
    assert.ok(names.includes("config.json") && names.includes("model.safetensors"), `${names}`);

    await page.locator("#pretrain-back").click();
    await page.locator("#pretrain-from").waitFor({ state: "detached" });
    await page.locator("#train-start[aria-disabled=false]").waitFor();
    await go(page, "use");
    await page.getByText("no trained labels yet").waitFor();
    assert.equal(await page.locator("#fill-panel").isVisible(), false, "it is as it came");

    // What was downloaded is a model of its own, with all that it knew.
    await go(page, "load");
    await page
      .locator("#model-files")
      .setInputFiles([...files].map(([name, bytes]) => upload(name.replace("my-base-model/", ""), bytes)));
    await page.getByText(/^Loaded: model\.safetensors/).waitFor();
    assert.match(await page.locator(".fit").innerText(), /no output layer for labels yet/);
    const again = await filled(page, "where is the [MASK]?");
    assert.equal(again.length, 5);
    await studio.end();
  });

  test("goes on with both heads and the pooler, in the page and as a folder", async () => {
    await loadFiles(page, WITH_HEAD);
    await takeSample(page);
    await pretrain(page, 2);
    await page.locator("#pretrain-from").waitFor();
    const download = page.waitForEvent("download");
    await page.locator("#pretrain-download").click();
    const files = unzip(await readFile(await (await download).path()));
    const asked = "the [MASK] is late";
    const text = "The parcel was late!";
    const inHand = [await filled(page, asked), await classified(page, text)];
    await go(page, "load");
    await page
      .locator("#model-files")
      .setInputFiles([...files].map(([name, bytes]) => upload(name.replace("my-base-model/", ""), bytes)));
    await page.getByText(/^Loaded: model\.safetensors$/).waitFor();
    assert.match(await page.locator(".fit").innerText(), /already sorts texts into 3 labels/);
    await go(page, "use");
    assert.deepEqual([await filled(page, asked), await classified(page, text)], inHand);
    await studio.end();
  });

  test("trains a model whose head over words cannot be used", async () => {
    const files = checkpointUploads(WITH_WORDS).map((file) => {
      if (file.name !== "config.json") return file;
      const config = { ...JSON.parse(file.buffer.toString()), tie_word_embeddings: false };
      return upload(file.name, Buffer.from(JSON.stringify(config)));
    });
    await page.locator("#model-files").setInputFiles(files);
    await page.locator(".facts").waitFor();
    await takeSample(page);
    await train(page, 1);
  });

  test("learns from a file of one text a line, or from a column, and is stopped", async () => {
    await loadFiles(page, WITH_BOTH);
    await go(page, "train");
    await page.locator("#pretrain > summary").click();
    assert.equal(await page.locator("#pretrain-texts").innerText(), "There are no texts to learn from yet.");
    await page.locator("#pretrain-start").click();
    await page.locator("#pretrain-status .failure").waitFor();
    const lines = Array.from({ length: 30 }, (_, row) => `the parcel number ${row}, is late`);
    await page.locator("#pretrain-file").setInputFiles(upload("more.txt", `${lines.join("\r\n")}\r\n\r\n`));
    await page.getByText("Learns from 27 texts; 3 texts are held out").waitFor();
    const csv = `id,body\n${lines.map((line, row) => `x${row},"${line} ${line}"`).join("\n")}\n`;
    await page.locator("#pretrain-file").setInputFiles(upload("more.csv", csv));
    await page.getByText("The texts of more.csv.").waitFor();
    assert.equal(await page.locator("#pretrain-column").inputValue(), "body");
    await pretrain(page, 900);
    await page.getByText(/^about .* left$/).waitFor();
    await page.locator("#pretrain-stop").click();
    await page.locator("#pretrain-from").waitFor();
    assert.match(
      await page.locator("#pretrain-status").innerText(),
      /Stopped after [\d,]+ steps? and .* What was learned so far is kept/,
    );
    await studio.end();
  });

  test("stopped before it begins, the model is as it was", async () => {
    await loadFiles(page, WITH_HEAD);
    await takeSample(page);
    await go(page, "train");
    await page.locator("#pretrain > summary").click();
    // Both in one turn of the page: however quick it is, the run has not begun.
    const between = await page.evaluate(() => {
      const press = (id: string) => document.getElementById(id)?.click();
      press("pretrain-start");
      const told = document.getElementById("pretrain-status")?.textContent;
      const start = document.getElementById("train-start")?.getAttribute("aria-disabled");
      press("pretrain-stop");
      return { told, start };
    });
    assert.match(between.told ?? "", /Preparing the model/);
    assert.equal(between.start, "true");
    await page.locator("#train-start[aria-disabled=false]").waitFor();
    assert.equal(await page.locator("#pretrain-from").count(), 0);
    assert.equal(await page.locator("#pretrain-status").innerText(), "");
    await go(page, "use");
    assert.equal((await classified(page, "late")).scores.length, 3);
    await studio.end();
  });

  test("a text that is none, and a rate that is none, are told", async () => {
    await loadDefault(page);
    await takeSample(page);
    await go(page, "train");
    await page.locator("#pretrain > summary").click();
    await page.locator("#pretrain-file").setInputFiles(upload("empty.txt", "\n \n"));
    await page.locator("#pretrain .failure").getByText("empty.txt holds no rows.").waitFor();
    assert.match(
      await page.locator("#pretrain-texts").innerText(),
      /88 texts/,
      "the examples are there still",
    );
    await page.locator("#pretrain-file").setInputFiles(upload("blank.txt", "   \n.\n"));
    await page.getByText("The texts of blank.txt.").waitFor();
    await page.locator("#pretrain-rows").click();
    await page.locator("#pretrain-learningRate").fill("0");
    await page.locator("#pretrain-start").click();
    await page.locator("#pretrain-status .failure").getByText("bad-option").waitFor();
    await train(page, 1);
    await studio.end();
  });

  for (const checkpoint of [WITH_WORDS, WITH_BOTH]) {
    test(`fills a blank as transformers does: ${checkpoint}`, async () => {
      const { sentences } = readJson<{ sentences: { text: string; top: FilledMask[] }[] }>(
        `masked_lm/${checkpoint}_fill.json`,
      );
      await loadFiles(page, checkpoint);
      for (const { text, top } of sentences.slice(0, 3)) {
        const found = await filled(page, text);
        assert.deepEqual(
          found.map(([word]) => word),
          top.map(({ token_str }) => token_str),
          text,
        );
        for (const [index, [, share]] of found.entries()) {
          const expected = (top[index]?.score ?? Number.NaN) * 100;
          assert.ok(Math.abs(share - expected) <= ROUNDED, `${text}: ${share}, expected ${expected}`);
        }
      }
      await page.locator("#fill-text").fill("the [MASK] is ");
      await page.locator("#fill-text").press("End");
      await page.locator("#fill-insert").click();
      await page.locator("#fill-text").press("Enter");
      await page.getByText("Blank 2").first().waitFor();
      assert.equal(await page.locator("#fill-words .bar-name").count(), 10);
      await page.locator("#fill-text").fill("nothing is missing");
      await page.locator("#fill").click();
      await page.locator("#fill-words .failure").getByText("bad-row").waitFor();
      await studio.end();
    });
  }

  test("switches between what was trained and a folder that was opened", async () => {
    const text = "The parcel was late!";
    await loadFiles(page, WITH_HEAD);
    await go(page, "use");
    const alone = await classified(page, text);
    assert.equal(await page.locator("#adapter-choice").isVisible(), false, "nothing to choose from");
    await page.locator("#adapter-opener summary").click();
    await page.locator("#adapter-files").setInputFiles(adapterUploads("saved_lora"));
    await page.locator("#adapter-opener strong").getByText("Active now: adapter.").waitFor();
    const { logits, texts } = readJson<{ logits: number[][]; texts: string[] }>("peft/saved_lora.json");
    const row = logits[texts.indexOf(text)] as number[];
    const sum = row.reduce((all, logit) => all + Math.exp(logit), 0);
    const shares = row.map((logit) => `${((Math.exp(logit) / sum) * 100).toFixed(1)}\u00a0%`).sort();
    const opened = await classified(page, text);
    assert.deepEqual(opened.scores.map((score) => score.split(" ").at(-1)).sort(), shares);
    assert.notDeepEqual(opened, alone);
    await page.locator("#adapter-choice").getByText("The model alone").click();
    await page.locator(".verdict").waitFor({ state: "detached" });
    assert.deepEqual(await classified(page, text), alone);

    await takeSample(page);
    await go(page, "train");
    await page.locator("#method-lora").check();
    await train(page, 1);
    await go(page, "use");
    const choice = page.locator("#adapter-choice label");
    assert.match(
      await choice.first().innerText(),
      /Trained here[\s\S]*computers · loans · membership · rooms/,
    );
    assert.match(
      await choice.last().innerText(),
      /adapter LORA[\s\S]*trained on sequence_classification_f32/,
    );
    assert.equal(await choice.count(), 2, "the head below was made for the run alone");
    const trained = await classified(page, text);
    assert.equal(trained.scores.length, 4);
    await choice.last().click();
    await page.locator(".verdict").waitFor({ state: "detached" });
    assert.deepEqual((await classified(page, text)).scores, opened.scores);
    await choice.first().click();
    await page.locator(".verdict").waitFor({ state: "detached" });
    assert.deepEqual(await classified(page, text), trained);

    await go(page, "train");
    await page.locator("#method-full").check();
    await train(page, 1);
    await go(page, "use");
    assert.equal(await page.locator("#adapter-choice").isVisible(), false, "they stood on other weights");
    await studio.end();
  });

  test("opens a folder on a model without labels", async () => {
    await go(page, "load");
    await page.locator("#model-files").setInputFiles(adapterUploads("saved_lora"));
    await page.locator(".failure").getByText("This is an adapter, not a model").waitFor();
    await loadDefault(page);
    await page.locator("#model-files").setInputFiles(adapterUploads("saved_lora").slice(0, 1));
    await page.locator("#adapter-opener .failure").getByText("Missing: adapter_model.safetensors").waitFor();
    await go(page, "use");
    await page.getByText("no trained labels yet").waitFor();
    await page.locator("#adapter-files").setInputFiles(adapterUploads("saved_lora"));
    await page.locator("#use-text").waitFor();
    assert.equal((await classified(page, "late")).scores.length, 3);
    await go(page, "keep");
    assert.equal(await page.locator("#keep-zip").count(), 1);
    assert.equal(await page.locator("#keep-adapter").count(), 1);
    await studio.end();
  });

  test("opened virtual tokens are kept alone, and what does not fit is told", async () => {
    await loadDefault(page);
    await page.locator("#model-files").setInputFiles(adapterUploads("saved_prefix"));
    // The tiny model has 64 positions, and texts have them all.
    await page.locator("#adapter-opener .failure").getByText("bad-option").waitFor();
    await takeSample(page);
    await go(page, "train");
    await page.locator("#method-lora").check();
    await page.locator("#recipe-maxLength").fill("32");
    await train(page, 1);
    await go(page, "keep");
    assert.equal(await page.locator("#keep-zip").count(), 1);
    await go(page, "use");
    await page.locator("#adapter-opener summary").click();
    await page.locator("#adapter-files").setInputFiles(adapterUploads("saved_prefix"));
    await page.locator("#adapter-choice").waitFor();
    await go(page, "keep");
    assert.equal(await page.locator("#keep-zip").count(), 0);
    assert.equal(await page.locator("#keep-adapter").count(), 1);
    await studio.end();
  });
});

describe("the studio's words for everyone", () => {
  const stage = openStage();

  for (const language of ["en", "zh"] as const) {
    test(`axe and widths (${language})`, async () => {
      const thoroughly = language === "en";
      const { page, end } = await stage.visit({ locale: language });
      await loadFiles(page, WITH_HEAD);
      await takeSample(page, language);
      await pretrain(page, 2);
      await page.locator("#pretrain-from").waitFor();
      await inspect(page, "train, after pretraining", thoroughly);
      await go(page, "use");
      await page.locator("#adapter-opener summary").click();
      await page.locator("#adapter-files").setInputFiles(adapterUploads("saved_lora"));
      await page.locator("#adapter-choice").waitFor();
      await filled(page, "the [MASK] is [MASK]");
      await inspect(page, "use, with adapters and a blank", thoroughly);
      await end();
    });
  }
});
