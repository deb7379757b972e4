// Lessons of the tag beyond the plain one: calls at once, a model with an adapter, a model that goes on from its own labels,
// and lessons that stay in the browser side by side.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkpointFile } from "../../support/checkpoints.ts";
import { send, stall } from "../../support/serve.ts";
import { inState, ROWS, TRAINED, tagStage, told, UNTRAINED } from "../../support/tag.ts";

const LABELS = ["billing", "delivery", "praise"];
const ADAPTER = "data/peft/saved_lora/";
/** Rows of the trained model's own labels. */
const MORE = LABELS.flatMap((label) => [1, 2].map((n) => ({ text: `${label} is number ${n}`, label })));

describe("the tag's lessons", () => {
  const stage = tagStage();

  test("two trainings at once: the second is busy; who asks meanwhile is answered by what is learned", async () => {
    const page = await stage.open(
      `<bertlet-classifier src="${UNTRAINED}" mode="teach" method="centroid"></bertlet-classifier>`,
    );
    const found = await page.evaluate(async (rows) => {
      window.tag.rows = rows;
      // Nothing is loaded yet, and the rows are not taken yet.
      const [first, second] = [window.tag.train(), window.tag.train()];
      const busy = await second.catch(({ code }) => code);
      const { learned } = await first;
      const answers = await Promise.all(
        ["a good day", "my old dog"].map((text) => window.tag.classify(text)),
      );
      return { busy, learned, answers: answers.map(({ label }) => label), state: window.tag.state };
    }, ROWS);
    assert.deepEqual(found, { busy: "busy", learned: true, answers: ["happy", "sad"], state: "ready" });
    await page.close();
  });

  test("a question under way while a training begins is answered, or given up in silence", async () => {
    const page = await stage.open(
      `<bertlet-classifier src="${TRAINED}" mode="both" method="full" epochs="2"></bertlet-classifier>`,
    );
    await inState(page, "ready");
    const ends = await page.evaluate(async (rows) => {
      window.tag.rows = rows;
      // The second training loads the model anew.
      await window.tag.train();
      const asked = window.tag.classify("a parcel").then(
        ({ label }) => label,
        ({ code }) => code,
      );
      return [await asked, (await window.tag.train()).reason];
    }, MORE);
    assert.ok([...LABELS, "disposed"].includes(ends[0] as string), ends[0]);
    assert.equal(ends[1], "finished");
    assert.deepEqual(await told(page, "error"), []);
    assert.deepEqual(stage.errors.splice(0), []);
    await page.close();
  });

  test("what is taught to a model with an adapter stands on both, each time anew", async () => {
    for (const mode of ["teach", "both"]) {
      const page = await stage.open(
        `<bertlet-classifier src="${TRAINED}" adapter="${ADAPTER}" mode="${mode}" method="full" epochs="2"></bertlet-classifier>`,
      );
      await inState(page, "ready");
      const found = await page.evaluate(async (rows) => {
        window.tag.rows = rows;
        const all = [];
        for (let time = 0; time < 2; time++) {
          await window.tag.train();
          all.push((await window.tag.classify("a parcel")).scores);
        }
        return { all, adapters: window.tag.classifier?.info.adapters };
      }, MORE);
      assert.deepEqual(found.all[0], found.all[1], `${mode}: trainings add up`);
      assert.deepEqual(found.adapters, [], `${mode}: the adapter is in the weights`);
      assert.deepEqual(await told(page, "error"), []);
      await page.close();
    }
  });

  test('in mode "both" a model brings its labels, and examples are added to them', async () => {
    const page = await stage.open(
      `<bertlet-classifier src="${TRAINED}" mode="both" method="head" epochs="2"></bertlet-classifier>`,
    );
    await inState(page, "ready");
    for (const label of LABELS) {
      await page.getByRole("textbox", { name: `New example of ${label}` }).fill(`${label}, of course`);
      await page.keyboard.press("Enter");
    }
    const [label] = await page.evaluate(async () => {
      await window.tag.train();
      return window.tag.classifier?.info.labels ?? [];
    });
    assert.equal(label, "delivery", "the model's own head, in its own order");
    assert.equal((await page.evaluate(() => window.tag.rows)).length, 3);
    await page.close();
  });

  test("lessons of one source with other rows are kept side by side", async () => {
    stage.site.answer("others.csv", (response) => {
      response.setHeader("content-type", "text/csv");
      response.end(["text,label", ...MORE.map(({ text, label }) => `${text},${label}`)].join("\n"));
    });
    const tags = ["rows.csv", "others.csv"].map(
      (rows) =>
        `<bertlet-classifier src="${TRAINED}" mode="teach" rows="${rows}" method="centroid" keep="browser" loading="eager"></bertlet-classifier>`,
    );
    const page = await stage.open(tags.join(""));
    /** The labels of each tag's model, and whether it can be asked, as the page opens. */
    const opened = () =>
      page.evaluate(async () => {
        const all = [...document.querySelectorAll("bertlet-classifier")] as (typeof window.tag)[];
        await Promise.all(all.map(({ ready }) => ready));
        return all.map((tag) => [tag.classifier?.info.labels.length, tag.matches(":state(askable)")]);
      });
    assert.deepEqual(await opened(), [
      [3, false],
      [3, false],
    ]);
    await page.evaluate(async () => {
      for (const tag of document.querySelectorAll("bertlet-classifier"))
        await (tag as typeof window.tag).train();
    });
    await page.reload();
    assert.deepEqual(await opened(), [
      [2, true],
      [3, true],
    ]);
    await page.close();
  });

  test("what is changed while the tag is in no page, or shows no lesson, counts once it does", async () => {
    stage.site.answer("three.csv", (response) =>
      response
        .setHeader("content-type", "text/csv")
        .end("text,label\nup,up\nup again,up\ndown,down\ndown again,down\nlevel,level\n"),
    );
    const page = await stage.open(
      `<bertlet-classifier src="${UNTRAINED}" mode="teach" rows="rows.csv" method="centroid"></bertlet-classifier>`,
    );
    const rows = (count: number) =>
      page.waitForFunction((count) => window.tag.rows.length === count, count).then(() => count);
    await rows(12);
    const out = (attributes: Record<string, string>, rows?: { text: string; label: string }[]) =>
      page.evaluate(
        async ({ attributes, rows }) => {
          const { parentElement } = window.tag;
          window.tag.remove();
          await new Promise((resolve) => setTimeout(resolve));
          for (const [name, value] of Object.entries(attributes)) window.tag.setAttribute(name, value);
          if (rows) window.tag.rows = rows;
          parentElement?.append(window.tag);
        },
        { attributes, rows },
      );
    await out({ rows: "three.csv" });
    await rows(5);
    await out({}, [
      { text: "one", label: "a" },
      { text: "two", label: "b" },
    ]);
    await rows(2);
    // An address set as a property replaces the rows of before.
    await page.evaluate(() => {
      window.tag.rows = "rows.csv" as never;
    });
    await rows(12);
    await page.evaluate(async () => {
      window.tag.setAttribute("mode", "use");
      await new Promise((resolve) => setTimeout(resolve));
      window.tag.setAttribute("rows", "three.csv");
      await new Promise((resolve) => setTimeout(resolve));
      window.tag.setAttribute("mode", "teach");
    });
    await rows(5);
    await out({ src: TRAINED, mode: "use" });
    await page.waitForFunction(() => window.tag.classifier?.info.labels.length === 3);
    await page.close();
  });

  test("a training that is stopped before its first step makes none", async () => {
    const page = await stage.open(
      `<bertlet-classifier src="${UNTRAINED}" mode="teach" rows="rows.csv" method="full" epochs="900"></bertlet-classifier>`,
    );
    const ends = await page.evaluate(async () => {
      await window.tag.ready;
      const training = window.tag.train();
      window.tag.stop();
      return (await training).steps;
    });
    assert.equal(ends, 0);
    await page.close();
  });

  test("a training that loads the model anew is stopped at once; what it learned stays until weights come", async () => {
    const weights = checkpointFile("model_f32", "model.safetensors");
    for (const name of ["config.json", "tokenizer.json", "model.safetensors"])
      stage.site.answer(`held/${name}`, (response) =>
        send(response, 200, ".bin", checkpointFile("model_f32", name)),
      );
    const page = await stage.open(
      `<bertlet-classifier src="held/" mode="teach" rows="rows.csv" method="full" epochs="1"></bertlet-classifier>`,
    );
    await page.evaluate(() => window.tag.train());
    let requested = false;
    const stopped = async (begun: () => boolean | Promise<boolean>) => {
      const asked = page.evaluate(() => window.tag.train().catch(({ code }) => code));
      while (!(await begun())) await page.waitForTimeout(20);
      await page.evaluate(() => window.tag.stop());
      const found = () => [window.tag.state, window.tag.matches(":state(askable)")];
      return [await asked, ...(await page.evaluate(found))];
    };
    stage.site.answer("held/model.safetensors", () => {
      requested = true;
    });
    assert.deepEqual(await stopped(() => requested), ["aborted", "ready", true]);
    await page.evaluate(() => window.happenings.splice(0));
    stage.site.answer("held/model.safetensors", stall(weights.subarray(0, 5000), weights.length));
    const came = async () =>
      (await told(page, "progress")).some(({ file, loaded }) => file === "model.safetensors" && loaded > 0);
    assert.deepEqual(await stopped(came), ["aborted", "waiting", false]);
    stage.site.answer("held/model.safetensors", (response) => send(response, 200, ".bin", weights));
    assert.equal(await page.evaluate(async () => (await window.tag.train()).learned), true);
    assert.deepEqual(await told(page, "error"), []);
    await page.close();
  });

  test("a tag that leaves its page while it loads anew is empty there, and loads again where it comes back", async () => {
    const files = ["config.json", "tokenizer.json", "model.safetensors"];
    const give = (name: string) =>
      stage.site.answer(`left/${name}`, (response) =>
        send(response, 200, ".bin", checkpointFile("model_f32", name)),
      );
    for (const name of files) give(name);
    const page = await stage.open(
      `<bertlet-classifier src="left/" mode="teach" rows="rows.csv" method="full" epochs="1"></bertlet-classifier>`,
    );
    await page.evaluate(async () => {
      await window.tag.train();
      await window.tag.classify("a good day");
    });
    let requested = false;
    stage.site.answer("left/model.safetensors", () => {
      requested = true;
    });
    const asked = page.evaluate(() => window.tag.train().catch(({ code }) => code));
    while (!requested) await page.waitForTimeout(20);
    const found = () =>
      [window.tag.state, window.tag.value, ...["ready", "askable"].map((name) => `:state(${name})`)].map(
        (each) => (each.startsWith(":") ? window.tag.matches(each) : each),
      );
    await page.evaluate(() => window.tag.remove());
    assert.equal(await asked, "aborted");
    assert.deepEqual(await page.evaluate(found), ["waiting", "", false, false]);
    give("model.safetensors");
    await page.evaluate(() => document.body.append(window.tag));
    await inState(page, "ready");
    assert.equal(await page.evaluate(async () => (await window.tag.train()).learned), true);
    assert.deepEqual(await told(page, "error"), []);
    await page.close();
  });

  test("rows that the page gives have a kept model of their own", async () => {
    const page = await stage.open(
      `<bertlet-classifier src="${UNTRAINED}" mode="teach" method="centroid" keep="browser" loading="click"></bertlet-classifier>`,
    );
    const trained = async (labels: string[]) => {
      await page.evaluate((labels) => {
        window.tag.rows = labels.flatMap((label) => [1, 2].map((n) => ({ text: `${label} ${n}`, label })));
      }, labels);
      await page.getByRole("button", { name: "Load the model" }).click();
      const found = await page.evaluate(async (labels) => {
        await window.tag.ready;
        const before = window.tag.matches(":state(askable)");
        await window.tag.train();
        return [before, (await window.tag.classify(`${labels[0]} 3`)).scores.length];
      }, labels);
      await page.reload();
      return found;
    };
    assert.deepEqual(await trained(["one", "two"]), [false, 2]);
    assert.deepEqual(await trained(["up", "down", "level"]), [false, 3]);
    assert.deepEqual(await trained(["one", "two"]), [true, 2]);
    await page.close();
  });

  test("a form sends no answer that is not in sight; a disabled lesson cannot be edited", async () => {
    const page = await stage.open(
      `<form><fieldset><bertlet-classifier name="l" src="${TRAINED}" mode="both" rows="rows.csv"><button slot="examples" type="button">a day</button></bertlet-classifier></fieldset></form>`,
    );
    await inState(page, "ready");
    const sent = () =>
      page.evaluate(() => new FormData(document.querySelector("form") ?? undefined).getAll("l"));
    await page.evaluate(() => window.tag.classify("a parcel"));
    assert.equal((await sent()).length, 1);
    await page.evaluate(async () => {
      const asked = window.tag.classify("a parcel");
      document.querySelector("form")?.reset();
      await asked;
    });
    assert.deepEqual(await sent(), []);
    await page.evaluate(() => window.tag.classify("a parcel"));
    // An answer is of the text above it: of another one there is none yet, also where one is under way.
    const text = page.getByRole("textbox", { name: "Text", exact: true });
    await text.fill("what a nice answer");
    assert.deepEqual([await sent(), await page.locator(".verdict").count()], [[], 0]);
    await page.evaluate(async () => {
      const asked = window.tag.classify("a parcel");
      window.tag.shadowRoot?.querySelector("textarea#text")?.dispatchEvent(new Event("input"));
      await asked;
    });
    assert.deepEqual([await sent(), await page.locator(".verdict").count()], [[], 0]);
    await page.evaluate(() => window.tag.classify("a parcel"));
    const renamed = await page.evaluate(() => {
      window.tag.setAttribute("name", "other");
      const form = new FormData(document.forms[0]);
      window.tag.setAttribute("name", "l");
      return [form.getAll("l").length, form.getAll("other").length];
    });
    assert.deepEqual(renamed, [0, 1]);
    // The page's own button is not disabled with the tag.
    await page.evaluate(() => window.tag.classify("a parcel"));
    await page.evaluate(() => window.tag.toggleAttribute("disabled", true));
    await page.getByRole("button", { name: "a day" }).click();
    assert.deepEqual(
      [await text.inputValue(), await page.locator(".verdict").count()],
      ["what a nice answer", 1],
    );
    await page.evaluate(() => window.tag.toggleAttribute("disabled", false));
    await page.evaluate((src) => window.tag.setAttribute("src", src), UNTRAINED);
    await page.waitForFunction(() => window.tag.value === "");
    assert.deepEqual(await sent(), []);
    await page.evaluate(() => document.querySelector("fieldset")?.toggleAttribute("disabled", true));
    const remove = page.getByRole("button", { name: /happy/ }).first();
    await remove.waitFor();
    assert.equal(await remove.isDisabled(), true);
    await page.close();
  });
});
