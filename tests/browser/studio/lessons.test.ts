// The lessons: every page opens in both languages, complete and accessible; links resolve; the live parts answer.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { Classifier } from "../../../web/bertlet.d.ts";
import { WordPiece } from "../../../web/lessons/parts/wordpiece.ts";
import { inspect } from "../../support/axe.ts";
import { checkpointFile } from "../../support/checkpoints.ts";
import { root } from "../../support/serve.ts";
import { openStage, overflow } from "../../support/studio.ts";

type Tag = HTMLElement & {
  classifier: Classifier | undefined;
  ready: Promise<Classifier>;
  train(): Promise<{ learned: boolean }>;
};

const names = (await readdir(join(root, "web/lessons/texts/en"))).sort();

/** What must be the same in both languages: the parts and tags, and how many texts there are of each kind. */
function shape(page: Page): Promise<Record<string, number>> {
  const kinds = ["h2", "main p", "main li", "tr", "dt", "bertlet-classifier", "[data-part]", ".worksheet"];
  return page.evaluate(
    (kinds) => Object.fromEntries(kinds.map((kind) => [kind, document.querySelectorAll(kind).length])),
    kinds,
  );
}

/** The tag loads once it is in sight. */
async function load(page: Page): Promise<void> {
  await page.locator("bertlet-classifier").scrollIntoViewIfNeeded();
  await page.evaluate(async () => {
    await customElements.whenDefined("bertlet-classifier");
    await (document.querySelector("bertlet-classifier") as Tag).ready;
  });
}

async function train(page: Page): Promise<boolean> {
  await load(page);
  return page.evaluate(
    async () => (await (document.querySelector("bertlet-classifier") as Tag).train()).learned,
  );
}

describe("the lessons", () => {
  const stage = openStage();

  test("every page, in both languages", async () => {
    const links = new Set<string>();
    const { page, end } = await stage.visit({}, `lessons/en/${names[0]}`);
    for (const name of names) {
      await page.goto(`${stage.site.base}lessons/en/${name}`);
      await inspect(page, name, name.startsWith("3"));
      await page.setViewportSize({ width: 320, height: 700 });
      assert.ok((await overflow(page)) <= 0, `${name} scrolls sideways at 320`);
      const english = await shape(page);
      assert.equal(english[".worksheet"], name.startsWith("0") ? 0 : 1, name);
      await page.locator("#language").click();
      await page.waitForURL(`**/lessons/zh/${name}`);
      assert.equal(await page.locator("html").getAttribute("lang"), "zh-Hans");
      await inspect(page, `${name}, zh`, false);
      const chinese = await shape(page);
      for (const kind of ["h2", "bertlet-classifier", ".worksheet", "dt"])
        assert.equal(chinese[kind], english[kind], `${kind} of ${name}`);
      for (const link of await page
        .locator("a[href], link[href], bertlet-classifier, input[value*='/']")
        .all()) {
        const href = await link.evaluate((each) => {
          const address = ["href", "rows", "value"].map((at) => each.getAttribute(at)).find(Boolean) ?? "";
          return new URL(address, document.baseURI).href;
        });
        if (href.startsWith("http")) links.add(href);
      }
    }
    await end();
    for (const link of links) assert.equal((await fetch(link)).status, 200, link);
  });

  test("the front page goes on to the browser's language", async () => {
    const { page, end } = await stage.visit({ locale: "zh-CN" }, "lessons/index.html");
    await page.waitForURL("**/lessons/zh/0-teachers.html");
    await end();
  });

  test("a set of examples is chosen, trained and asked; old answers go", async () => {
    const { page, end } = await stage.visit({}, "lessons/en/3-errors.html");
    const status = page.locator(".ask + [role=status]");
    await page.locator(".ask").click();
    assert.match(await status.innerText(), /Press Train/);
    assert.equal(await train(page), true);
    await page.locator(".ask").click();
    await page.waitForFunction(() =>
      /of 10/.test(document.querySelector(".ask + [role=status]")?.textContent ?? ""),
    );
    const right = await page.locator(".says .right").count();
    assert.equal(await status.innerText(), `${right} of 10 answers are right.`);
    await page.locator("input[type=radio]").nth(1).check();
    await page.waitForFunction(() => document.querySelectorAll(".examples li").length === 24);
    await page.locator(".part [role=status]", { hasText: "happy 12, sad 12" }).waitFor();
    // What it learned from the other set counts no more.
    assert.equal(await page.locator(".says strong").count(), 0);
    await page.locator(".ask").click();
    assert.match(await status.innerText(), /Press Train/);
    // The later of two choices counts, whichever file comes first.
    const held: (() => void)[] = [];
    await page.route("**/lopsided.csv", (route) => void held.push(() => void route.continue()));
    await page.locator("input[type=radio]").nth(2).check();
    while (held.length === 0) await page.waitForTimeout(20);
    await page.locator("input[type=radio]").nth(1).check();
    await page.locator(".part [role=status]", { hasText: "happy 12, sad 12" }).waitFor();
    const came = page.waitForResponse("**/lopsided.csv");
    for (const give of held) give();
    await came;
    assert.equal(await train(page), true);
    assert.equal(await page.locator("bertlet-classifier").getAttribute("rows"), "../data/honest.csv");
    assert.equal(await status.innerText(), "");
    assert.equal(await page.locator(".says strong").count(), 0);
    await page.locator(".ask").click();
    await status.getByText("of 10 answers").waitFor();
    await end();
  });

  test("answers of a classifier that learned, or still learns, from other examples than the chosen count for nothing", async () => {
    const { page, end } = await stage.visit({}, "lessons/en/3-errors.html");
    const status = page.locator(".ask + [role=status]");
    const choose = (set: number) => page.locator("input[type=radio]").nth(set).check();
    assert.equal(await train(page), true);
    // The answers come after the choice.
    await page.evaluate(() => {
      const { classifier } = document.querySelector("bertlet-classifier") as Tag;
      const classify = classifier?.classify.bind(classifier) as (texts: string[]) => Promise<unknown>;
      Object.assign(classifier as object, {
        classify: async (texts: string[]) => {
          const answers = await classify(texts);
          document.querySelectorAll<HTMLElement>("input[type=radio]")[1]?.click();
          return answers;
        },
      });
    });
    await page.locator(".ask").click();
    await page.locator(".part [role=status]", { hasText: "happy 12, sad 12" }).waitFor();
    assert.deepEqual([await status.innerText(), await page.locator(".says strong").count()], ["", 0]);
    // A training that began before the choice ends after it.
    await page.evaluate(() => document.querySelector("bertlet-classifier")?.setAttribute("epochs", "900"));
    await choose(2);
    await page.locator(".part [role=status]", { hasText: "happy 12, sad 2" }).waitFor();
    const ended = page.evaluate(() => (document.querySelector("bertlet-classifier") as Tag).train());
    await page.waitForFunction(() =>
      document.querySelector("bertlet-classifier")?.matches(":state(training)"),
    );
    await choose(1);
    await page.locator(".part [role=status]", { hasText: "happy 12, sad 12" }).waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await ended;
    await page.locator(".ask").click();
    assert.match(await status.innerText(), /Press Train/);
    assert.equal(await train(page), true);
    await page.locator(".ask").click();
    await status.getByText("of 10 answers").waitFor();
    await end();
  });

  test("neighbours come from the classifier's own vectors; nothing is requested", async () => {
    const { page, end } = await stage.visit({}, "lessons/en/5-neighbours.html");
    const text = "Stop kicking my chair!";
    await load(page);
    const before = stage.site.requests.length;
    await page.locator("#near-text").fill(text);
    await page.locator("#near-text").press("Enter");
    await page.locator(".part tbody tr").nth(4).waitFor();
    assert.deepEqual((await page.locator(".part tbody tr").first().innerText()).split(/\s*\t\s*/), [
      text,
      "angry",
      "100",
    ]);
    assert.equal(stage.site.requests.length, before);
    await end();
  });

  test("the tokens that a pupil sees are the library's", async () => {
    const { page, end } = await stage.visit({}, "lessons/en/4-tokens.html");
    await load(page);
    const model = new WordPiece(
      JSON.parse(checkpointFile("model_f32", "tokenizer.json").toString()).model.vocab,
    );
    const texts = [
      "I love pancakes!",
      "Café, DÉJÀ vu?",
      "我很难过。",
      "a\tb\u200Bc $5.00",
      `${"x".repeat(101)} I am 😀`,
    ];
    for (const text of texts) {
      await page.locator("#tokens-text").fill(text);
      assert.equal(
        await page.locator(".tokens li").count(),
        model.tokens(text.replace("\t", " ")).length,
        text,
      );
      const counted = await page.evaluate(async (text) => {
        const classifier = await (document.querySelector("bertlet-classifier") as Tag).ready;
        const { tokens, inputIds } = await classifier.tokenize(text);
        return tokens.map((text, token) => ({ text, id: inputIds[token] })).slice(1, -1);
      }, text);
      assert.deepEqual(model.tokens(text), counted, text);
    }
    await end();
  });

  test("a count of requests begins at nothing, and stays there while it classifies", async () => {
    const { page, end } = await stage.visit({}, "lessons/zh/6-privacy.html");
    assert.equal(await train(page), true);
    await page.locator("[data-part=requests] button").click();
    assert.equal(await train(page), true);
    assert.equal(
      await page.locator("[data-part=requests] [role=status]").innerText(),
      "按下之后没有新的请求。",
    );
    await page.evaluate(() => fetch("../data/start.csv"));
    await page.locator(".requests li").waitFor();
    await end();
  });
});
