// The studio's project: kept after each change, gone on with after a reload and a day later, saved as one file and opened in
// another profile with the same scores; runs taken back; questions before anything is lost; everything wiped.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import type { Dialog, Page } from "playwright-core";
import { inspect } from "../../support/axe.ts";
import { workersGone } from "../../support/browser.ts";
import {
  classified,
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

const TEXT = "The printer took my money";
const DAY_MS = 86_400_000;

/** Answers the next questions of the page, and notes them. */
function answering(page: Page, yes: boolean): string[] {
  const asked: string[] = [];
  page.removeAllListeners("dialog");
  page.on("dialog", (dialog: Dialog) => {
    asked.push(dialog.message() || dialog.type());
    void (yes ? dialog.accept() : dialog.dismiss());
  });
  return asked;
}

async function scoresOf(page: Page): Promise<string[]> {
  await go(page, "use");
  return (await classified(page, TEXT)).scores;
}

async function savedProject(page: Page): Promise<Buffer> {
  await go(page, "keep");
  const download = page.waitForEvent("download");
  await page.locator("#project-save").click();
  return readFile(await (await download).path());
}

/** What the origin keeps in this profile. */
function keptThings(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const names = (await indexedDB.databases()).map(({ name }) => `database ${name}`);
    for (const name of await caches.keys()) names.push(`cache ${name}`);
    const root = (await navigator.storage.getDirectory()) as unknown as { keys(): AsyncIterable<string> };
    for await (const name of root.keys()) names.push(`file ${name}`);
    return [...names, ...Object.keys(localStorage), ...Object.keys(sessionStorage)];
  });
}

describe("the studio's project", () => {
  const stage = openStage();
  let saved: Buffer;
  let scores: string[];

  test("train, reload, go on, judge; close and come back tomorrow: the same scores", async () => {
    const { page, end } = await stage.visit();
    const asked = answering(page, true);
    await loadDefault(page);
    await takeSample(page);
    await train(page, 1);
    await go(page, "judge");
    await page.locator("#right").waitFor();
    await page.getByText("Looking…").waitFor({ state: "detached" });
    const figures = await page.locator(".figures, .figure").allInnerTexts();
    scores = await scoresOf(page);
    await untilKept(page);
    await page.reload();
    assert.deepEqual(asked, [], "a kept model is left without a question");

    await go(page, "load");
    const line = page.locator(".projects li");
    assert.match(await line.innerText(), /^sample-en\s+4 labels · 168 examples · \d+\s% · today/);
    await line.getByRole("button", { name: "Open" }).click();
    await page.locator("#right").waitFor();
    await page.getByText("Looking…").waitFor({ state: "detached" });
    assert.deepEqual(await page.locator(".figures, .figure").allInnerTexts(), figures);
    assert.ok((await page.locator(".step-judge table").count()) > 1);
    await go(page, "train");
    assert.ok((await page.locator(".curves tbody tr").count()) > 0, "the curves are there");
    assert.deepEqual(await scoresOf(page), scores);

    const context = page.context();
    await page.close();
    const next = await context.newPage();
    await next.clock.setFixedTime(Date.now() + DAY_MS);
    await next.goto(stage.site.base);
    assert.match(await next.locator(".projects li").innerText(), /yesterday/);
    const open = next.locator(".projects").getByRole("button", { name: "Open" });
    await open.evaluate((button: HTMLElement) => {
      button.click();
      location.hash = "use";
    });
    await next.getByText("sample-en is open.").waitFor({ state: "attached" });
    assert.equal(new URL(next.url()).hash, "#use", "who goes on to another step stays there");
    assert.deepEqual(await scoresOf(next), scores);
    saved = await savedProject(next);
    await end();
  });

  test("the saved file opens in another profile with the same scores; a bad one loses nothing", async () => {
    const { page, end } = await stage.visit();
    const open = (name: string, bytes: Buffer) =>
      page.locator("#project-file").setInputFiles(upload(name, bytes));
    await open("tickets.bertlet", saved);
    await page.locator("#right").waitFor();
    assert.deepEqual(await scoresOf(page), scores);
    await go(page, "data");
    await page.locator(".split").waitFor();

    const flipped = Buffer.from(saved);
    const at = flipped.indexOf("safetensors") + 5000;
    flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
    const bad: [string, Buffer, RegExp][] = [
      ["cut.bertlet", saved.subarray(0, saved.length / 2), /cut\.bertlet/],
      ["flipped.bertlet", flipped, /flipped\.bertlet/],
      ["text.bertlet", Buffer.from("hello"), /text\.bertlet cannot be read/],
      ["empty.bertlet", Buffer.alloc(0), /empty\.bertlet cannot be read/],
    ];
    await go(page, "load");
    for (const [name, bytes, message] of bad) {
      await open(name, bytes);
      await page.locator("#go-on .failure", { hasText: message }).waitFor();
      await page.locator("#go-on .failure", { hasText: "stays as it is" }).waitFor();
    }
    assert.equal(await page.locator(".projects li").count(), 1);
    assert.deepEqual(await scoresOf(page), scores, "what is open stays");
    await end();
  });

  test("without the examples no text is in the file, and it still opens and judges", async () => {
    const { page, end } = await stage.visit();
    await page.locator("#project-file").setInputFiles(upload("tickets.bertlet", saved));
    await page.locator("#right").waitFor();
    await go(page, "keep");
    await page.locator("#project-examples").uncheck();
    const bare = await savedProject(page);
    const files = unzip(bare);
    assert.ok([...files.keys()].every((path) => !path.startsWith("examples/")));
    const manifest = String(files.get("bertlet.json"));
    assert.ok(
      unzip(saved).size === files.size + 1 && !/printer|learned/.test(manifest),
      manifest.slice(0, 500),
    );
    await go(page, "load");
    await page.locator("#project-file").setInputFiles(upload("bare.bertlet", bare));
    await page.locator("#right").waitFor();
    assert.deepEqual(await scoresOf(page), scores);
    await end();
  });

  test("a run is taken back, also one with an adapter, and the list says what differs", async () => {
    const { page, end } = await stage.visit();
    await page.locator("#project-file").setInputFiles(upload("tickets.bertlet", saved));
    await page.locator("#right").waitFor();
    assert.equal(await page.locator("[id^=take-back-]").count(), 0, "its model is in hand");
    await loadDefault(page);
    await go(page, "judge");
    await page.locator("#take-back-1").click();
    await page.locator("#right").waitFor();
    assert.deepEqual(await scoresOf(page), scores);
    await go(page, "train");
    await page.locator("#method-lora").check();
    await page.locator("#recipe-learningRate").fill("0.01");
    await train(page, 2);
    await page.getByText("Looking…").waitFor({ state: "detached" });
    const adapted = await scoresOf(page);
    assert.notDeepEqual(adapted, scores);
    await go(page, "judge");
    const first = page.locator(".runs tbody tr").last();
    await first.waitFor();
    assert.match(await first.innerText(), /1\. The whole model\s+Differs in epochs 1, learning rate 0\.0001/);
    await page.locator("#take-back-1").click();
    await first.getByText("current").waitFor();
    assert.deepEqual(await scoresOf(page), scores);
    await go(page, "judge");
    await page.locator("#take-back-2").click();
    await page.locator(".runs tbody tr").first().getByText("current").waitFor();
    assert.deepEqual(await scoresOf(page), adapted);
    await go(page, "keep");
    await page.locator("#keep-adapter").waitFor();
    await go(page, "judge");
    await inspect(page, "judge, with runs", true);
    await end();
  });

  test("two tabs: the second one opens a copy, and neither loses what the other does", async () => {
    const { page, end } = await stage.visit();
    await page.locator("#project-file").setInputFiles(upload("tickets.bertlet", saved));
    await page.locator("#right").waitFor();
    await untilKept(page);
    const other = await page.context().newPage();
    const asked = answering(other, true);
    await other.goto(stage.site.base);
    await other.locator("[id^=forget-]").click();
    await other.locator("#go-on .failure", { hasText: "open in another tab" }).waitFor();
    assert.equal(asked.length, 1);
    await other.locator("#project-here summary").click();
    await other.locator("#project-wipe").click();
    await other.locator("#go-on .failure", { hasText: "Nothing is wiped" }).waitFor();
    await other.locator("[id^=open-]").click();
    await other.locator("#right").waitFor();
    const kept = other.locator("#project-kept");
    await kept
      .filter({ hasText: /“sample-en” is open in another tab, so this is a copy\. “sample-en 2”/ })
      .waitFor();
    for (const [tab, name] of [
      [page, "First"],
      [other, "Second"],
    ] as const) {
      await go(tab, "keep");
      await tab.locator("#project-name").fill(name);
      await tab.locator("#project-name").press("Tab");
      await untilKept(tab);
    }
    await page.close();
    await other.reload();
    await go(other, "load");
    for (const name of ["First", "Second"]) {
      await other.getByRole("button", { name: `Open ${name}` }).click();
      await other.locator("#right").waitFor();
      await other.locator("#project-kept", { hasText: `“${name}” is kept in this browser` }).waitFor();
      await go(other, "load");
    }
    await end();
  });

  test("start, then another model at once: one worker, no run, no failure", async () => {
    const { page, end } = await stage.visit();
    const asked = answering(page, true);
    await loadDefault(page);
    await takeSample(page);
    await go(page, "train");
    await page.evaluate(() => {
      document.querySelector<HTMLElement>("#train-start")?.click();
      location.hash = "load";
    });
    await page.locator("#load-default").click();
    await page.locator(".facts").waitFor();
    await workersGone(page, 1);
    assert.match(asked.join(), /training run is under way/);
    await go(page, "train");
    assert.equal(await page.locator("#train-start").innerText(), "Start training");
    assert.equal(await page.locator(".failure").count(), 0);
    await page.locator("#train-foretell").click();
    await go(page, "load");
    await page.locator("#load-default").click();
    await page.locator(".facts").waitFor();
    await workersGone(page, 1); // the forecast ends with its model
    await go(page, "train");
    assert.equal(await page.locator("#train-forecast").innerText(), "");
    await end();
  });

  test("where storage is denied: a plain word, a question before the model is lost, a file of it all", async () => {
    const { page, end } = await stage.visit();
    await page.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException("denied", "SecurityError");
      };
    });
    await page.reload();
    await page.locator("#project-here summary", { hasText: "Nothing is kept" }).waitFor();
    await loadDefault(page);
    await takeSample(page);
    await train(page, 1);
    await page.getByText("Looking…").waitFor({ state: "detached" });
    const asked = answering(page, false);
    const own = await scoresOf(page);
    await go(page, "load");
    await page.locator("#load-default").click();
    await go(page, "train");
    await page.locator("#train-start").click();
    assert.equal(asked.filter((question) => /not kept yet/.test(question)).length, 2, asked.join());
    assert.deepEqual(await scoresOf(page), own, "the model stays");
    const file = await savedProject(page);
    const other = await stage.visit();
    await other.page.locator("#project-file").setInputFiles(upload("own.bertlet", file));
    await other.page.locator("#right").waitFor();
    assert.deepEqual(await scoresOf(other.page), own);
    await other.end();
    await end();
  });

  test("storage that does not answer is told, the scores come all the same, and later changes are kept", async () => {
    const { page, end } = await stage.visit();
    await loadDefault(page);
    await takeSample(page);
    await untilKept(page);
    await page.clock.install();
    // A write that never ends, as one of a page that was left in the middle of it.
    const letGo = await page.evaluateHandle(
      () =>
        new Promise<() => void>((resolve) => {
          let holds = true;
          const request = indexedDB.open("bertlet-studio");
          request.onsuccess = () => {
            const { result } = request;
            const files = result.transaction("files", "readwrite").objectStore("files");
            const hold = (): void => {
              if (holds) files.count().onsuccess = hold;
              else result.close();
            };
            hold();
            resolve(() => {
              holds = false;
            });
          };
        }),
    );
    await train(page, 1);
    await page.getByText("Keeping your changes…").first().waitFor();
    await page.clock.fastForward(60_000);
    await page.getByText("The latest changes are not kept.").first().waitFor();
    await go(page, "judge");
    await page.locator("#right").waitFor();
    await go(page, "keep");
    await page.getByText("The browser's storage does not answer.").waitFor();
    await letGo.evaluate((letGo) => letGo());
    await go(page, "train");
    await page.locator("#recipe-epochs").fill("2");
    await page.locator("#recipe-epochs").blur();
    await page.clock.runFor(1_000);
    await page.locator("#project-kept", { hasText: "is kept in this browser" }).waitFor();
    await end();
  });

  for (const locale of ["en", "zh"])
    test(`forgotten and wiped after a question, and then nothing is kept (${locale})`, async () => {
      const studio: Visit = await stage.visit({ locale });
      const { page } = studio;
      await page.locator("#project-file").setInputFiles(upload("tickets.bertlet", saved));
      await page.locator("#right").waitFor();
      await go(page, "load");
      await page.locator("#project-here summary").click();
      await inspect(page, "load, with a project", locale === "en");
      await go(page, "keep");
      await inspect(page, "keep, with a project", locale === "en");
      await go(page, "load");
      const asked = answering(page, false);
      await page.locator(".projects button.quiet").click();
      await page.locator("#project-here summary").click();
      await page.locator("#project-wipe").click();
      assert.equal(asked.length, 2);
      assert.equal(await page.locator(".projects li").count(), 1);
      await page.evaluate(async () => {
        const root = await navigator.storage.getDirectory();
        await root.getDirectoryHandle("bertlet", { create: true });
        await caches.open("bertlet-site / 1");
      });
      answering(page, true);
      await page.locator("#project-wipe").click();
      await page.locator("#wiped").waitFor();
      assert.deepEqual(await keptThings(page), []);
      assert.equal(await page.locator(".projects li").count(), 0);
      await studio.end();
    });
});
