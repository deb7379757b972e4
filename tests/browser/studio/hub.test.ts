// A model on a Hub in the studio in Chromium: not one request to another host before the person agrees; what was found
// and its size before it is loaded; cancelling; refusals beside the field; all of it by keyboard, in both languages.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { inspect } from "../../support/axe.ts";
import { checkpointFile } from "../../support/checkpoints.ts";
import { type Hub, serveHub } from "../../support/hub.ts";
import { CHECKPOINT_FILES, openStage, type Visit, WITH_HEAD } from "../../support/studio.ts";

const FILES = Object.fromEntries(CHECKPOINT_FILES.map((name) => [name, checkpointFile(WITH_HEAD, name)]));

describe("the studio's models on a Hub", () => {
  const stage = openStage();
  let hub: Hub;
  let studio: Visit;
  let page: Page;
  let foreign: string[];

  before(async () => {
    hub = await serveHub({
      "owner/name": { files: FILES, license: "mit", revisions: ["v1"] },
      "owner/gated": { files: FILES, gated: true },
    });
  });
  after(() => hub.close());
  beforeEach(async () => {
    hub.requests.length = 0;
    hub.stallsAfter = Number.POSITIVE_INFINITY;
    studio = await stage.visit({}, "#load", [hub.origin, hub.cdn]);
    ({ page, foreign } = studio);
  });
  afterEach(() => studio.end());

  const useMirror = async (): Promise<void> => {
    await page.locator("#remote-more summary").click();
    await page.locator("#model-hub").fill(hub.origin);
  };
  const lookUp = async (address: string): Promise<void> => {
    await page.locator("#model-address").fill(address);
    await page.locator("#look-up").click();
  };
  const agree = () => page.locator("#remote-agree").click();
  const host = () => new URL(hub.origin).host;

  test("are asked for once, with nothing sent before; then told of; then loaded", async () => {
    await useMirror();
    await lookUp("owner/name");
    await page.getByRole("group", { name: `Contact ${host()}?` }).waitFor();
    await page.getByText("None of your texts or labels is sent").waitFor();
    await inspect(page, "load, asking", true);
    assert.deepEqual([foreign, hub.requests], [[], []], "a host was contacted before the person agreed");
    await page.locator("#remote-leave").click();
    assert.equal(await page.locator(".remote-panel").count(), 0);
    assert.deepEqual([foreign, hub.requests], [[], []]);

    await page.locator("#look-up").click();
    await agree();
    const found = page.getByRole("group", { name: "Found: owner/name" });
    await found.waitFor();
    await inspect(page, "load, found", true);
    const facts = (await found.locator("dd").allInnerTexts()).join(" | ");
    const bytes = Object.values(FILES).reduce((sum, { length }) => sum + length, 0);
    const size = `${(bytes / 1024).toFixed(1)} KB`;
    assert.equal(facts, `BertForSequenceClassification | ${size} | mit | 0123456789`);
    assert.equal(await page.locator("#remote-load").innerText(), `Load (${size})`);
    assert.ok(!hub.requests.some((path) => /cdn|tokenizer/.test(path)), `${hub.requests}`);
    await page.locator("#remote-load").click();
    await page.getByText("Loaded: owner/name", { exact: true }).waitFor();
    assert.ok(hub.requests.some((path) => path.startsWith("GET cdn")));

    // The host is not asked about again in this visit; in the next one it is.
    await lookUp("owner/name");
    await page.locator("#remote-load").waitFor();
    await page.reload();
    await useMirror();
    await lookUp("owner/name");
    await page.locator("#remote-agree").waitFor();
    assert.deepEqual(
      [...new Set(foreign.map((url) => new URL(url).origin))].sort(),
      [hub.origin, hub.cdn].sort(),
    );
  });

  test("may be remembered for this browser, and forgotten", async () => {
    await useMirror();
    await lookUp("owner/name");
    await page.locator("#remote-always").check();
    await agree();
    await page.locator("#remote-load").waitFor();
    await page.reload();
    await page.getByText(`Contacted without asking: ${host()}`).waitFor();
    await useMirror();
    await lookUp("owner/name");
    await page.locator("#remote-load").waitFor();
    await page.locator("#remote-forget").click();
    assert.equal(await page.locator("#remote-forget").count(), 0);
    await page.locator("#look-up").click();
    await page.locator("#remote-agree").waitFor();
  });

  test("go the whole way by keyboard; a held Enter answers no question; Escape leaves", async () => {
    await useMirror();
    await page.locator("#model-address").focus();
    await page.keyboard.type("owner/name");
    for (let times = 0; times < 3; times++) await page.keyboard.press("Enter");
    await page.locator("#remote-agree").waitFor();
    assert.deepEqual(hub.requests, []);
    const focused = () =>
      page.evaluate(() => document.activeElement?.id || document.activeElement?.className);
    assert.equal(await focused(), "remote-panel");
    await page.keyboard.press("Escape");
    assert.equal(await focused(), "model-address");
    await page.keyboard.press("Enter");
    await page.locator("#remote-agree").waitFor();
    for (const id of ["remote-always", "remote-agree"]) {
      await page.keyboard.press("Tab");
      assert.equal(await focused(), id);
    }
    await page.keyboard.press("Enter");
    await page.locator("#remote-load").waitFor();
    assert.equal(await focused(), "remote-panel");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("Loaded: owner/name", { exact: true }).waitFor();
  });

  test("load can be cancelled while its large file comes, and begun again", async () => {
    hub.stallsAfter = 1000;
    await useMirror();
    await lookUp(`${hub.origin}/owner/name/tree/v1`);
    await agree();
    const large = page.waitForRequest((request) => request.url().startsWith(hub.cdn));
    await page.locator("#remote-load").click();
    await large;
    await page.locator(".loading button").click();
    await page.locator(".loading").waitFor({ state: "detached" });
    hub.stallsAfter = Number.POSITIVE_INFINITY;
    await page.locator("#look-up").click();
    await page.locator("#remote-load").click();
    await page.getByText(/^Loaded: http.*owner\/name\/tree\/v1$/).waitFor();
    assert.ok(hub.requests.includes("GET /api/models/owner/name/revision/v1?blobs=true"));
  });

  const REFUSED: [address: string, revision: string, code: string][] = [
    ["owner/nowhere", "", "unknown-model"],
    ["owner/gated", "", "gated-model"],
    ["owner/name", "v9", "unknown-revision"],
    ["owner/name", "a b", "bad-option"],
  ];
  test("that cannot be had are refused beside the field, each by its cause", async () => {
    await useMirror();
    for (const [address, revision, code] of REFUSED) {
      await page.locator("#model-revision").fill(revision);
      await lookUp(address);
      if (address === "owner/nowhere") await agree();
      await page.locator(".remote-part .failure code").getByText(code, { exact: true }).waitFor();
    }
    for (const address of [
      "",
      "owner/na me",
      "javascript:alert(1)",
      "//evil.example/x",
      "ftp://example.org/x",
    ]) {
      await lookUp(address);
      await page.locator(".remote-part .failure code").getByText("bad-address", { exact: true }).waitFor();
    }
    assert.ok(
      foreign.every((url) => url.startsWith(hub.origin)),
      `${foreign}`,
    );
  });

  test("are asked for in the page's language, on a phone too", async () => {
    await page.setViewportSize({ width: 320, height: 700 });
    await page.locator("#language").selectOption("zh");
    await lookUp("sentence-transformers/all-MiniLM-L6-v2");
    await page.getByRole("group", { name: "要联系 huggingface.co 吗？" }).waitFor();
    await inspect(page, "load, asking, zh", true);
    await page.locator("#language").selectOption("en");
    await page.getByRole("group", { name: "Contact huggingface.co?" }).waitFor();
    assert.equal(await page.locator("#model-address").inputValue(), "sentence-transformers/all-MiniLM-L6-v2");
    assert.deepEqual(foreign, []);
  });
});
