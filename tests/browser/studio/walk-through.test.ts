// The studio from the first step to the last, on the real library and a tiny checkpoint: load, train,
// evaluate, save.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import {
  checkpointUploads,
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

const SAMPLE_LABELS = ["computers", "loans", "membership", "rooms"];

describe("the studio", () => {
  const stage = openStage();

  describe("from a model to a folder", () => {
    let studio: Visit;
    let saved: Map<string, Buffer>;
    before(async () => {
      studio = await stage.visit();
    });
    after(() => studio.end());

    test("loads the default model and says what it is", async () => {
      const { page } = studio;
      await loadDefault(page);
      const facts = await page.locator(".facts").innerText();
      assert.match(facts, /2 layers, hidden size 32, 4 attention heads/);
      assert.match(facts, /CPU/);
      assert.match(await page.locator(".fit").innerText(), /no output layer for labels yet/);
    });

    test("takes the sample, counts its labels and splits it", async () => {
      const { page } = studio;
      await takeSample(page);
      assert.deepEqual(await page.locator(".bars th[scope=row]").allInnerTexts(), SAMPLE_LABELS);
      const parts = await page.locator(".split-key strong").allInnerTexts();
      assert.deepEqual(parts, ["Train 88", "Dev 16", "Test 64"]);
      assert.equal(await page.locator(".notice.error").count(), 0);
    });

    test("foretells what training will take, of the options as they are", async () => {
      const { page } = studio;
      await go(page, "train");
      const forecast = page.locator("#train-forecast");
      await page.locator("#train-foretell").click();
      await forecast.getByText(/55 steps: about .+ and \d+ MB of memory/).waitFor();
      await page.locator("#recipe-epochs").fill("2");
      await page.locator("#recipe-epochs").blur();
      assert.equal(await forecast.innerText(), "");
      await page.locator("#train-foretell").click();
      await forecast.getByText(/22 steps/).waitFor();
    });

    test("trains, and shows the curves in numbers too", async () => {
      const { page } = studio;
      await train(page, 2);
      assert.match(await page.locator(".progress-line").innerText(), /Finished: 22 steps/);
      assert.equal(await page.locator(".curves tbody tr").count(), 2);
      assert.equal(await page.locator(".curves .plot canvas").count(), 2);
      const summary = await page.locator(".curves .plot").first().getAttribute("aria-label");
      assert.match(summary ?? "", /From \d\.\d{3} to \d\.\d{3} over 22 steps/);
    });

    test("judges on the test rows, and the numbers agree with each other", async () => {
      const { page } = studio;
      await go(page, "judge");
      await page.locator("#confusion > summary").click();
      const cells = (await page.locator(".confusion td").allInnerTexts()).map(Number);
      assert.equal(cells.length, 16);
      assert.equal(
        cells.reduce((sum, cell) => sum + cell, 0),
        64,
      );
      const right = cells.filter((_, index) => index % 5 === 0).reduce((sum, cell) => sum + cell, 0);
      await page.getByText(`${right} of 64 right`).waitFor();
      const wrong = 64 - right;
      await page.getByText(wrong === 0 ? "all 64 were right" : `${wrong} of 64.`).waitFor();
      assert.equal(await page.locator("#wrong > li").count(), Math.min(wrong, 20));
    });

    test("shows only the wrong rows of one label", async () => {
      const { page } = studio;
      const label = await page
        .locator(".mistakes dd")
        .first()
        .evaluate((dd) => dd.firstChild?.textContent?.trim());
      assert.ok(label, "a model trained for two epochs on so little gets something wrong");
      await page.locator("#wrong-filter").selectOption(label);
      for (const text of await page.locator(".mistakes li").allInnerTexts())
        assert.match(text, new RegExp(label));
    });

    test("classifies a text, with scores that add up", async () => {
      const { page } = studio;
      await go(page, "use");
      await page.locator("#use-text").fill("The printer took my money");
      await page.locator("#classify").click();
      await page.locator(".verdict").waitFor();
      const scores = await page.locator(".scores .bar-value").allInnerTexts();
      assert.equal(scores.length, 4);
      const sum = scores.reduce((total, text) => total + Number.parseFloat(text), 0);
      assert.ok(Math.abs(sum - 100) < 0.5, `${sum}`);
    });

    test("classifies a file, and hands out a CSV without live formulas", async () => {
      const { page } = studio;
      const plain = ["plain, with a comma", "-1"];
      const formulas = ["=HYPERLINK(1)", "+1+1", "-1+A1", "@SUM(1)", "\tx", " =1", "=“全角”"];
      const cells = [...formulas, ...plain];
      const csv = `question,from\n${cells.map((cell) => `"${cell}",a`).join("\n")}\n`;
      await page.locator("#use-file").setInputFiles(upload("questions.csv", csv));
      await page.locator("#use-file-run").click();
      const download = page.waitForEvent("download");
      await page.locator("#use-file-save").click();
      const file = await download;
      assert.equal(file.suggestedFilename(), "questions-labelled.csv");
      const lines = (await readFile(await file.path(), "utf8")).split("\r\n");
      assert.equal(
        lines[0]?.startsWith(
          '\ufeff"question","from","predicted_label","predicted_score","score: computers"',
        ),
        true,
      );
      assert.equal(lines.length, cells.length + 1);
      lines.slice(1).forEach((line, index) => {
        const harmless = index < formulas.length ? `'${cells[index]}` : cells[index];
        assert.ok(line.startsWith(`"${harmless?.replaceAll('"', '""')}","a",`), line);
        assert.ok(
          SAMPLE_LABELS.some((label) => line.includes(`,"a","${label}","0.`)),
          line,
        );
      });
    });

    test("hands out the model as one zip", async () => {
      const { page } = studio;
      await go(page, "keep");
      const download = page.waitForEvent("download");
      await page.locator("#keep-zip").click();
      saved = unzip(await readFile(await (await download).path()));
      const names = [...saved.keys()].map((name) => name.replace("my-classifier/", ""));
      for (const name of ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"])
        assert.ok(names.includes(name), `${name} in ${names}`);
      const config = JSON.parse(String(saved.get("my-classifier/config.json")));
      assert.deepEqual(Object.values(config.id2label), SAMPLE_LABELS);
      const python = await page.locator("pre", { hasText: "import torch" }).innerText();
      assert.equal(python.includes("trust_remote_code=True"), names.includes("modeling_bertlet.py"));
    });

    test("hands out the files one by one, in half precision at half the size", async () => {
      const { page } = studio;
      await page.locator("#dtype-f16").check();
      await page.locator("#one-by-one summary").click();
      await page.locator("#keep-make").click();
      const download = page.waitForEvent("download");
      await page.locator('[id="file-model.safetensors"]').click();
      const half = await readFile(await (await download).path());
      const full = saved.get("my-classifier/model.safetensors")?.length ?? 0;
      assert.ok(half.length < full * 0.6, `${half.length} of ${full}`);
    });

    test("hands out an ONNX folder", async () => {
      const { page } = studio;
      await page.locator("#onnx-int8").check();
      const download = page.waitForEvent("download");
      await page.locator("#keep-onnx").click();
      const files = unzip(await readFile(await (await download).path()));
      const names = [...files.keys()].map((name) => name.replace("my-classifier-onnx/", "")).sort();
      const others = ["config.json", "onnx/model_quantized.onnx", "tokenizer.json", "tokenizer_config.json"];
      assert.deepEqual(names, others);
    });

    test("takes its own zip's files back, to use without training", async () => {
      const { page } = studio;
      await go(page, "load");
      const files = [...saved].map(([name, bytes]) => upload(name.replace("my-classifier/", ""), bytes));
      await page.locator("#model-files").setInputFiles(files);
      await page.getByText("It already sorts texts into 4 labels").waitFor();
      await page.getByRole("link", { name: "Use it as it is" }).click();
      await page.locator("#classify").click();
      await page.locator(".verdict").waitFor();
      assert.equal(await page.locator(".scores .bar-value").count(), 4);
    });
  });

  test("a checkpoint with labels can be used at once", async () => {
    const { page, end } = await stage.visit();
    await page.locator("#model-files").setInputFiles(checkpointUploads(WITH_HEAD));
    await page.getByRole("link", { name: "Use it as it is" }).click();
    await page.locator("#use-text").fill("my parcel is late");
    await page.locator("#use-text").press("Control+Enter");
    await page.locator(".verdict").waitFor();
    assert.deepEqual((await page.locator(".scores .bar-name").allInnerTexts()).sort(), [
      "billing",
      "delivery",
      "praise",
    ]);
    await end();
  });

  test("pauses, answers while paused, resumes and stops; what was learned stays", async () => {
    const { page, end } = await stage.visit();
    await loadDefault(page);
    await takeSample(page);
    await go(page, "train");
    await page.locator("#recipe-epochs").fill("400");
    await page.locator("#train-start").click();
    await page.locator(".curves tbody tr").first().waitFor();
    await page.locator("#train-pause").click();
    await page.getByText("Paused", { exact: true }).first().waitFor();

    // Once the worker has answered, it has the pause as well.
    await go(page, "use");
    await page.locator("#use-text").fill("Where is the printer?");
    await page.locator("#classify").click();
    await page.locator(".verdict").waitFor();
    const notice = page.getByText("Training is under way.");
    await notice.waitFor();
    await go(page, "keep");
    await page.locator("#keep-zip").click();
    await page.locator("#one-by-one summary").click();
    await page.getByRole("button", { name: "config.json", exact: true }).waitFor();

    await go(page, "train");
    const line = page.locator(".progress-line span").first();
    const paused = await line.innerText();
    await page.waitForTimeout(500);
    assert.equal(await line.innerText(), paused);
    await page.locator("#train-pause").click();
    await page.waitForFunction(
      (before) => document.querySelector(".progress-line span")?.textContent !== before,
      paused,
    );
    // What is looked at follows the run: it ends while step 5 is shown.
    await page.evaluate(() => {
      document.getElementById("train-stop")?.click();
      location.hash = "use";
    });
    await page.locator(".step-use").waitFor();
    await notice.waitFor({ state: "detached" });
    assert.equal(await page.locator(".verdict").count(), 0, "that answer was of weights that are gone");
    await go(page, "train");
    await page
      .getByText(/Stopped after \d+ steps/)
      .first()
      .waitFor();
    await go(page, "judge");
    await page.locator("#right").waitFor();
    await go(page, "keep");
    await page.locator("#one-by-one summary").click();
    await page.locator("#keep-make").waitFor();
    await end();
  });

  test("speaks Chinese where the browser does, switches, and remembers", async () => {
    const { page, end } = await stage.visit({ locale: "zh-CN" });
    assert.equal(await page.locator("html").getAttribute("lang"), "zh-Hans");
    assert.equal(await page.locator("h1").innerText(), "选一个模型");
    await loadDefault(page);
    await takeSample(page, "zh");
    await page.locator("#language").selectOption("en");
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    assert.equal(await page.locator("h1").innerText(), "Bring your examples");
    assert.equal(await page.locator(".split").count(), 1, "the data is still there");
    await page.reload();
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await end();
  });

  test("is dark when asked, and remembers", async () => {
    const { page, end } = await stage.visit({ colorScheme: "light" });
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.locator("#theme").selectOption("dark");
    const dark = await background();
    assert.notEqual(dark, light);
    await page.reload();
    await page.locator("h1").waitFor();
    assert.equal(await background(), dark);
    await end();
  });
});
