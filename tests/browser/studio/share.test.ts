// Sharing in step 6: the snippet, the starter folder on a static server, and the lesson in a SCORM player, to which the
// score arrives.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { type Site, send } from "../../support/serve.ts";
import {
  checkpointUploads,
  go,
  openStage,
  takeSample,
  unzip,
  type Visit,
  WITH_HEAD,
} from "../../support/studio.ts";

/** What this test asks of scorm-again's player. */
interface Player {
  isTerminated(): boolean;
  cmi: {
    core: { lesson_status: string; score: { raw: string; max: string } };
    getCurrentTotalTime(): string;
  };
}

declare global {
  interface Window {
    API: Player;
  }
}

const TITLE = 'Desks & "more" <b>';

async function saved(page: Page, button: string): Promise<Map<string, Buffer>> {
  const download = page.waitForEvent("download");
  await page.locator(button).click();
  return unzip(Buffer.concat(await (await (await download).createReadStream()).toArray()));
}

function answerWith(site: Site, folder: string, files: Map<string, Buffer>): void {
  for (const [name, bytes] of files)
    site.answer(`${folder}/${name}`, (response) => send(response, 200, extname(name), bytes));
}

describe("sharing a model", () => {
  const stage = openStage();
  let studio: Visit;
  let page: Page;

  before(async () => {
    studio = await stage.visit();
    page = studio.page;
    await page.locator("#model-files").setInputFiles(checkpointUploads(WITH_HEAD));
    await page.locator(".facts").waitFor();
    await takeSample(page);
    await go(page, "keep");
    await page.locator("#share-title").fill(TITLE);
  });

  test("sizes come before the click, and the title stays text in the snippet", async () => {
    for (const kind of ["starter", "lesson"]) {
      // The list of the library's files is being read.
      const size = page.locator(`#share-${kind}-size`).filter({ hasText: "MB" });
      assert.match(await size.innerText(), /^About \d+(\.\d)? MB/);
    }
    const snippet = await page.getByRole("group", { name: "HTML" }).innerText();
    assert.match(snippet, /<strong slot="title">Desks &amp; &quot;more&quot; &lt;b&gt;<\/strong>/);
  });

  test("the starter folder runs from a static server as it is", async () => {
    const files = await saved(page, "#share-starter");
    assert.ok(files.has("my-page/README.txt"));
    answerWith(stage.site, "starter", files);
    const starter = await stage.browser.newPage();
    await starter.goto(`${stage.site.base}starter/my-page/index.html`);
    await starter.getByRole("textbox", { name: "Text" }).fill("the parcel came late");
    await starter.getByRole("button", { name: "Classify" }).click();
    await starter.locator("bertlet-classifier table").waitFor();
    assert.equal(await starter.locator("[slot=title]").innerText(), TITLE);
    await starter.close();
  });

  test("the lesson in a player: incomplete, then a score, then completed and finished", async () => {
    await page.locator("#lesson-teach").check();
    const files = await saved(page, "#share-lesson");
    const manifest = files.get("imsmanifest.xml")?.toString() ?? "";
    for (const name of files.keys())
      if (name !== "imsmanifest.xml") assert.ok(manifest.includes(`<file href="${name}"/>`), name);
    assert.ok(manifest.includes("<title>Desks &amp; &quot;more&quot; &lt;b&gt;</title>"));
    answerWith(stage.site, "lesson", files);
    const scorm = await readFile("node_modules/scorm-again/dist/scorm12.min.js");
    stage.site.answer("scorm.js", (response) => send(response, 200, ".js", scorm));
    const html = `<!doctype html><title>player</title><link rel="icon" href="data:,"><script src="scorm.js"></script>
<script>window.API = new Scorm12API({ autocommit: false, logLevel: 5 });</script><iframe src="lesson/index.html"></iframe>`;
    stage.site.answer("player.html", (response) => send(response, 200, ".html", html));

    const player = await stage.browser.newPage();
    player.setDefaultTimeout(60_000);
    await player.goto(`${stage.site.base}player.html`);
    const core = () =>
      player.evaluate(() => JSON.parse(JSON.stringify(window.API.cmi.core)) as Player["cmi"]["core"]);
    const frame = player.frameLocator("iframe");
    await frame.getByText("42 examples").first().waitFor();
    assert.equal((await core()).lesson_status, "incomplete");
    await frame.getByRole("button", { name: "Train", exact: true }).click();
    await frame.getByText("Recorded in your learning platform.").waitFor();
    const outcome = await frame.locator("[part=outcome]").innerText();
    const [correct = 0, rows = 0] = /(\d+) of (\d+) texts/.exec(outcome)?.slice(1).map(Number) ?? [];
    const { score, lesson_status } = await core();
    assert.deepEqual(
      [lesson_status, score.raw, score.max],
      ["completed", String(Math.round((correct / rows) * 100)), "100"],
    );
    await player.evaluate(() => document.querySelector("iframe")?.remove());
    assert.equal(await player.evaluate(() => window.API.isTerminated()), true);
    assert.match(await player.evaluate(() => window.API.cmi.getCurrentTotalTime()), /^\d+:\d\d:\d\d/);

    // A platform that takes nothing at first: it is told again with the next answer, and then no more.
    const api = `{ LMSInitialize: () => "true", LMSGetValue: () => "", LMSFinish: () => "true", LMSGetLastError: () => "101",
      LMSSetValue: (name, value) => { said.push(value); return "true"; }, LMSCommit: () => String(commits++ > 0) }`;
    const refusing = `<!doctype html><title>once</title><p id="note"></p><bertlet-classifier></bertlet-classifier>
<script>let commits = 0; window.said = []; window.API = ${api};</script><script type="module" src="lesson/bertlet/scorm.js"></script>`;
    stage.site.answer("refusing.html", (response) => send(response, 200, ".html", refusing));
    await player.goto(`${stage.site.base}refusing.html`);
    const answer = () =>
      player.evaluate(() => {
        document.querySelector("bertlet-classifier")?.dispatchEvent(new Event("bertlet-result"));
        return [
          document.querySelector("#note")?.textContent,
          (window as unknown as { said: string[] }).said.join(),
        ];
      });
    assert.match(String(await answer()), /did not take the result \(error 101\).*,incomplete,completed$/);
    const recorded = "Recorded in your learning platform.,incomplete,completed,completed";
    for (let time = 0; time < 2; time++) assert.equal(String(await answer()), recorded);

    await player.goto(`${stage.site.base}lesson/index.html`);
    await player.getByText("Opened outside of a learning platform: nothing is recorded.").waitFor();
    await player.close();
    await studio.end();
  });
});
