// The four starters with the tiny model: each answers, says what it cannot, and is for everyone.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "../../support/axe.ts";
import { openStage } from "../../support/studio.ts";

describe("the starters", () => {
  const stage = openStage();

  test("each answers at one press; a feed that is no list is told; axe, narrow and dark", async () => {
    const { page, end } = await stage.visit({}, "starters.html");
    await inspect(page, "starters", true);
    for (const use of ["service", "recommend", "school"]) {
      await page.goto(`${stage.site.base}starters.html?use=${use}`);
      await page.locator("#start").click();
      if (use === "service") {
        // Another language while it starts: the second start waits for the first.
        await page.locator("#language").selectOption("zh");
        await page.locator("#start").click();
        await page.locator("#ask").waitFor();
        await page.getByText("60%", { exact: true }).waitFor();
        await page.locator("#language").selectOption("en");
        await page.locator("#start").click();
      }
      await page.locator("#ask").click();
      await page.locator("#answer > *").first().waitFor();
      assert.equal(await page.locator(".failure").count(), 0, use);
      await inspect(page, use, false);
    }
    await page.goto(`${stage.site.base}starters.html?use=news`);
    await page.locator("#start").click();
    await page.locator(".answers.bounded li").first().waitFor();
    stage.site.answer("feed.json", (response) => response.writeHead(200).end('{"not": "a list"}'));
    await page.locator("#address").fill(`${stage.site.base}feed.json`);
    await page.locator("#watch").click();
    await page.locator(".failure", { hasText: "not a JSON list" }).waitFor();
    stage.site.answer("feed.json", (response) => response.writeHead(200).end("<rss></rss>"));
    await page.locator("#watch").click();
    await page.locator(".failure", { hasText: "not a JSON list" }).waitFor();
    stage.site.answer("feed.json", (response) => response.writeHead(302, { location: "other.json" }).end());
    await page.locator("#watch").click();
    await page.locator(".failure", { hasText: "redirects to another" }).waitFor();
    assert.ok(!stage.site.requests.some((path) => path.endsWith("other.json")));
    // The page's own headlines go with the first of the person's.
    assert.equal(await page.locator(".answers.bounded li").count(), 12);
    stage.site.answer("feed.json", (response) =>
      response.writeHead(200).end('[{"title": "A new headline"}]'),
    );
    await page.locator("#watch").click();
    await page.getByText("A new headline").waitFor();
    assert.equal(await page.locator(".answers.bounded li").count(), 1);
    assert.equal(await page.locator("#address").isEditable(), false);
    await page.locator("#watch").click();
    // A long list: the newest of it, until it is stopped.
    const lines = Array.from({ length: 2100 }, (_, at) => `headline ${at}`);
    await page.evaluate(() => {
      new MutationObserver(() => document.getElementById("stop")?.click()).observe(document.body, {
        attributes: true,
        subtree: true,
      });
    });
    await page
      .locator("#file")
      .setInputFiles({ name: "h.txt", mimeType: "text/plain", buffer: Buffer.from(lines.join("\n")) });
    await page.getByText("Of 2100 headlines, only the newest 2000 are taken.").waitFor();
    await page.locator("#stop").waitFor({ state: "hidden" });
    await page.getByText("A new headline").waitFor();
    assert.ok((await page.locator(".answers.bounded li").count()) < 100);
    // An address that never answers.
    await page.clock.install();
    stage.site.answer("feed.json", () => {});
    await page.locator("#watch").click();
    await page.clock.fastForward(31_000);
    await page.locator(".failure", { hasText: "did not answer within 30 seconds" }).waitFor();
    await page.clock.resume();
    await page.locator("#address").fill("127.0.0.1:80/feed.json");
    assert.equal(await page.getByText("is asked").count(), 0);
    await inspect(page, "news", true);
    await page.locator("#language").selectOption("zh");
    assert.equal(await page.locator("h1").innerText(), "财经新闻");
    await end();
  });
});
