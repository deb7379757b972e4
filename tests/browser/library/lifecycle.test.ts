// A classifier that is disposed, crashes or loses its device in Chromium, and calls that are aborted: error
// codes, and workers that end.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { suite, workersGone } from "../../support/browser.ts";
import { DEVICE_AT_HAND } from "../../support/gpu-adapters.ts";

const FOLDER = "data/checkpoints/sequence_classification_f32/";

/** Loads a classifier into `window.kept.one`; gives its worker. */
async function keepOne(page: Page, device: "wasm" | "webgpu" = "wasm") {
  const others = page.workers();
  await page.evaluate(
    async ({ folder, device }) => {
      window.kept.one = await window.bertlet.Classifier.load(folder, { device });
    },
    { folder: FOLDER, device },
  );
  const worker = page.workers().find((worker) => !others.includes(worker));
  assert.ok(worker);
  return worker;
}

/** The error codes of calls of `window.kept.one` that are under way at `kill`, and of one call after it. */
async function codesWhen(page: Page, kill: () => Promise<unknown>): Promise<(string | undefined)[]> {
  await page.evaluate(async () => {
    const one = window.kept.one as NonNullable<typeof window.kept.one>;
    const train = one.info.labels.map((label) => ({ text: `${label} late`, label }));
    const texts = Array.from({ length: 20_000 }, (_, i) => `the box number ${i} was late`);
    const run = one.finetune({ train }, { epochs: 1000 });
    await run[Symbol.asyncIterator]().next(); // it is under way
    const calls = [() => run.result, () => one.classify(texts), () => one.save()];
    const codes = Promise.all(calls.map((call) => window.failure(call).then((failure) => failure?.code)));
    Object.assign(window, { codes });
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await kill();
  const codes = await page.evaluate(() => (window as unknown as { codes: Promise<string[]> }).codes);
  const later = await page.evaluate(() => window.failure(async () => window.kept.one?.embed(["x"])));
  return [...codes, later?.code];
}

suite("a classifier", (stage) => {
  test("ends its worker when disposed, with every call rejected", async () => {
    await keepOne(stage.page);
    const codes = await codesWhen(stage.page, () => stage.page.evaluate(() => window.kept.one?.dispose()));
    assert.deepEqual(codes, ["disposed", "disposed", "disposed", "disposed"]);
    await stage.page.evaluate(() => window.kept.one?.dispose());
    await workersGone(stage.page);
  });

  test("whose worker closes is worker-crashed, then disposed", async () => {
    const worker = await keepOne(stage.page);
    const codes = await codesWhen(stage.page, () => worker.evaluate(() => self.close()).catch(() => {}));
    assert.deepEqual(codes, ["worker-crashed", "worker-crashed", "worker-crashed", "disposed"]);
  });

  test("whose worker throws is worker-crashed, then disposed", async () => {
    const worker = await keepOne(stage.page);
    const codes = await codesWhen(stage.page, () =>
      worker.evaluate(() => {
        setTimeout(() => {
          throw new WebAssembly.RuntimeError("unreachable");
        });
      }),
    );
    assert.deepEqual(codes, ["worker-crashed", "worker-crashed", "worker-crashed", "disposed"]);
    await workersGone(stage.page);
  });

  test("on WebGPU whose device is lost is device-lost, then disposed", async () => {
    stage.site.beforeWorkers(DEVICE_AT_HAND);
    const worker = await keepOne(stage.page, "webgpu");
    const codes = await codesWhen(stage.page, () =>
      worker.evaluate(() => {
        (globalThis as unknown as { device: GPUDevice }).device.destroy();
      }),
    );
    assert.deepEqual(codes, ["device-lost", "device-lost", "device-lost", "disposed"]);
    await workersGone(stage.page);
  });

  test("takes one run at a time, and serves the rest beside it", async () => {
    await keepOne(stage.page);
    const found = await stage.page.evaluate(async () => {
      const one = window.kept.one as NonNullable<typeof window.kept.one>;
      const train = one.info.labels.map((label) => ({ text: `${label} late`, label }));
      const run = one.finetune({ train }, { epochs: 1000 });
      await run[Symbol.asyncIterator]().next();
      const second = await window.failure(() => one.finetune({ train }).result);
      run.pause();
      const paused = await window.failure(() => one.finetune({ train }).result);
      const served = [
        (await one.classify("late")).scores.length,
        (await one.embed(["late"])).length,
        (await one.evaluate(train)).perLabel.length,
        Object.keys(await one.save()).length,
      ];
      run.stop();
      const first = await run.result;
      const third = await one.finetune({ train }, { epochs: 1 }).result;
      await one.dispose();
      return { codes: [second?.code, paused?.code], served, ends: [first.reason, third.reason] };
    });
    assert.deepEqual(found.codes, ["busy", "busy"]);
    assert.deepEqual(found.served, [3, 1, 3, 4]);
    assert.deepEqual(found.ends, ["stopped", "finished"]);
  });

  test("gives back an aborted call at once, and serves the next", async () => {
    await keepOne(stage.page);
    const { codes, waits, next } = await stage.page.evaluate(async () => {
      const one = window.kept.one as NonNullable<typeof window.kept.one>;
      const texts = Array.from({ length: 20_000 }, (_, i) => `the box number ${i} was late`);
      const rows = texts.map((text) => ({ text, label: one.info.labels[0] as string }));
      const codes: (string | undefined)[] = [];
      const waits: number[] = [];
      for (const after of [undefined, 0, 20, 200]) {
        for (const call of [
          (signal: AbortSignal) => one.classify(texts, { signal }),
          (signal: AbortSignal) => one.embed(texts, { signal }),
          (signal: AbortSignal) => one.evaluate(rows, { signal }),
        ]) {
          const abort = new AbortController();
          let begun = performance.now();
          const stop = () => {
            begun = performance.now();
            abort.abort();
          };
          if (after === undefined) stop();
          else setTimeout(stop, after);
          codes.push((await window.failure(() => call(abort.signal)))?.code);
          waits.push(performance.now() - begun);
        }
      }
      const next = await one.classify("late");
      await one.dispose();
      return { codes, waits, next };
    });
    assert.deepEqual(new Set(codes), new Set(["aborted"]));
    // Most of them: a machine that is busy may hold up a few.
    const half = waits.sort((a, b) => a - b)[waits.length / 2] as number;
    assert.ok(half < 1000, `${waits}`);
    assert.ok(next.score > 0);
  });
});
