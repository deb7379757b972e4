// What every browser besides Chromium must do: report, load, train with Chromium's losses, classify, save, load back;
// and the studio, walked once from the first step to a classified text.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { FinetuneOptions } from "../../web/bertlet.d.ts";
import { difference } from "./checkpoints.ts";
import { provideRuns } from "./journalled-runs.ts";
import { type Driven, openChromium } from "./other-browsers.ts";
import { type Site, serve } from "./serve.ts";
import { answerWithTinyModel } from "./studio.ts";
import { visitThrice } from "./studio-visits.ts";
import { torchRun } from "./torch-run.ts";

/** How far a loss may be from Chromium's. Chromium has fused multiply-add, which not every browser has. */
const LOSS_TOLERANCE = 1e-5;
const { checkpoint, maxLength, train, options } = torchRun("in_order");
const MODEL = `data/checkpoints/${checkpoint}/`;
const RUNS: Record<string, FinetuneOptions> = {
  full: { ...options, epochs: 2 },
  lora: { ...options, epochs: 2, method: "lora", learningRate: 1e-3 },
};

/** Tests a browser against Chromium, which runs for as long as it takes to know its losses. */
export function otherBrowserSuite(
  name: string,
  open: () => Promise<Driven>,
  { threadsOffline = true, httpCache = true }: { threadsOffline?: boolean; httpCache?: boolean } = {},
): void {
  describe(name, () => {
    const stage = {} as Stage;
    let expected: Trained;
    before(async () => {
      stage.site = await serve();
      answerWithTinyModel(stage.site);
      const chromium = await openChromium();
      expected = await onHarness(chromium, stage.site, trainBoth, {
        model: MODEL,
        maxLength,
        train,
        runs: RUNS,
      });
      await chromium.end();
      stage.browser = await open();
    });
    after(async () => {
      await stage.browser?.end();
      await stage.site.close();
    });

    test("reports what it has, and a site without headers has one thread", async () => {
      const found = await onHarness(stage.browser, stage.site, async () => window.bertlet.probe(), null);
      assert.deepEqual(found.wasm, { simd: true, threads: false, maxThreads: 1 });
    });

    test("trains in full and by LoRA with Chromium's losses, saves, and loads that back", async () => {
      const order = { model: MODEL, maxLength, train, runs: RUNS };
      const found = await onHarness(stage.browser, stage.site, trainBoth, order);
      for (const [run, { losses, after, scores }] of Object.entries(found)) {
        const { losses: others, scores: otherScores } = expected[run] as Trained[string];
        assert.ok(losses.length > 0 && losses.length === others.length, `${losses.length} steps`);
        const worst = difference(losses, others);
        console.log(`${name}, ${run}: ${losses.length} losses differ by ${worst.toExponential(1)} at most`);
        assert.ok(worst <= LOSS_TOLERANCE, `${run}: the losses differ by ${worst}`);
        assert.ok(difference(scores, otherScores) <= 1e-4, `${run}: the scores differ`);
        // Merging an adapter rounds once more.
        assert.ok(difference(after, scores) <= 1e-6, `${run}: what was saved classifies otherwise`);
      }
    });

    test("with headers it is isolated and has threads, and the same scores", async () => {
      const isolated = await serve({ isolated: true });
      try {
        const found = await onHarness(
          stage.browser,
          isolated,
          async ({ model, texts }) => {
            const { Classifier, probe } = window.bertlet;
            const one = await Classifier.load(model, { device: "wasm", threads: 1 });
            const two = await Classifier.load(model, { device: "wasm", threads: 2 });
            const scores = [];
            for (const each of [one, two])
              scores.push((await each.classify(texts)).map(({ score }) => score));
            await Promise.all([one.dispose(), two.dispose()]);
            return { caps: await probe(), threads: [one.info.threads, two.info.threads], scores };
          },
          { model: MODEL, texts: train.map(({ text }) => text) },
        );
        assert.ok(found.caps.wasm.threads && found.caps.wasm.maxThreads > 1, JSON.stringify(found.caps.wasm));
        assert.deepEqual(found.threads, [1, 2]);
        assert.deepEqual(found.scores[0], found.scores[1]);
      } finally {
        await isolated.close();
      }
    });

    test("a run with a journal goes on after a reload, to the same weights", async () => {
      const { browser, site } = stage;
      await onHarness(browser, site, provideRuns, undefined);
      const alone = await browser.run(async () => {
        await window.begin("full");
        const alone = await window.found;
        await window.begin("full", "reloaded");
        while (window.steps < 20) await new Promise((resolve) => setTimeout(resolve, 5));
        return alone;
      }, null);
      await onHarness(browser, site, provideRuns, undefined);
      const { before, ended } = await browser.run(async () => {
        const [before] = await window.bertlet.Classifier.listJournals();
        await window.goOn("reloaded");
        const ended = await window.found;
        await window.bertlet.Classifier.deleteJournal("reloaded");
        return { before, ended };
      }, null);
      assert.ok(
        before !== undefined && !before.damaged && before.step > 0 && !before.finished,
        JSON.stringify(before),
      );
      assert.equal(ended.losses.length, alone.losses.length - before.step);
      assert.equal(ended.weights, alone.weights);
    });

    test("walks the studio: a service worker gives it threads, and its files without a network", () =>
      visitThrice(stage.browser, { threadsOffline, httpCache }));
  });
}

interface Stage {
  site: Site;
  browser: Driven;
}

/** By run: what `trainBoth` gives. */
type Trained = Record<string, { losses: number[]; scores: number[]; after: number[] }>;

/** Opens an empty page with the library, and runs `work` there. */
export async function onHarness<A, R>(
  browser: Driven,
  site: Site,
  work: (argument: A) => Promise<R> | R,
  argument: A,
): Promise<R> {
  await browser.go(`${site.base}harness.html`);
  await browser.run(async () => {
    while (window.bertlet === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
  }, null);
  return browser.run(work, argument);
}

/** In the page: makes each run, classifies with what was learned, saves it, loads it back and classifies again. */
async function trainBoth({
  model,
  maxLength,
  train,
  runs,
}: {
  model: string;
  maxLength: number;
  train: { text: string; label: string }[];
  runs: Record<string, FinetuneOptions>;
}): Promise<Trained> {
  const trained: Trained = {};
  const { Classifier } = window.bertlet;
  const texts = train.slice(0, 4).map(({ text }) => text);
  for (const [run, options] of Object.entries(runs)) {
    const classifier = await Classifier.load(model, { device: "wasm", maxLength });
    const losses: number[] = [];
    for await (const event of classifier.finetune({ train }, options))
      if (event.type === "step") losses.push(event.loss);
    const scores = (await classifier.classify(texts)).map(({ score }) => score);
    const saved = await classifier.save();
    await classifier.dispose();
    const again = await Classifier.load(
      {
        config: saved["config.json"],
        tokenizer: saved["tokenizer.json"],
        weights: saved["model.safetensors"],
      },
      { device: "wasm", maxLength },
    );
    const after = (await again.classify(texts)).map(({ score }) => score);
    await again.dispose();
    trained[run] = { losses, scores, after };
  }
  return trained;
}
