// The tag in a page that forbids all but scripts, workers and fetches of its own origin: attributes, events, states, a
// lesson with rows and with typed examples, forms, languages, and what a screen reader meets.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { inspect } from "../../support/axe.ts";
import { checkpointFile } from "../../support/checkpoints.ts";
import { send } from "../../support/serve.ts";
import { unzip } from "../../support/studio.ts";
import { documented, inState, ROWS, TRAINED, tagStage, told, UNTRAINED } from "../../support/tag.ts";

/** Attributes with values that cannot be honoured, and what the error says of each. */
const BAD: Record<string, [value: string, message: RegExp]> = {
  src: ["javascript:alert(1)", /src: expected an address with http, https or blob, found "javascript/],
  adapter: ["data:text/plain,a", /adapter: expected an address/],
  rows: ["ftp://example.org/rows.csv", /rows: expected an address/],
  labels: ["a|b|a", /labels: expected up to 1000 different names/],
  mode: ["learn", /mode: expected one of use, teach, both, found "learn"/],
  method: ["magic", /method: expected one of full, lora/],
  epochs: ["0", /epochs: expected a whole number from 1 to 1000, found "0"/],
  "max-minutes": ["-1", /max-minutes: expected minutes over 0/],
  device: ["gpu", /device: expected one of auto, webgpu, wasm/],
  threads: ["many", /threads: expected a whole number/],
  theme: ["pink", /theme: expected one of auto, light, dark/],
  loading: ["lazy", /loading: expected one of visible, eager, click/],
  keep: ["disk", /keep: expected one of none, download, browser, found "disk"/],
};

describe("the tag", () => {
  const stage = tagStage();

  test("an attribute that cannot be honoured is an error by its name, in the page and as an event", async () => {
    const attributes = Object.entries(BAD).map(([name, [value]]) => `${name}="${value}"`);
    const page = await stage.open(
      `<bertlet-classifier ${attributes.join(" ")}><p>The fallback</p></bertlet-classifier>`,
    );
    await page.locator("bertlet-classifier .bad").waitFor();
    const errors = await told(page, "error");
    assert.equal(errors.length, Object.keys(BAD).length);
    const shown = await page.locator("bertlet-classifier .bad").innerText();
    for (const [name, [, message]] of Object.entries(BAD)) {
      const error = errors.find((each) => message.test(each.message));
      assert.equal(error?.code, "bad-option", name);
      assert.match(shown, new RegExp(`^${name}: `, "m"));
    }
    assert.ok(await page.getByText("The fallback").isVisible());
    assert.deepEqual(stage.errors.splice(0), []);
    await page.close();
  });

  test("nothing is fetched before the tag is seen, or before a click", async () => {
    const { requests } = stage.site;
    const before = requests.length;
    const page = await stage.open(
      `<p style="height: 4000px"></p><div hidden><bertlet-classifier src="${TRAINED}"></bertlet-classifier></div>`,
    );
    await page.locator("bertlet-classifier textarea").waitFor({ state: "attached" });
    assert.ok(!requests.slice(before).some((path) => path.endsWith("bertlet.js")));
    await page.evaluate(() => {
      window.tag.setAttribute("loading", "click");
      (window.tag.parentElement as HTMLElement).hidden = false;
    });
    await page.getByRole("button", { name: "Load the model" }).click();
    await inState(page, "ready");
    assert.ok(requests.slice(before).some((path) => path.endsWith("bertlet.js")));
    await page.close();
  });

  test("classifies, by the page's example and by Ctrl + Enter; a form takes the label; the zip is the model", async () => {
    const page = await stage.open(
      `<form><bertlet-classifier name="desk" src="${TRAINED}" keep="download"><strong slot="title">Sort it</strong>
       <span slot="examples"><button type="button">the parcel came late</button></span></bertlet-classifier></form>`,
    );
    await inState(page, "ready");
    assert.equal((await told(page, "ready"))[0].labels.length, 3);
    await page.getByRole("button", { name: "the parcel came late" }).click();
    await page.locator("bertlet-classifier table").waitFor();
    const [first] = await told(page, "result");
    const found = await page.evaluate(() => ({
      value: window.tag.value,
      form: new FormData(document.forms[0]).get("desk"),
      ready: window.tag.ready.then((classifier) => classifier === window.tag.classifier),
    }));
    assert.deepEqual([found.value, found.form], [first.label, first.label]);
    // The answer is text, beside its bar.
    const rows = await page.locator("bertlet-classifier tbody tr").allInnerTexts();
    assert.equal(rows.length, 3);
    for (const row of rows) assert.match(row, /\d%/);
    assert.match(await page.locator("bertlet-classifier [role=status]").innerText(), new RegExp(first.label));

    await page.getByRole("textbox", { name: "Text" }).fill("what a nice answer");
    await page.keyboard.press("Control+Enter");
    await page.waitForFunction(() => window.happenings.filter(({ type }) => type === "result").length === 2);
    const direct = await page.evaluate(
      async () => (await window.tag.classifier?.classify("what a nice answer"))?.scores,
    );
    assert.deepEqual((await told(page, "result"))[1].scores, direct);

    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download the model" }).click();
    const stream = await (await download).createReadStream();
    const zip = Buffer.concat(await stream.toArray());
    assert.ok(unzip(zip).has("my-classifier/model.safetensors"));

    await page.evaluate(() => document.forms[0]?.reset());
    assert.equal(await page.evaluate(() => window.tag.value), "");
    assert.deepEqual(stage.errors.splice(0), []);
    await page.close();
  });

  test("a lesson with rows trains, checks itself with rows kept back, and begins anew each time", async () => {
    const page = await stage.open(
      `<bertlet-classifier src="${UNTRAINED}" mode="teach" rows="rows.csv" method="full" epochs="3" max-minutes="1"></bertlet-classifier>`,
    );
    await inState(page, "ready");
    await page.getByText("6 examples").first().waitFor();
    assert.ok(await page.locator("textarea#text").isHidden());
    await page.getByRole("button", { name: "Train" }).click();
    await inState(page, "training");
    await inState(page, "ready");
    const [end] = await told(page, "end");
    assert.deepEqual(
      [end.reason, end.learned, end.outOfTime, end.checked.rows],
      ["finished", true, false, 2],
    );
    const steps = await told(page, "step");
    assert.equal(steps.length, end.steps);
    assert.equal((await told(page, "epoch")).length, 3);
    await page.locator("[part=outcome]").getByText(`${end.checked.correct} of 2 texts`).waitFor();
    const ask = () => page.evaluate(async () => (await window.tag.classify("a good day")).scores);
    const scores = await ask();
    await page.getByRole("button", { name: "Train again" }).click();
    await page.waitForFunction(() => window.happenings.filter(({ type }) => type === "end").length === 2);
    assert.deepEqual(await ask(), scores);
    assert.deepEqual(stage.errors.splice(0), []);
    // It begins with the model as it was loaded. Offline that is not to be had, and what was trained stays.
    await page.context().setOffline(true);
    const code = await page.evaluate(() => window.tag.train().catch(({ code }) => code));
    // The worker's file comes first, where the browser has no copy of it.
    assert.ok(["fetch-failed", "no-worker"].includes(code as string), String(code));
    assert.deepEqual(await ask(), scores);
    await page.context().setOffline(false);
    await page.evaluate(() => window.tag.train());
    assert.deepEqual(await ask(), scores);
    await page.close();
  });

  test("a pupil types labels and examples, edits, deletes, and takes it back; Train says why it is off", async () => {
    const page = await stage.open(
      `<bertlet-classifier src="${UNTRAINED}" mode="teach"></bertlet-classifier>`,
    );
    await inState(page, "ready");
    const train = page.getByRole("button", { name: "Train", exact: true });
    const why = () =>
      train.evaluate((button) => {
        const root = button.getRootNode() as ShadowRoot;
        return [
          button.ariaDisabled,
          root.getElementById(button.getAttribute("aria-describedby") ?? "")?.textContent,
        ];
      });
    assert.deepEqual(await why(), ["true", "To train, add at least two labels."]);
    for (const label of ["happy", "sad"]) {
      await page.getByRole("textbox", { name: "New label" }).fill(label);
      await page.keyboard.press("Enter");
    }
    // The focus is where the first example goes.
    await page.keyboard.type("rain again");
    await page.keyboard.press("Enter");
    assert.deepEqual(await why(), ["true", "To train, add an example of happy."]);
    const fresh = page.getByRole("textbox", { name: "New example of happy" });
    for (const text of ["we won", "sunshien"]) {
      await fresh.fill(text);
      await page.keyboard.press("Enter");
    }
    await page.getByRole("textbox", { name: "Example 2 of happy" }).fill("sunshine");
    await page.keyboard.press("Enter");
    const rows = () => page.evaluate(() => window.tag.rows.map(({ text, label }) => `${label}: ${text}`));
    const three = ["sad: rain again", "happy: we won", "happy: sunshine"];
    assert.deepEqual(await rows(), three);
    await page.getByText("2 examples").waitFor();
    await page.getByRole("button", { name: "Delete: sunshine" }).click();
    await page.getByRole("button", { name: "Delete the label sad and its examples" }).click();
    assert.deepEqual(await rows(), ["happy: we won"]);
    await page.getByRole("button", { name: "Undo" }).click();
    assert.deepEqual(await rows(), ["sad: rain again", "happy: we won"]);
    assert.deepEqual(await why(), ["false", ""]);
    await train.click();
    await page.locator("[part=outcome]").getByText("Try it now.").waitFor();
    await page.getByRole("textbox", { name: "Text", exact: true }).fill("we won");
    await page.keyboard.press("Control+Enter");
    await page.waitForFunction(() => window.tag.value === "happy");
    await page.close();
  });

  test("stops in time and by hand, and can be asked after it; a lock holds the recipe, labels and sources", async () => {
    const page = await stage.open(
      `<bertlet-classifier src="${UNTRAINED}" mode="teach" method="contrastive" epochs="900" max-minutes="0.02" locked></bertlet-classifier>`,
    );
    await inState(page, "ready");
    await page.evaluate((rows) => {
      window.tag.rows = rows;
    }, ROWS);
    // A lock is no secret: what is set is to be seen.
    await page.locator("summary").click();
    for (const [role, name] of [
      ["combobox", "Method"],
      ["spinbutton", "Epochs"],
    ] as const)
      assert.ok(await page.getByRole(role, { name }).isDisabled(), name);
    assert.equal(
      (await told(page, "error")).filter(({ message }) => /rows: expected no change/.test(message)).length,
      1,
    );
    for (const [name, value] of [
      ["src", TRAINED],
      ["method", "full"],
      ["labels", "a|b"],
    ] as const) {
      await page.evaluate(([attribute, text]) => window.tag.setAttribute(attribute, text), [
        name,
        value,
      ] as const);
      const last = (await told(page, "error")).at(-1);
      assert.deepEqual(
        [last.code, last.message.includes(`${name}: expected no change`)],
        ["bad-option", true],
      );
    }
    assert.equal(await page.evaluate(() => window.tag.getAttribute("src")), UNTRAINED);
    assert.equal(await page.getByRole("textbox", { name: "New label" }).count(), 0);
    await page.close();

    // What a pupil chose before the lock gives way to what the page says.
    const late = await stage.open(
      `<bertlet-classifier src="${UNTRAINED}" mode="teach" method="head"></bertlet-classifier>`,
    );
    await late.locator("summary").click();
    const method = late.getByRole("combobox", { name: "Method" });
    await method.selectOption("centroid");
    await late.evaluate(() => window.tag.setAttribute("locked", ""));
    await late.getByRole("combobox", { name: "Method", disabled: true }).waitFor({ timeout: 10_000 });
    assert.equal(await method.inputValue(), "head");
    await late.close();

    const timed = await stage.open(
      `<bertlet-classifier src="${UNTRAINED}" mode="teach" rows="rows.csv" method="contrastive" epochs="300" max-minutes="0.05"></bertlet-classifier>`,
    );
    await inState(timed, "ready");
    await timed.getByRole("button", { name: "Train", exact: true }).click();
    await timed.locator("[part=outcome]").getByText("Stopped after 0.05 minutes, as set.").waitFor();
    const [end] = await told(timed, "end");
    assert.deepEqual([end.reason, end.outOfTime, end.learned], ["stopped", true, true]);
    assert.ok(
      ["happy", "sad"].includes(
        await timed.evaluate(async () => (await window.tag.classify("a good day")).label),
      ),
    );

    await timed.evaluate(() => window.tag.removeAttribute("max-minutes"));
    const steps = (await told(timed, "step")).length;
    await timed.getByRole("button", { name: "Train again" }).click();
    await timed.waitForFunction(
      (before) => window.happenings.filter(({ type }) => type === "step").length > before,
      steps,
    );
    await timed.getByRole("button", { name: "Stop" }).click();
    await timed.locator("[part=outcome]").getByText("Stopped. Try what it has learned.").waitFor();
    await timed.close();
  });

  test("errors stand where they were caused, and a second try can succeed", async () => {
    const page = await stage.open(
      `<bertlet-classifier src="nowhere/" mode="teach" rows="no-rows.csv"><p>The fallback</p></bertlet-classifier>`,
    );
    await page.getByRole("button", { name: "Try again" }).waitFor();
    await page.getByText("no-rows.csv answered with HTTP 404").waitFor();
    const codes = (await told(page, "error")).map(({ code }) => code);
    assert.deepEqual(codes, ["fetch-failed", "fetch-failed"]);
    assert.ok(await page.getByText("The fallback").isVisible());
    const rejected = await page.evaluate(() => window.tag.classify("a").catch(({ code }) => code));
    assert.equal(rejected, "fetch-failed");
    await page.evaluate((src) => window.tag.setAttribute("src", src), UNTRAINED);
    await inState(page, "ready");
    assert.ok(!(await page.getByText("The fallback").isVisible()));

    const use = await stage.open(`<bertlet-classifier src="${UNTRAINED}"></bertlet-classifier>`);
    await use.getByText("this model has no trained labels").waitFor();
    assert.equal((await told(use, "error"))[0].code, "bad-state");
    await page.close();
    await use.close();
  });

  test("what was taught stays in the browser with keep=browser", async () => {
    const tag = `<bertlet-classifier src="${TRAINED}" mode="teach" rows="rows.csv" keep="browser" loading="eager"></bertlet-classifier>`;
    const page = await stage.open(tag);
    await inState(page, "ready");
    const before = await page.evaluate(async () => {
      await window.tag.train();
      return window.tag.classify("the parcel is late");
    });
    await page.reload();
    await inState(page, "ready");
    const after = await page.evaluate(() => window.tag.classify("the parcel is late"));
    assert.deepEqual(after, before);
    await page.close();
  });

  for (const lang of ["en", "zh-Hans"]) {
    test(`no finding of axe, wide and narrow, light and dark (${lang})`, async () => {
      const page = await stage.open(
        `<bertlet-classifier src="${TRAINED}" mode="both" rows="rows.csv" keep="download" loading="eager"></bertlet-classifier>
         <bertlet-classifier src="no where" mode="learn"></bertlet-classifier>`,
        { lang, policy: "default-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'; img-src data:" },
      );
      await inState(page, "ready");
      await page.evaluate(() => window.tag.classify("the parcel"));
      await page.locator("summary").first().click();
      await inspect(page, "the tag", lang === "en");
      await page.setViewportSize({ width: 320, height: 700 });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320));
      // A word or an address that is longer than the line.
      const long = `https://example.org/${"x".repeat(200)}`;
      await page.evaluate((text) => {
        window.tag.rows = ["short", text].map((label) => ({ text, label }));
      }, long);
      await page.getByRole("heading", { name: long }).waitFor();
      await page.locator("textarea#text").first().fill(long);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320), "long words");
      await page.close();
    });
  }

  test("in a shadow tree it speaks the language around it; in a frame's document it keeps its style", async () => {
    const page = await stage.open(
      `<div lang="zh-Hans"></div><iframe title="a frame"></iframe><bertlet-classifier loading="click" src="${TRAINED}"></bertlet-classifier>`,
    );
    await page.getByRole("button", { name: "Load the model" }).waitFor();
    const padding = await page.evaluate(() => {
      const host = document.querySelector("div") as HTMLElement;
      host.attachShadow({ mode: "open" }).append(window.tag.cloneNode());
      document.querySelector("iframe")?.contentDocument?.body.append(window.tag);
      return getComputedStyle(window.tag).paddingTop;
    });
    assert.equal(padding, "16px");
    await page.getByRole("button", { name: "加载模型" }).waitFor();
    await page.close();
  });

  test("the documentation's snippet works as it is, and its table lists every attribute", async () => {
    const { site } = stage;
    for (const name of ["config.json", "tokenizer.json", "model.safetensors"])
      site.answer(`model/${name}`, (response) =>
        send(response, 200, ".bin", checkpointFile("sequence_classification_f32", name)),
      );
    const snippet = await documented("tag.html");
    const page = await stage.open(snippet.replace("bertlet/element.js", "element.js"));
    await inState(page, "ready");
    const topic = await readFile("docs/topics/80-tag.html", "utf8");
    const watched = await page.evaluate(
      () =>
        (customElements.get("bertlet-classifier") as unknown as { observedAttributes: string[] })
          .observedAttributes,
    );
    for (const name of watched) assert.ok(topic.includes(`<th scope="row"><code>${name}</code>`), name);
    await page.close();
  });

  test("the tag's own file is within 10 KB", async () => {
    assert.ok(brotliCompressSync(await readFile("dist/element.js")).length <= 10 * 1024);
  });

  test("the file may be imported twice, and without a DOM", async () => {
    const page = await stage.open(`<bertlet-classifier src="${TRAINED}"></bertlet-classifier>`);
    await page.evaluate(() => import(new URL("element.js?again", location.href).href));
    assert.deepEqual(stage.errors.splice(0), []);
    await page.close();
    await import(new URL(`file://${process.cwd()}/dist/element.js`).href);
  });
});
