// Lessons of the tag beyond the plain one: calls at once, a model with an adapter, a model that goes on from its own labels,
// and lessons that stay in the browser side by side.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
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
});
