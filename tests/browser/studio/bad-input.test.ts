// Broken, odd or hostile files, checkpoints and options in the studio, each held to its error code or notice;
// the page works on afterwards.

import assert from "node:assert/strict";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, beforeEach, describe, test } from "node:test";
import { utils, write } from "@e965/xlsx";
import type { Dialog, Page } from "playwright-core";
import { checkpointFile, configWith } from "../../support/checkpoints.ts";
import {
  checkpointUploads,
  go,
  loadDefault,
  openStage,
  takeSample,
  train,
  type Upload,
  upload,
  type Visit,
  WITH_HEAD,
  watchTurns,
} from "../../support/studio.ts";

const GOOD =
  "text,label\na one,x\na two,x\na three,x\na four,x\na five,x\na six,x\nb one,y\nb two,y\nb three,y\nb four,y\nb five,y\nb six,y\n";

/** "你好" and "再见" in GB18030. */
const GB18030 = Buffer.concat([
  Buffer.from("text,label\n"),
  Buffer.from([0xc4, 0xe3, 0xba, 0xc3]),
  Buffer.from(",x\n"),
  Buffer.from([0xd4, 0xd9, 0xbc, 0xfb]),
  Buffer.from(",y\n"),
]);

/** Its reader would read on. */
function damagedWorkbook(): Buffer {
  const rows = ["one", "two", "three"].map((text) => [text, "x"]);
  const book = utils.book_new(utils.aoa_to_sheet([["text", "label"], ...rows]), "a");
  const stored = write(book, { type: "buffer", bookType: "xlsx", compression: false }) as Buffer;
  return Buffer.from(stored.toString("latin1").replace(">two<", ">Two<"), "latin1");
}

const REFUSED: [name: string, files: Upload[], code: string][] = [
  ["an empty file", [upload("empty.csv", "")], "empty-file"],
  [
    "a zip that is no spreadsheet",
    [upload("sheet.csv", Buffer.from("PK\x03\x04\x14\0\0\0rest", "latin1"))],
    "bad-spreadsheet",
  ],
  ["a workbook with a changed letter", [upload("sheet.xlsx", damagedWorkbook())], "bad-spreadsheet"],
  [
    "bytes that are no text",
    [upload("image.csv", Buffer.from([0x89, 0x50, 0, 0, 1, 2, 0, 255]))],
    "not-text",
  ],
  ["JSONL that is none", [upload("x.jsonl", "not json\n[1,2]\n")], "bad-jsonl"],
  ["four files", ["a", "b", "c", "d"].map((name) => upload(`${name}.csv`, GOOD)), "too-many-files"],
];

const NOTED: [name: string, files: Upload[], level: string, text: RegExp][] = [
  ["one label", [upload("a.csv", "text,label\na,x\nb,x\n")], "error", /have one label \(x\)/],
  ["rows without text", [upload("a.csv", `${GOOD},x\n`)], "warning", /1 row without text/],
  ["rows without label", [upload("a.csv", `${GOOD}hello,\n`)], "warning", /1 row without a label/],
  [
    "an unquoted comma",
    [upload("a.csv", `${GOOD}hello, you,x\n`)],
    "warning",
    /more cells than the 2 columns/,
  ],
  [
    "a broken JSONL line",
    [upload("a.jsonl", `{"text":"a","label":"x"}\n{"text":\n{"text":"b","label":"y"}\n`)],
    "warning",
    /Line 2: /,
  ],
  [
    "unknown labels in dev",
    [upload("train.csv", GOOD), upload("dev.csv", "text,label\nq,z\nr,x\n")],
    "warning",
    /Dev: 1 row left out/,
  ],
  [
    "a column that dev lacks",
    [upload("train.csv", GOOD), upload("dev.csv", "words,label\nq,x\n")],
    "error",
    /dev\.csv has no column “text”/,
  ],
  ["an encoding that is not UTF-8", [upload("a.csv", GB18030)], "note", /read as gb18030/],
];

describe("the studio with bad input", () => {
  const stage = openStage();
  let studio: Visit;
  let page: Page;
  before(async () => {
    studio = await stage.visit();
    page = studio.page;
  });

  const code = () => page.locator(".failure code").innerText();

  describe("data", () => {
    beforeEach(async () => {
      await page.goto(stage.site.base);
      await page.reload();
      await go(page, "data");
    });
    /** The page still takes a good file, in the place of one that it has opened after a question. */
    const worksOn = async (): Promise<void> => {
      const agree = (dialog: Dialog) => void dialog.accept();
      page.on("dialog", agree);
      await page.locator("#sample-en").click();
      await page.locator(".of-files th").getByText("sample-en.csv").waitFor();
      await page.locator(".split").waitFor();
      page.off("dialog", agree);
      assert.equal(await page.locator(".failure").count(), 0);
    };

    for (const [name, files, expected] of REFUSED) {
      test(`${name}: ${expected}`, async () => {
        await page.locator("#data-files").setInputFiles(files);
        await page.locator(".failure").waitFor();
        assert.equal(await code(), expected);
        await worksOn();
      });
    }

    for (const [name, files, level, text] of NOTED) {
      test(`${name}: ${level}`, async () => {
        await page.locator("#data-files").setInputFiles(files);
        const notice = page.locator(`.notice.${level}`).filter({ hasText: text });
        await notice.waitFor();
        assert.equal(await page.locator(".split").count(), level === "error" ? 0 : 1);
        await worksOn();
      });
    }

    test("over 50 MB: file-too-large", async () => {
      const folder = await mkdtemp(join(tmpdir(), "bertlet-"));
      try {
        const path = join(folder, "huge.csv");
        await writeFile(path, GOOD);
        await truncate(path, 50 * 1024 * 1024 + 1);
        await page.locator("#data-files").setInputFiles(path);
        await page.locator(".failure").waitFor();
        assert.equal(await code(), "file-too-large");
        await worksOn();
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    test("a file of several slices comes through whole, and the page stays awake", async () => {
      const rows = Array.from({ length: 60_000 }, (_, index) => `"第${index}行，有逗号",标签${index % 3}`);
      const assertAwake = await watchTurns(page);
      await page.locator("#data-files").setInputFiles(upload("big.csv", `text,label\n${rows.join("\n")}\n`));
      await page.locator(".split").waitFor();
      assert.equal(await page.locator(".of-files td.number").innerText(), "60000");
      assert.deepEqual(await page.locator(".bars th[scope=row]").allInnerTexts(), [
        "标签0",
        "标签1",
        "标签2",
      ]);
      assert.deepEqual(await page.locator(".bar-value").allInnerTexts(), ["20000", "20000", "20000"]);
      await assertAwake();
    });

    test("two and three files are used as their names say", async () => {
      await page
        .locator("#data-files")
        .setInputFiles([
          upload("my-test.csv", GOOD),
          upload("train.tsv", GOOD.replaceAll(",", "\t")),
          upload("valid.csv", GOOD),
        ]);
      await page.locator(".split").waitFor();
      const roles = await page
        .locator("td select")
        .evaluateAll((all) => all.map((each) => (each as HTMLSelectElement).value));
      assert.deepEqual(roles, ["test", "train", "dev"]);
    });

    test("markup in names, cells and labels stays text", async () => {
      const trap = "<img src=x onerror=window.trapped=1>";
      const csv = `${trap},label\n${Array.from({ length: 12 }, (_, i) => `${trap} ${i},${trap}${i % 2}`).join("\n")}\n`;
      await page.locator("#data-files").setInputFiles(upload(`${trap.replace("/", "")}.csv`, csv));
      await page.locator(".split").waitFor();
      assert.equal(await page.locator("main img").count(), 0);
      assert.ok((await page.locator(".bar-name").first().innerText()).startsWith(trap));
      assert.equal(await page.evaluate(() => "trapped" in window), false);
    });
  });

  describe("models", () => {
    beforeEach(async () => {
      await page.goto(`${stage.site.base}#load`);
      await page.evaluate(() => localStorage.clear());
      await page.reload();
      await page.locator("#model-files").waitFor({ state: "attached" });
    });

    const broken: [name: string, files: () => Upload[], expected: string][] = [
      ["a file missing", () => checkpointUploads(WITH_HEAD).slice(0, 2), "missing-file"],
      [
        "a pickle",
        () => [...checkpointUploads(WITH_HEAD).slice(0, 2), upload("pytorch_model.bin", "x")],
        "missing-file",
      ],
      [
        "weights cut short",
        () => [
          ...checkpointUploads(WITH_HEAD).slice(0, 2),
          upload("model.safetensors", checkpointFile(WITH_HEAD, "model.safetensors").subarray(0, 900)),
        ],
        "bad-weights",
      ],
      [
        "another architecture",
        () => [
          ...checkpointUploads(WITH_HEAD).slice(1),
          upload("config.json", configWith(WITH_HEAD, { model_type: "gpt2", architectures: ["GPT2Model"] })),
        ],
        "unsupported-architecture",
      ],
    ];
    for (const [name, files, expected] of broken) {
      test(`${name}: ${expected}`, async () => {
        await page.locator("#model-files").setInputFiles(files());
        await page.locator(".failure").waitFor();
        assert.equal(await code(), expected);
        await loadDefault(page);
        assert.equal(await page.locator(".failure").count(), 0);
      });
    }

    test("an address with nothing there: fetch-failed, in the page's language around it", async () => {
      await page.locator("#language").selectOption("zh");
      await page.locator("#model-address").fill("./nowhere/");
      await page.locator("#look-up").click();
      await page.locator(".failure").waitFor();
      assert.equal(await code(), "fetch-failed");
      assert.equal(await page.locator(".failure-title").innerText(), "有文件没能取到");
      await page.locator("#language").selectOption("en");
      assert.equal(await page.locator(".failure-title").innerText(), "A file could not be fetched");
    });

    test("an address that is none: bad-address; a bad file leaves the loaded model alone", async () => {
      await loadDefault(page);
      await page.locator("#model-address").fill("javascript:alert(1)");
      await page.locator("#look-up").click();
      assert.equal(await code(), "bad-address");
      assert.equal(await page.locator(".facts").count(), 1);
    });

    test("loading can be cancelled, and begun again", async () => {
      stage.site.answer("slow/config.json", (response) => {
        response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
      });
      await page.locator("#model-address").fill("./slow/");
      await page.locator("#look-up").click();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.locator(".loading").waitFor({ state: "detached" });
      await loadDefault(page);
    });

    test("an option out of range is named beside the button; the next run works", async () => {
      await loadDefault(page);
      await takeSample(page);
      await go(page, "train");
      await page.locator("#recipe-maxLength").fill("5000");
      await page.locator("#train-start").click();
      await page.locator(".failure").waitFor();
      assert.equal(await code(), "bad-option");
      await page.locator("#recipe-maxLength").fill("32");
      await train(page, 1);
      assert.equal(await page.locator(".failure").count(), 0);
    });
  });
});
