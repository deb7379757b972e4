// What follows from a run: what to do next, corrections that are learned, answers left open, a file's results, and records.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import {
  go,
  loadDefault,
  openStage,
  overflow,
  takeSample,
  train,
  untilKept,
  unzip,
  upload,
  type Visit,
} from "../../support/studio.ts";

describe("judging and using in the studio", () => {
  const stage = openStage();
  let studio: Visit;
  before(async () => {
    studio = await stage.visit();
    const { page } = studio;
    await loadDefault(page);
    await takeSample(page);
    await train(page, 2);
    await go(page, "judge");
    await page.locator("#right").waitFor();
    await page.getByText("Looking…").waitFor({ state: "detached" });
  });
  after(() => studio.end());

  const saved = async (id: string): Promise<{ name: string; bytes: Buffer }> => {
    const download = studio.page.waitForEvent("download");
    await studio.page.locator(`#${id}`).click();
    const file = await download;
    return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
  };

  test("a pair opens its rows; a label that is right, changed or hidden is told and keeps the focus", async () => {
    const { page } = studio;
    const [first] = await page.locator(".pairs button").allInnerTexts();
    const count = Number(first?.match(/\d+$/)?.[0]);
    await page.locator("#pair-0").click();
    assert.equal(await page.locator("#wrong > li").count(), count);
    assert.equal(await page.evaluate(() => document.activeElement?.id), "wrong");
    await page.locator("#wrong-all").click();
    await page.locator("#keep-0").focus();
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("#wrong-0 .badge").innerText(), "You said that the label is right.");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "wrong-0");
    await page.locator("#hide-1").click();
    await page.getByRole("button", { name: "Show 1 hidden row" }).click();
    assert.equal(await page.locator("#wrong-hidden").count(), 0);
  });

  test("a label of 300 letters makes neither a choice nor a badge wider than the page", async () => {
    const { page } = studio;
    await page.locator("#pair-0").click();
    const change = (): Promise<void> =>
      page.evaluate(() => {
        const long = "L".repeat(300);
        for (const each of document.querySelectorAll("#wrong-filter option, .mistakes option, .badge"))
          each.textContent = long;
        for (const each of document.querySelectorAll(".mistakes details")) each.setAttribute("open", "");
      });
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await change();
      assert.ok((await overflow(page)) <= 0, `at ${width} pixels`);
    }
    await page.locator("#wrong-all").click();
  });

  test("the interval of the headline is that of the scores", async () => {
    const { page } = studio;
    const [low, high] =
      /between (\d+) and (\d+)\s%/.exec(await page.locator(".step-judge").innerText())?.slice(1) ?? [];
    const range = (await page.locator(".figure-range").first().textContent()) ?? "";
    const shares = [...range.matchAll(/[\d.]+(?=\s%)/g)].map(([share]) => `${Math.round(Number(share))}`);
    assert.deepEqual(shares, [low, high]);
  });

  test("a corrected test row is measured again, and one more is right", async () => {
    const { page } = studio;
    const right = Number.parseInt(await page.locator("#right").innerText(), 10);
    await page.locator("#fix-1").click();
    assert.match(await page.locator("#wrong-1 .badge").innerText(), /^Now \w+\.$/);
    assert.equal(await page.locator("#learn").count(), 0, "a test row teaches nothing");
    await page.locator("#judge-again").click();
    await page.locator("#right", { hasText: `${right + 1} of ` }).waitFor();
  });

  test("answers under the limit are left open, also for one text and after a reload", async () => {
    const { page } = studio;
    await page.locator("#leave-open").fill("99");
    const result = page.locator("#leave-open-result");
    assert.match(await result.innerText(), /^(No text gets an answer|\d+ texts are left open)/);
    await go(page, "use");
    await page.locator("#use-text").fill("Where is the printer?");
    await page.locator("#classify").click();
    assert.match(await page.locator(".verdict").innerText(), /^Not sure: (\w+ \d+\s%, ){2}\w+ \d+\s%, …$/);
    await untilKept(page);
    await page.reload();
    await go(page, "load");
    await page.locator("[id^=open-]").first().click();
    await go(page, "judge");
    await page.locator("#right").waitFor();
    assert.equal(await page.locator("#leave-open").inputValue(), "99");
    await page.locator("#leave-open").fill("0");
  });

  test("a wrong answer becomes an example, and is learned; what it knew is measured", async () => {
    const { page } = studio;
    await go(page, "use");
    await page.locator("#use-text").fill("Where is the printer?");
    await page.locator("#classify").click();
    await page.locator("#use-wrong summary").click();
    const label = await page.locator("#use-label").inputValue();
    // The answer is of the text that was asked, whatever the field holds by now.
    await page.locator("#use-text").fill("Another text");
    await page.locator("#use-set").click();
    await page.getByText(`It is an example of “${label}” now.`).first().waitFor();
    await go(page, "bench");
    await page.getByText("Where is the printer?", { exact: true }).first().waitFor();
    assert.equal(await page.getByText("Another text", { exact: true }).count(), 0);
    await go(page, "use");
    await page.locator("#use-learn").click();
    await page.locator("#use-learned", { hasText: "It learned 1 example." }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "use-text");
    await go(page, "judge");
    await page
      .getByText(/^It learned 1 example\. Of the examples that it knew/)
      .first()
      .waitFor();
    assert.equal(await page.locator(".runs tbody tr").count(), 2);
    await go(page, "use");
    await page.locator("#use-text").fill("Where is the printer?");
    await page.locator("#classify").click();
    if ((await page.locator(".verdict strong").innerText()) === label)
      await page.locator("#use-right").click();
    else {
      await page.locator("#use-wrong summary").click();
      await page.locator("#use-label").selectOption(label);
      await page.locator("#use-set").click();
    }
    await page.getByText("The model knows this already.").waitFor();
    assert.equal(await page.locator("#use-learn").count(), 0);
  });

  test("a file: counts, the least sure first, a correction, and three downloads", async () => {
    const { page } = studio;
    await go(page, "use");
    const texts = Array.from({ length: 45 }, (_, row) => `text ${row}: where is room ${row}?`);
    await page.locator("#use-file").setInputFiles(upload("rows.csv", `text\n${texts.join("\n")}\n`));
    await page.locator("#use-file-run").click();
    await page.getByText("1 to 20 of 45").waitFor();
    const scores = (await page.locator(".step-use .mistakes li").allInnerTexts()).map((text) =>
      Number.parseFloat(text.match(/, ([\d.]+)\s%/)?.[1] ?? ""),
    );
    assert.deepEqual(
      scores,
      [...scores].sort((a, b) => a - b),
    );
    const counts = await page.locator(".bars .bar-value").allInnerTexts();
    assert.equal(
      counts.slice(-4).reduce((sum, text) => sum + Number(text), 0),
      45,
    );
    await page.locator("[id^=use-row-][id$=-right]").first().click();
    assert.match((await page.evaluate(() => document.activeElement?.id)) ?? "", /^use-row-\d+$/);
    await page.locator("#use-later").click();
    await page.getByText("21 to 40 of 45").waitFor();
    const csv = String((await saved("use-file-save")).bytes);
    assert.match(csv.split("\r\n")[0] ?? "", /"score: rooms","checked_label"$/);
    const lines = String((await saved("use-file-jsonl")).bytes)
      .trim()
      .split("\n");
    assert.equal(lines.length, 45);
    assert.equal(lines.filter((line) => JSON.parse(line).checked_label !== "").length, 1);
    const book = await saved("use-file-xlsx");
    assert.equal(book.name, "rows-labelled.xlsx");
    assert.deepEqual([...book.bytes.subarray(0, 2)], [0x50, 0x4b]);
    await page.setViewportSize({ width: 320, height: 700 });
    assert.ok((await overflow(page)) <= 0);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test("records are fetched with the first: a report, tables, event files and a model card", async () => {
    const { page } = studio;
    const fetched = () => stage.site.requests.filter((path) => path.endsWith("/records.js")).length;
    await go(page, "judge");
    assert.equal(fetched(), 0);
    const report = await saved("record-report");
    assert.match(report.name, /^run-2\.html$/);
    assert.match(String(report.bytes), /of \d+ right[\s\S]*<svg viewBox/);
    assert.equal(JSON.parse(String((await saved("record-json")).bytes)).runs.length, 2);
    assert.match(String((await saved("record-csv")).bytes), /"1","train","1","","","","loss"/);
    const events = unzip((await saved("record-tensorboard")).bytes);
    assert.match([...events.keys()].join(), /run-1\/events\.out\.tfevents\.\d+\.bertlet,.*run-2/);
    assert.equal(fetched(), 1);
    await page.locator("#compare-with").selectOption("1");
    await page.getByRole("columnheader", { name: "Run 1 is" }).waitFor();
    await go(page, "keep");
    const folder = unzip((await saved("keep-zip")).bytes);
    assert.match(
      String(folder.get("my-classifier/README.md")),
      /^---\nlibrary_name: transformers[\s\S]*of \d+ test texts right/,
    );
  });

  test("a label renamed since the run: a correction has the new name, and only training anew helps", async () => {
    const { page } = studio;
    await go(page, "judge");
    const old = (await page.locator("#fix-0").innerText()).replace("It is ", "");
    await go(page, "bench");
    const card = page.locator(`.card[aria-label="${old}"]`);
    await card.locator("summary").click();
    await card.getByLabel("New name").fill("renamed");
    await page.keyboard.press("Enter");
    await page.locator('.card[aria-label="renamed"]').waitFor();
    await go(page, "judge");
    await page.locator("#fix-0").click();
    assert.equal(await page.locator("#wrong-0 .badge").innerText(), "Now renamed.");
    assert.ok((await page.locator("#labels-apart").innerText()).includes(`(${old}, renamed)`));
    assert.equal(await page.locator("#judge-again, #learn").count(), 0);
    assert.equal(await page.locator("#train-on").count(), 1);
    await go(page, "bench");
    assert.equal(await card.count(), 0, "the correction brings no label back");
    // Each undone change is of one of the two.
    await page.locator("#bench-undo").click();
    await page.locator("#bench-undo").click();
    await card.waitFor();
    await go(page, "judge");
    assert.equal(await page.locator("#labels-apart").count(), 0);
  });
});
