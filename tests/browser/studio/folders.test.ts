// Folders of a model in the studio in Chromium: dropped with over 100 entries, as zips, in shards, at a signed address.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { checkpointFile } from "../../support/checkpoints.ts";
import { splitIntoShards } from "../../support/shards.ts";
import {
  adapterUploads,
  checkpointUploads,
  classified,
  go,
  loadDefault,
  openStage,
  upload,
  type Visit,
  WITH_HEAD,
} from "../../support/studio.ts";

const CHECKPOINTS = 120;
const SMALL = ["config.json", "tokenizer.json"];

/** Drops a file or folder of this machine on an element. */
async function drop(page: Page, selector: string, path: string): Promise<void> {
  const zone = page.locator(selector).first();
  await zone.scrollIntoViewIfNeeded();
  const box = await zone.boundingBox();
  assert.ok(box);
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  const [x, y] = [box.x + box.width / 2, box.y + 10];
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await session.send("Input.dispatchDragEvent", { type, x, y, data });
  await session.detach();
}

describe("the studio's folders", () => {
  const stage = openStage();
  let studio: Visit;
  let page: Page;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "bertlet-folder-"));
    for (let number = 1; number <= CHECKPOINTS; number++)
      await mkdir(join(folder, "many", `checkpoint-${String(number).padStart(4, "0")}`), { recursive: true });
    for (const name of [...SMALL, "model.safetensors"])
      await writeFile(join(folder, "many", name), checkpointFile(WITH_HEAD, name));
    const inside = join(folder, "many", "checkpoint-0001");
    for (const name of SMALL) await writeFile(join(inside, name), "{}");
    const { index, shards } = splitIntoShards(checkpointFile(WITH_HEAD, "model.safetensors"), 2);
    await mkdir(join(folder, "shards"));
    for (const name of SMALL) await writeFile(join(folder, "shards", name), checkpointFile(WITH_HEAD, name));
    await writeFile(join(folder, "shards", "model.safetensors.index.json"), index);
    for (const [name, bytes] of Object.entries(shards)) await writeFile(join(folder, "shards", name), bytes);
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    studio = await stage.visit();
    ({ page } = studio);
    await go(page, "load");
  });

  const loaded = (name: string) => page.getByText(`Loaded: ${name}`, { exact: true }).waitFor();

  test("of over 100 entries are dropped", async () => {
    await drop(page, ".drop", join(folder, "many"));
    await loaded("model.safetensors");
    await studio.end();
  });

  test("of over 100 entries are picked, without their checkpoints", async () => {
    await page.locator("#model-folder").setInputFiles(join(folder, "many"));
    await loaded("many");
    await studio.end();
  });

  test("in shards are picked and dropped", async () => {
    await page.locator("#model-folder").setInputFiles(join(folder, "shards"));
    await loaded("shards");
    await drop(page, ".drop", join(folder, "shards"));
    await loaded("model.safetensors");
    const alone = [
      ...checkpointUploads(WITH_HEAD).slice(0, 2),
      ...["1", "2"].map((number) => upload(`model-0000${number}-of-00002.safetensors`, "x")),
    ];
    await page.locator("#model-files").setInputFiles(alone);
    await page.locator(".failure").getByText("Missing: model.safetensors.index.json").waitFor();
    await studio.end();
  });

  test("are opened as the zips that the page saves: a model, dropped and picked, and an adapter", async () => {
    const text = "The parcel was late!";
    await page.locator("#model-files").setInputFiles(checkpointUploads(WITH_HEAD));
    await loaded("model.safetensors");
    await go(page, "use");
    await page.locator("#adapter-opener summary").click();
    await page.locator("#adapter-files").setInputFiles(adapterUploads("saved_lora"));
    await page.locator("#adapter-opener strong").waitFor();
    const withAdapter = await classified(page, text);
    await go(page, "keep");
    const save = async (button: string, name: string): Promise<string> => {
      const download = page.waitForEvent("download");
      await page.locator(button).click();
      const path = join(folder, name);
      await writeFile(path, await readFile(await (await download).path()));
      return path;
    };
    const model = await save("#keep-zip", "whole.zip");
    const adapter = await save("#keep-adapter", "my-adapter.zip");

    await go(page, "load");
    await drop(page, ".drop", model);
    await loaded("whole");
    await go(page, "use");
    assert.deepEqual(await classified(page, text), withAdapter, "the adapter is merged");
    await go(page, "load");
    await page.locator("#model-files").setInputFiles(checkpointUploads(WITH_HEAD));
    await loaded("model.safetensors");
    await page.locator("#model-files").setInputFiles(adapter);
    const active = page.locator("#adapter-opener strong").getByText("my-adapter");
    await active.waitFor({ state: "attached" });
    await go(page, "use");
    assert.deepEqual(await classified(page, text), withAdapter);
    await studio.end();
  });

  test("as a zip of something else are a failure that says what it holds; the page works on", async () => {
    await page.locator("#model-files").setInputFiles(upload("notes.zip", "no zip at all"));
    await page.locator(".failure").getByText("does not begin as a zip").waitFor();
    await loadDefault(page);
    await studio.end();
  });

  test("at a signed address are fetched with its query", async () => {
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.locator("#model-address").fill("./models/default?token=a%2Fb");
    await page.locator("#look-up").click();
    await loaded("./models/default");
    const files = asked.filter((url) => url.includes("/models/default"));
    assert.ok(files.length >= 3 && files.every((url) => url.endsWith("?token=a%2Fb")), `${files}`);
    await studio.end();
  });
});
