// Tables as they lie around, in the page: the choice of an encoding with its preview, a file of one column labelled by
// hand, labels that look alike, spreadsheets, and a million rows.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, beforeEach, describe, test } from "node:test";
import { utils, write } from "@e965/xlsx";
import type { Page } from "playwright-core";
import { legacyTables } from "../../support/legacy-tables.ts";
import { go, openStage, type Upload, upload, type Visit, watchTurns } from "../../support/studio.ts";

describe("tables in the studio", () => {
  const stage = openStage();
  let studio: Visit;
  let page: Page;
  before(async () => {
    studio = await stage.visit();
    page = studio.page;
  });
  beforeEach(async () => {
    await page.goto(stage.site.base);
    await page.reload();
    await go(page, "data");
  });

  const put = async (...files: Upload[]): Promise<void> => {
    await page.locator("#data-files").setInputFiles(files);
    await page.locator(".of-files").waitFor();
  };
  const shown = () => page.locator(".preview tbody").innerText();
  const labels = () => page.locator(".bars th[scope=row]").allInnerTexts();

  test("each code page is read right; a choice of another shows at once", async () => {
    for (const { language, encoding, text, bytes } of legacyTables([8])) {
      await put(upload("table.csv", Buffer.from(bytes)));
      assert.equal(await page.locator("#encoding-0").inputValue(), encoding, language);
      const first = text.split("\r\n")[1]?.split('"')[1] as string;
      assert.ok((await shown()).includes(first), `${language}: ${await shown()}`);
      await page.locator("#encoding-0").focus();
      await page.locator("#encoding-0").selectOption("ibm866");
      await page.waitForFunction(
        (right) => !document.querySelector<HTMLElement>(".preview tbody")?.innerText.includes(right),
        first,
      );
      await page.locator("#encoding-0").selectOption(encoding);
      await page.getByText(first).first().waitFor();
      await page.locator("#remove-0").click();
    }
  });

  test("a file of sound UTF-8 asks for no encoding", async () => {
    await put(upload("a.csv", "text,label\nGrüße,x\nMaße,y\nschön,x\n"));
    assert.equal(await page.locator("#encoding-0").count(), 0);
  });

  test("a file of one column says what is missing, and is labelled by hand by keyboard", async () => {
    await put(upload("a.csv", "It came late\nIt is fine\nIt broke at once\nAll is well\n"));
    assert.equal(await page.locator("#label-column").inputValue(), "");
    await page.locator(".notice.error").filter({ hasText: "one column" }).waitFor();
    await page.locator("#by-hand").click();
    await page.locator("#hand-0").focus();
    for (const label of ["bad", "good", "bad"]) {
      await page.keyboard.type(label);
      await page.keyboard.press("Enter");
    }
    await page.keyboard.type("good");
    await page.keyboard.press("Shift+Tab");
    await page.getByText("4 of 4 labelled").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "hand-2");
    assert.deepEqual(await labels(), ["bad", "good"]);
  });

  test("files that are picked while another is read join it", async () => {
    const rows = Array.from({ length: 30_000 }, (_, row) => `text ${row},${"xy"[row % 2]}`).join("\n");
    const input = page.locator("#data-files");
    await input.setInputFiles(upload("train.csv", `text,label\n${rows}\n`));
    await input.setInputFiles(upload("test.csv", "text,label\na,x\nb,y\n"));
    await page.locator("#remove-1").waitFor();
    assert.deepEqual(await page.locator(".of-files td.number").allInnerTexts(), ["30000", "2"]);
    await page.locator("#remove-1").click();
    await page.locator("#remove-0").click();
  });

  test("another delimiter makes columns of one", async () => {
    await put(upload("a.csv", "text:label\none:x\ntwo:y\nthree:x\n"));
    await page.locator("#delimiter-0").selectOption(":");
    await page.locator(".split").waitFor();
    assert.deepEqual(await labels(), ["x", "y"]);
  });

  test("labels that look alike are joined, and taken apart again", async () => {
    const cells = ["spam", "Spam", "ham", "ham\u200b"];
    const rows = Array.from({ length: 16 }, (_, row) => `text ${row},${cells[row % 4]}`);
    await put(upload("a.csv", `text,label\n${rows.join("\n")}\n`));
    await page.locator("#join-alike").click();
    await page.locator("#take-apart").waitFor();
    assert.equal((await labels()).length, 2);
    await page.locator("#take-apart").click();
    await page.locator("#join-alike").waitFor();
    assert.equal((await labels()).length, 4);
  });

  test("a spreadsheet is read, and its reader is fetched only then", async () => {
    const fetched = () => stage.site.requests.filter((path) => path.endsWith("/workbook.js")).length;
    await put(upload("a.csv", "text,label\na,x\nb,y\nc,x\n"));
    await page.locator("#remove-0").click();
    assert.equal(fetched(), 0);
    const book = utils.book_new();
    utils.book_append_sheet(
      book,
      utils.aoa_to_sheet([
        ["text", "label"],
        ["a", "x"],
        ["b", "y"],
        ["c", "x"],
      ]),
      "May",
    );
    utils.book_append_sheet(
      book,
      utils.aoa_to_sheet([
        ["text", "label"],
        ["d", "x"],
        ["e", "y"],
      ]),
      "June",
    );
    for (const bookType of ["xlsx", "ods"] as const) {
      await put(upload(`a.${bookType}`, write(book, { type: "buffer", bookType }) as Buffer));
      assert.equal(await page.locator(".of-files td.number").innerText(), "3");
      await page.locator("#sheet-0").selectOption("June");
      await page.locator(".of-files td.number").filter({ hasText: "2" }).waitFor();
      await page.locator("#remove-0").click();
    }
    assert.ok(fetched() > 0);
  });

  test("another sheet asks first where rows were changed by hand", async () => {
    const book = utils.book_new();
    for (const name of ["May", "June"]) {
      const rows = ["broke", "works"].flatMap((label) =>
        [0, 1].map((at) => [`${name}: it ${label} ${at}`, label]),
      );
      utils.book_append_sheet(book, utils.aoa_to_sheet([["text", "label"], ...rows]), name);
    }
    await put(upload("a.xlsx", write(book, { type: "buffer", bookType: "xlsx" })));
    const sheet = page.locator("#sheet-0");
    await sheet.selectOption("June");
    await page.getByText("June: it broke 0").first().waitFor();
    await go(page, "bench");
    await page.locator('.card[aria-label="broke"] .example select').first().selectOption("works");
    await page.locator('.card[aria-label="works"] .count').getByText("3").waitFor();
    await go(page, "data");
    const asked: string[] = [];
    page.once("dialog", (dialog) => {
      asked.push(dialog.message());
      void dialog.dismiss();
    });
    await sheet.selectOption("May");
    assert.equal(await sheet.inputValue(), "June", "the choice before stands there again");
    assert.match(await shown(), /June: it broke/);
    page.once("dialog", (dialog) => {
      asked.push(dialog.message());
      void dialog.accept();
    });
    await sheet.selectOption("May");
    await page.getByText("May: it broke 0").first().waitFor();
    assert.equal(asked.length, 2);
    assert.deepEqual(await labels(), ["broke", "works"]);
  });

  test("a million rows come through, and the page stays awake", async () => {
    const assertAwake = await watchTurns(page);
    const rows = Array.from({ length: 1_000_000 }, (_, row) => `row ${row},${"xy"[row % 2]}`);
    // From the disk: a buffer would come through the page itself.
    const folder = await mkdtemp(join(tmpdir(), "bertlet-"));
    try {
      await writeFile(join(folder, "big.csv"), `text,label\n${rows.join("\n")}\n`);
      await page.locator("#data-files").setInputFiles(join(folder, "big.csv"));
      await page.locator(".split").waitFor();
    } finally {
      await rm(folder, { recursive: true });
    }
    assert.equal(await page.locator(".of-files td.number").innerText(), "1000000");
    const sizes = await page.locator(".split-key strong").allInnerTexts();
    assert.deepEqual(
      sizes,
      ["Train 800000", "Dev 100000", "Test 100000"],
      "split in a worker as splitRows does",
    );
    await assertAwake();
  });
});
