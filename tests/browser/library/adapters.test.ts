// Adapters beside other calls: what leaves the encoder leaves them, a head's mean is not put in an adapter's place, and answers
// about examples outlast a change of the model.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { openPage, shareBrowser } from "../../support/browser.ts";
import { FOUR_ROWS } from "../../support/checkpoints.ts";
import { type Site, serve } from "../../support/serve.ts";

describe("adapters beside other calls", () => {
  const share = shareBrowser({ webgpu: false });
  let site: Site;
  let page: Page;

  before(async () => {
    site = await serve();
    page = await openPage(await share.browser(), site);
    await page.evaluate((rows) => {
      const load = async (options: object = {}, source = "data/checkpoints/sequence_classification_f32/") =>
        window.bertlet.Classifier.load(source, { device: "wasm", labels: ["bad", "good"], ...options });
      Object.assign(window, { rows, load });
    }, FOUR_ROWS);
  });
  after(async () => {
    await site?.close();
    await share.release();
  });

  /** In the page, with `rows` and `load`. */
  const run = <R>(work: string): Promise<R> =>
    page.evaluate((work) => new Function(`return (async () => { ${work} })();`)(), work) as Promise<R>;

  test("stay where a head alone is trained, first or by itself", async () => {
    const found = await run<string[][]>(`
      const model = await load();
      const lora = (adapterName, headFirst) =>
        model.finetune({ train: rows }, { method: "lora", epochs: 1, adapterName, headFirst }).result;
      await lora("a", false);
      await model.useAdapter(null);
      await lora("b", true);
      const seen = [[...model.info.adapters]];
      await model.useAdapter(null);
      for (const method of ["head", "centroid"]) {
        await model.finetune({ train: rows }, { method }).result;
        seen.push([...model.info.adapters]);
      }
      await model.finetune({ train: rows }, { method: "full", epochs: 1 }).result;
      seen.push([...model.info.adapters]);
      await model.dispose();
      return seen;`);
    assert.deepEqual(found, [["a", "b"], ["a", "b"], ["a", "b"], []]);
  });

  test("keep their own head: means beside one that is on are refused, and its next run is foretold", async () => {
    const { code, same, steps } = await run<{ code: string; same: boolean; steps: number }>(`
      const model = await load();
      const options = { method: "lora", epochs: 1, adapterName: "mine" };
      await model.finetune({ train: rows }, options).result;
      const score = async () => (await model.classify("late")).score;
      const before = await score();
      const refused = await window.failure(() => model.finetune({ train: rows }, { method: "centroid" }).result);
      const same = (await score()) === before;
      const { steps } = await model.plan({ train: rows }, options);
      await model.dispose();
      return { code: refused.code, same, steps };`);
    assert.deepEqual([code, same, steps], ["bad-state", true, 1]);
  });

  test("bring their problem type and threshold, also onto another base, and take them away again", async () => {
    const found = await run<[string[], boolean, boolean]>(`
      const several = await load({ problemType: "multi_label_classification" });
      const train = rows.map((row) => ({ ...row, label: [row.label] }));
      await several.finetune({ train }, { method: "lora", epochs: 2 }).result;
      const expected = await several.classify("a good day");
      const files = await several.saveAdapter();
      await several.dispose();
      const one = await load();
      const before = await one.classify("a good day");
      const [config, weights] = [files["adapter_config.json"], files["adapter_model.safetensors"]];
      await one.addAdapter("several", { config, weights });
      await one.crossValidate(rows, { folds: 2, method: "adapter", epochs: 1 }).result;
      const kind = ({ problemType, threshold, adapterSize }) => [problemType, threshold, adapterSize].join();
      const seen = [kind(one.info)];
      await one.useAdapter("several");
      seen.push(kind(one.info));
      const answer = await one.classify("a good day");
      await one.useAdapter(null);
      seen.push(kind(one.info));
      const after = await one.classify("a good day");
      await one.dispose();
      const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
      return [seen, same(answer, expected), same(after, before)];`);
    const single = "single_label_classification,,";
    assert.deepEqual(found, [[single, "multi_label_classification,0.5,", single], true, true]);
  });

  test("a question about examples outlasts one that is switched off meanwhile", async () => {
    const found = await run<{ nearest: number[]; after: string }>(`
      const model = await load();
      const about = (examples) => model.explain("the parcel is late", { examples, nearest: 1 });
      await about(rows.slice(0, 2));
      const asked = about(rows);
      const switched = model.useAdapter(null);
      const [{ nearest }] = await Promise.all([asked, switched]);
      const after = (await model.classify("late")).label;
      await model.dispose();
      return { nearest: nearest.map(({ index }) => index), after };`);
    assert.deepEqual(found.nearest, [0]);
    assert.ok(["bad", "good"].includes(found.after));
  });

  test("the report of data asks a model of one segment for no pair", async () => {
    const report = await run<{ rows: { train: number } }>(`
      const model = await load({}, "data/encoders/roberta/");
      const report = await model.inspect({ train: rows });
      await model.dispose();
      return report;`);
    assert.equal(report.rows.train, 4);
  });
});
