// Text pairs and multi-label rows in the studio, from the file to the saved model: offered where a file looks
// like them, hidden elsewhere; trained, evaluated, used and saved.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { beforeEach, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { inspect } from "../../support/axe.ts";
import {
  go,
  loadDefault,
  openStage,
  takeSample,
  train,
  unzip,
  upload,
  type Visit,
} from "../../support/studio.ts";

/** The second text alone tells the label. */
const ANSWERS = { yes: ["the order is late", "my parcel is late"], no: ["great service", "I love it"] };
const PAIRS = `question,answer,label\n${Array.from({ length: 60 }, (_, row) => {
  const label = row % 2 ? "yes" : "no";
  return `is it bad ${row % 5},${ANSWERS[label][row % 4 > 1 ? 1 : 0]} ${row},${label}`;
}).join("\n")}\n`;

const SUBJECTS = { delivery: "my parcel is late", billing: "refund my money", praise: "great service" };
type Subject = keyof typeof SUBJECTS;
/** Each text has some of the subjects; a few have none. */
const SEVERAL = `text,label\n${Array.from({ length: 96 }, (_, row) => {
  const labels = (Object.keys(SUBJECTS) as Subject[]).filter((_, at) => (row >> at) & 1);
  return `"${labels.map((label) => SUBJECTS[label]).join(", ") || "please"} ${row}",${labels.join("; ")}`;
}).join("\n")}\n`;

/** Label cells, and what they most likely have between several labels. */
const CELLS: [name: string, cells: string[], offered: string | false][] = [
  ["one name a cell", ["x", "y", "x", "y"], false],
  ["names that come together in several ways", ["x;y", "x", "y", "x; y"], "x;y"],
  ["full-width separators", ["快递；账单", "快递", "账单"], "快递；账单"],
  ["bars", ["a | b", "b | c", "c"], "a | b"],
  ["a separator within a name", ["food; drinks", "tools", "food; drinks", "tools"], false],
  ["a separator in few cells", [..."xyxyxyxyxyxy", "x;y"], false],
  ["commas, which stand in many a name", ["x,y", "x", "y"], false],
];
const csvOf = (cells: readonly string[]): string =>
  `text,label\n${cells.map((cell, row) => `text ${row},"${cell}"`).join("\n")}\n`;

describe("the studio's kinds of rows", () => {
  const stage = openStage();
  let studio: Visit;
  let page: Page;
  beforeEach(async () => {
    studio = await stage.visit();
    page = studio.page;
  });

  const bring = async (name: string, content: string): Promise<void> => {
    await go(page, "data");
    await page.locator("#data-files").setInputFiles(upload(name, content));
    await page.locator("#row-kinds").waitFor();
  };
  /** In both languages; the page is built anew in between, of the same state. */
  const look = async (place: string): Promise<void> => {
    await inspect(page, place, true);
    await page.locator("#language").selectOption("zh");
    await inspect(page, `${place}, in Chinese`, false);
    await page.locator("#language").selectOption("en");
  };
  const isOpen = (): Promise<boolean> =>
    page.locator("#row-kinds").evaluate((details) => (details as HTMLDetailsElement).open);
  const labelNames = (): Promise<string[]> => page.locator(".bars th[scope=row]").allInnerTexts();
  const percents = async (selector: string): Promise<number[]> =>
    (await page.locator(selector).allInnerTexts()).map((text) => Number.parseFloat(text) / 100);
  const classify = async (text: string, textPair?: string): Promise<string> => {
    await page.locator("#use-text").fill(text);
    if (textPair !== undefined) await page.locator("#use-text-pair").fill(textPair);
    // The last answer stands there until the next one comes.
    await page.locator(".verdict").evaluateAll((all) => {
      for (const each of all) each.id = "last-answer";
    });
    await page.locator("#classify").click();
    await page.locator(".verdict:not(#last-answer)").waitFor();
    return page.locator(".verdict strong").innerText();
  };
  /** The lines of the CSV that the use step makes of a file. */
  const classified = async (content: string): Promise<string[][]> => {
    await page.locator("#use-file").setInputFiles(upload("rows.csv", content));
    await page.locator("#use-file-run").click();
    const download = page.waitForEvent("download");
    await page.locator("#use-file-save").click();
    const text = await readFile(await (await download).path(), "utf8");
    return (
      text
        .replace("\ufeff", "")
        .split("\r\n")
        // Every cell is quoted.
        .map((line) => line.slice(1, -1).split('","'))
    );
  };
  const saved = async (): Promise<Map<string, Buffer>> => {
    await go(page, "keep");
    const download = page.waitForEvent("download");
    await page.locator("#keep-zip").click();
    return unzip(await readFile(await (await download).path()));
  };
  const takeBack = async (files: Map<string, Buffer>): Promise<void> => {
    await go(page, "load");
    const uploads = [...files].map(([name, bytes]) => upload(name.replace("my-classifier/", ""), bytes));
    await page.locator("#model-files").setInputFiles(uploads);
    await page.getByRole("link", { name: "Use it as it is" }).click();
  };

  for (const [name, cells, offered] of CELLS) {
    test(`${name}: ${offered ? "offered as several labels" : "left alone"}`, async () => {
      await bring("a.csv", csvOf(cells));
      const line = page.locator("#row-kinds .notice-line");
      assert.equal(await isOpen(), offered !== false);
      assert.equal(await line.count(), offered ? 1 : 0);
      if (offered) assert.ok((await line.innerText()).startsWith(`“${offered}” looks like 2 labels`));
      // A choice, not a decision.
      assert.equal(await page.locator("#label-separator").inputValue(), "");
      await studio.end();
    });
  }

  test("one text and one label a row: a folded line, and nothing of it elsewhere", async () => {
    await loadDefault(page);
    await takeSample(page);
    assert.equal(await isOpen(), false);
    await train(page, 1);
    assert.equal(await page.locator("#method-centroid").count(), 1);
    await go(page, "judge");
    await page.locator("#right").waitFor();
    assert.equal(await page.locator("#threshold").count(), 0);
    await go(page, "use");
    assert.equal(await page.locator("#use-text-pair").isVisible(), false);
    assert.equal(await page.locator("#use-pairs").count(), 0);
    await classify("The printer");
    assert.equal(await page.locator(".bar-mark").count(), 0);
    await studio.end();
  });

  test("several labels: chosen, unchosen, and forgotten with another column or file", async () => {
    await bring("a.csv", SEVERAL);
    await page.locator(".split").waitFor();
    assert.equal((await labelNames()).length, 7, "one label for each combination");
    await page.locator("#label-separator").focus();
    await page.locator("#label-separator").selectOption(";");
    assert.deepEqual(await labelNames(), ["billing", "delivery", "praise"]);
    assert.deepEqual(await page.locator(".bar-value").allInnerTexts(), ["48", "48", "48"]);
    assert.equal(await page.locator("#row-kinds .notice-line").count(), 0, "said once");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "label-separator");
    await page.locator(".notice.note").filter({ hasText: "12 rows have no label" }).waitFor();
    await page.locator("#label-separator").selectOption("");
    assert.equal((await labelNames()).length, 7);
    await page.locator("#label-separator").selectOption(";");
    await page.locator("#label-column").selectOption("text");
    assert.equal(await page.locator("#label-separator").inputValue(), "", "it was said of another column");
    await page.locator("#label-column").selectOption("label");
    await page.locator("#label-separator").selectOption(";");
    page.once("dialog", (dialog) => void dialog.accept());
    await page.locator("#sample-en").click();
    await page.locator(".bars").getByText("computers").waitFor();
    assert.equal(await page.locator("#label-separator").inputValue(), "");
    await studio.end();
  });

  test("several labels as lists in JSONL", async () => {
    const lists = [["x", "y"], ["x"], [], ["y"], ["x", "y"], ["y", "x"]];
    const lines = lists.map((label, row) => JSON.stringify({ text: `text ${row}`, label }));
    await bring("a.jsonl", lines.join("\n"));
    assert.equal(await isOpen(), true);
    await page.locator("#label-separator").selectOption("|");
    assert.deepEqual(await labelNames(), ["x", "y"]);
    await studio.end();
  });

  test("rows that all have the same labels, and rows without a second text", async () => {
    await bring("a.csv", csvOf(["x;y", "y;x", "x;y"]));
    await page.locator("#row-kinds summary").click();
    await page.locator("#label-separator").selectOption(";");
    await page.locator(".notice.error").filter({ hasText: "the same labels" }).waitFor();
    await go(page, "load");
    await bring("b.csv", "text,label\na,x\nb,y\n");
    const noLabels = page.locator(".notice.error");
    assert.ok((await noLabels.count()) > 0, "b.csv is a second file, beside a.csv");
    await page.locator("#remove-1").click();
    await page.locator("#remove-0").click();
    await bring("c.csv", `question,answer,label\n${"a,,x\nb,c,y\n".repeat(10)}`);
    await page.locator("#row-kinds summary").click();
    await page.locator("#pair-column").selectOption("answer");
    await page.locator(".notice.note").filter({ hasText: "10 rows have no second text" }).waitFor();
    await page.locator("#text-column").selectOption("answer");
    assert.equal(await page.locator("#pair-column").inputValue(), "", "no column is both texts");
    await studio.end();
  });

  test("pairs, from the file to the saved model", async () => {
    await loadDefault(page);
    await bring("pairs.csv", PAIRS);
    await page.locator("#row-kinds summary").click();
    const choices = await page.locator("#pair-column option").allInnerTexts();
    assert.deepEqual(choices, ["none", "answer"]);
    await page.locator("#pair-column").selectOption("answer");
    await page.locator(".preview .is-text").first().waitFor();
    assert.equal(await page.locator(".preview thead .is-text").count(), 2);
    await page.getByText("Looking through the data").waitFor({ state: "detached" });
    assert.equal(await page.locator(".notice").count(), 0, "the questions repeat, the pairs do not");
    await look("data, pairs");
    await go(page, "train");
    await page.locator("#recipe-learningRate").fill("0.01");
    await train(page, 8);
    await go(page, "judge");
    await page.locator("#right").waitFor();
    await look("judge, pairs");

    await go(page, "use");
    const [yes] = ANSWERS.yes;
    const [no] = ANSWERS.no;
    assert.equal(await classify("is it bad 1", yes), "yes");
    assert.equal(await classify("is it bad 1", no), "no");
    const lines = await classified(`question,answer\nis it bad 1,${yes}\nis it bad 1,${no}\n`);
    assert.equal(await page.locator("#use-pair-column").inputValue(), "answer");
    assert.deepEqual(
      lines.map((line) => line[2]),
      ["predicted_label", "yes", "no"],
    );
    await look("use, pairs");
    const files = await saved();
    assert.match(
      await page.locator("pre", { hasText: "import torch" }).innerText(),
      /tokenizer\(texts, seconds,/,
    );

    // Loaded again, it does not say that it reads two texts.
    await takeBack(files);
    assert.equal(await page.locator("#use-text-pair").isVisible(), false);
    await page.locator("#use-pairs").check();
    assert.equal(await classify("is it bad 1", yes), "yes");
    assert.equal(await classify("is it bad 1", no), "no");
    await studio.end();
  });

  test("several labels, from the file to the saved model", async () => {
    await loadDefault(page);
    await takeSample(page);
    await go(page, "train");
    await page.locator("#method-centroid").check();
    await bring("several.csv", SEVERAL);
    await look("data, several labels offered");
    await page.locator("#label-separator").selectOption(";");
    await go(page, "train");
    assert.equal(await page.locator("#method-full").isChecked(), true);
    for (const method of ["centroid", "contrastive"])
      assert.equal(await page.locator(`#method-${method}`).count(), 0, method);
    await page.locator("#train-foretell").click();
    await page
      .locator("#train-forecast")
      .getByText(/steps: about/)
      .waitFor();
    await page.locator("#recipe-learningRate").fill("0.01");
    await train(page, 10);
    assert.equal(await page.locator(".plot canvas:visible").count(), 2);
    assert.match((await page.locator(".curves thead").innerText()).toLowerCase(), /micro f1/);
    await look("train, several labels");

    await go(page, "judge");
    await page.getByText("Looking…").waitFor({ state: "detached" });
    await page.locator("#all-scores > summary").click();
    assert.equal(await page.locator(".confusion").count(), 0, "no label is taken for another");
    assert.equal(await page.locator(".figure").count(), 4);
    assert.equal(await page.locator(".figure-range").count(), 4);
    assert.deepEqual(await page.locator(".report tbody th").allInnerTexts(), [
      "billing",
      "delivery",
      "praise",
    ]);
    const said = await page.locator("#threshold").innerText();
    assert.match(said, /^The decision threshold is [\d.]+\s%, which gave the highest micro F1/);
    const threshold = Number(said.match(/[\d.]+/)?.[0]) / 100;
    // The micro F1 again, from the columns of the table: hits of precision and recall.
    const cells = await page
      .locator(".report tbody tr")
      .evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent))),
      );
    let [hits, own, given] = [0, 0, 0];
    for (const [precision = 0, recall = 0, , support = 0] of cells) {
      const found = Math.round(recall * support);
      hits += found;
      own += support;
      given += precision > 0 ? Math.round(found / precision) : 0;
    }
    const micro = Number(await page.locator(".figure-value").first().innerText());
    assert.ok(Math.abs(micro - (2 * hits) / (own + given)) < 0.01, `${micro}, ${hits} of ${own}, ${given}`);
    assert.ok(micro > 0.8, `micro F1 ${micro}`);
    await look("judge, several labels");

    await go(page, "use");
    for (const [text, labels] of [
      ["my parcel is late, refund my money", "billing, delivery"],
      ["great service", "praise"],
      ["please", "none"],
    ] as const) {
      const verdict = (await classify(text)).split(", ").sort().join(", ");
      assert.equal(verdict, labels, text);
      const names = await page.locator(".scores .strong .bar-name").allInnerTexts();
      assert.equal(names.sort().join(", ") || "none", labels);
      const over = (await percents(".scores .bar-value")).filter((score) => score >= threshold);
      assert.equal(over.length, names.length, "as the scores say");
      assert.equal(await page.locator(".scores .bar-mark").count(), 3);
    }
    // What a person says of it becomes an example, with the labels that were ticked.
    await page.locator("#use-wrong summary").click();
    const boxes = page.locator("#use-wrong input[type=checkbox]");
    assert.deepEqual(await boxes.evaluateAll((all) => all.map((box) => (box as HTMLInputElement).checked)), [
      false,
      false,
      false,
    ]);
    for (const label of ["billing", "praise"])
      await page.locator(`#use-wrong input[value="${label}"]`).check();
    await page.locator("#use-set").click();
    assert.match(await page.locator("#use-said").innerText(), /billing, praise/);
    const lines = await classified("text\nmy parcel is late refund my money\nplease\n");
    assert.deepEqual(lines[0]?.slice(1), [
      "predicted_labels",
      "score: billing",
      "score: delivery",
      "score: praise",
    ]);
    for (const [, labels = "", ...scores] of lines.slice(1)) {
      const over = ["billing", "delivery", "praise"].filter((_, at) => Number(scores[at]) >= threshold);
      assert.deepEqual(labels.split("|").filter(Boolean).sort(), over);
    }
    await look("use, several labels");

    const files = await saved();
    const config = JSON.parse(String(files.get("my-classifier/config.json")));
    assert.equal(config.problem_type, "multi_label_classification");
    assert.match(
      await page.locator("pre", { hasText: "import torch" }).innerText(),
      /sigmoid\(\)[\s\S]*score >= 0\.\d/,
    );
    await takeBack(files);
    const again = await classify("my parcel is late, refund my money");
    assert.equal(again.split(", ").sort().join(", "), "billing, delivery");
    await studio.end();
  });

  test("several labels judged on dev, where there is no test file: with the threshold that was found", async () => {
    await loadDefault(page);
    await go(page, "data");
    const [head = "", ...rows] = SEVERAL.trim().split("\n");
    const files = [rows.slice(16), rows.slice(0, 16)].map((part) => [head, ...part].join("\n"));
    await page
      .locator("#data-files")
      .setInputFiles([upload("train.csv", files[0] as string), upload("dev.csv", files[1] as string)]);
    await page.locator("#label-separator").selectOption(";");
    await go(page, "train");
    await page.locator("#recipe-learningRate").fill("0.01");
    await train(page, 2);
    await go(page, "judge");
    await page.getByText("On 16 dev texts").waitFor();
    await page.getByText("Looking…").waitFor({ state: "detached" });
    const right = Number.parseInt(await page.locator("#right").innerText(), 10);
    assert.equal(await page.locator("#wrong > li").count(), 16 - right);
    await studio.end();
  });

  test("several labels over folds: micro F1", async () => {
    await loadDefault(page);
    await bring("several.csv", SEVERAL);
    await page.locator("#label-separator").selectOption(";");
    await go(page, "train");
    await page.locator("#recipe-epochs").fill("1");
    await page.locator("#several summary").click();
    await page.locator("#several-folds").fill("2");
    await page.locator("#several-cross").click();
    await page.locator("#several strong", { hasText: /^Micro F1 [\d.]+ ±/ }).waitFor();
    await page.getByText(/^Micro F1 on each fold: [\d.]+, [\d.]+\.$/).waitFor();
    await studio.end();
  });
});
