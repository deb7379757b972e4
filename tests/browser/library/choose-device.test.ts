// The device that `auto` chooses beside a hardware GPU adapter. The software adapter takes a hardware
// adapter's name here: `auto` then times it like any other, and finds it slower than the CPU.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import type { ModelInfo } from "../../../web/bertlet.d.ts";
import { launch, openPage } from "../../support/browser.ts";
import { HARDWARE } from "../../support/gpu-adapters.ts";
import { type Site, serve } from "../../support/serve.ts";

const FOLDER = "data/checkpoints/model_f32/";
const STORE = "bertlet";

const NO_DEVICE = `GPUAdapter.prototype.requestDevice = async () => { throw new Error("the driver said no"); };
`;

/** A GPU is ready in a second. Software beside other tests may take longer than the ten that a trial gets. */
const PATIENT = `const wait = setTimeout;
globalThis.setTimeout = (work, ms, ...given) => wait(work, ms === 10_000 ? 120_000 : ms, ...given);
`;

/** Runs `work` on a page whose workers run the script `first` before anything else. */
async function onPage(first: string, work: (page: Page, site: Site) => Promise<void>): Promise<void> {
  const site = await serve();
  const browser = await launch();
  try {
    site.beforeWorkers(first);
    await work(await openPage(browser, site), site);
  } finally {
    await browser.close();
    await site.close();
  }
}

/** What a load with `auto` chose, and how often the builds' binaries were fetched for it. */
async function loadAuto(
  page: Page,
  site: Site,
): Promise<{ info: ModelInfo; fetched: Record<string, number> }> {
  const from = site.requests.length;
  const info = await page.evaluate(async (folder) => {
    const one = await window.bertlet.Classifier.load(folder);
    await one.embed("late");
    await one.dispose();
    return one.info;
  }, FOLDER);
  const fetched: Record<string, number> = {};
  for (const path of site.requests.slice(from)) {
    const name = path.match(/wasm\/(\w+)_bg\.wasm$/)?.[1];
    if (name !== undefined) fetched[name] = (fetched[name] ?? 0) + 1;
  }
  return { info, fetched };
}

test("both devices are timed once, the quicker one is taken, and that is remembered", () =>
  onPage(HARDWARE + PATIENT, async (page, site) => {
    const first = await loadAuto(page, site);
    const reason = first.info.autoReason;
    assert.ok(reason?.code === "measured", JSON.stringify(first.info));
    assert.equal(first.info.device, "wasm");
    assert.ok(reason.wasmMs > 0 && reason.webgpuMs > reason.wasmMs, JSON.stringify(reason));
    assert.deepEqual([reason.texts, reason.tokens], [8, 64]);
    assert.match(
      first.info.deviceReason ?? "",
      /8 texts of 64 tokens take about .* ms on WebGPU and .* ms on the CPU/,
    );
    assert.ok(first.fetched.webgpu === 1, "the build for WebGPU is fetched to time it");

    const second = await loadAuto(page, site);
    assert.deepEqual(second.info.autoReason, reason, "the very numbers of the first time");
    assert.deepEqual(second.fetched, { cpu_relaxed: 1 }, "nothing is tried again");
  }));

test("where WebGPU was quicker it is taken", () =>
  onPage(HARDWARE + PATIENT, async (page, site) => {
    await loadAuto(page, site);
    const kept = { webgpuMs: 1, wasmMs: 2 };
    const keys = await page.evaluate(
      async ([store, kept]) => {
        const cache = await caches.open(store);
        const requests = await cache.keys();
        const keyOf = ({ url }: Request) => decodeURIComponent(new URL(url).search);
        const times = requests.filter((request) => !keyOf(request).startsWith("?tiles"));
        for (const request of times) await cache.put(request, Response.json(kept));
        return requests.map(keyOf).sort();
      },
      [STORE, kept] as const,
    );
    // Version, adapter, threads, and the sizes of the checkpoint; the tiles are the GPU's alone.
    assert.equal(keys.length, 2);
    assert.match(keys[0] as string, /^\?\d+\.\d+\.\d+ acme quick 1 \d+ \d+ \d+ \d+ gelu$/);
    assert.match(keys[1] as string, /^\?tiles \d+\.\d+\.\d+ acme quick$/);
    const { info, fetched } = await loadAuto(page, site);
    assert.deepEqual([info.device, info.adapter], ["webgpu", "acme quick"]);
    assert.deepEqual(info.autoReason, { code: "measured", ...kept, texts: 8, tokens: 64 });
    assert.deepEqual(fetched, { webgpu: 1 });
  }));

test("a WebGPU that fails when it is tried leaves the CPU, and is tried again the next time", () =>
  onPage(HARDWARE + NO_DEVICE, async (page, site) => {
    for (const _ of [1, 2]) {
      const { info, fetched } = await loadAuto(page, site);
      assert.equal(info.device, "wasm");
      assert.ok(info.autoReason?.code === "webgpu-failed", JSON.stringify(info));
      assert.match(info.deviceReason ?? "", /WebGPU failed its trial/);
      assert.equal(fetched.webgpu, 1);
    }
    assert.equal(
      await page.evaluate(async (store) => (await (await caches.open(store)).keys()).length, STORE),
      0,
    );
  }));
