// Loading in Chromium: aborts, progress, the files that are requested; `probe` and the choice of a device
// with and without WebGPU; threads.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { launch, openPage, suite, workersGone } from "../../support/browser.ts";
import { checkpointFile, parseSafetensors, withHeader } from "../../support/checkpoints.ts";
import { send, serve, stall } from "../../support/serve.ts";

const FOLDER = "data/checkpoints/sequence_classification_f32/";
const FILES = ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"];

/** Header lengths whose first bytes are a pickle's. */
const LENGTHS_LIKE_A_PICKLE = [640, 896, 1152, 1408, 15_392];

suite("loading", (stage) => {
  test("takes sound weights whose header length begins like a pickle", async () => {
    const { header, data } = parseSafetensors(
      checkpointFile("sequence_classification_f32", "model.safetensors"),
    );
    const json = Buffer.from(JSON.stringify(header));
    for (const file of ["config.json", "tokenizer.json"]) {
      const bytes = checkpointFile("sequence_classification_f32", file);
      stage.site.answer(`like-a-pickle/${file}`, (response) => response.end(bytes));
    }
    for (const remainder of LENGTHS_LIKE_A_PICKLE) {
      // The first length with these two bytes that the header fits in; spaces fill it.
      let length = remainder;
      while (length < json.length) length += 65_536;
      const padded = Buffer.concat([json, Buffer.alloc(length - json.length, " ")]);
      const bytes = withHeader(padded, data);
      stage.site.answer("like-a-pickle/model.safetensors", (response) => response.end(bytes));
      const scores = await stage.page.evaluate(async () => {
        const classifier = await window.bertlet.Classifier.load("like-a-pickle/", { device: "wasm" });
        const { scores } = await classifier.classify("a refund");
        await classifier.dispose();
        return scores.length;
      });
      assert.equal(scores, 3, `${length}`);
    }
  });

  test("that is aborted, whenever that is, leaves no worker", async () => {
    for (const after of [undefined, 0, 5, 50, 150, 300, 500]) {
      const failure = await stage.page.evaluate(
        async ({ folder, after }) => {
          const abort = new AbortController();
          if (after === undefined) abort.abort();
          else setTimeout(() => abort.abort(), after);
          return window.failure(async () => {
            const { signal } = abort;
            const one = await window.bertlet.Classifier.load(folder, { device: "wasm", signal });
            // The load ended before the abort: the classifier must work.
            await one.classify("late");
            await one.dispose();
          });
        },
        { folder: FOLDER, after },
      );
      assert.ok(failure === null || failure.code === "aborted", failure?.code);
      if (after === undefined || after === 0) assert.equal(failure?.code, "aborted");
    }
    await workersGone(stage.page);
  });

  test("that waits for the server can be aborted, and tells its progress", async () => {
    const weights = checkpointFile("sequence_classification_f32", "model.safetensors");
    for (const file of ["config.json", "tokenizer.json"]) {
      const bytes = checkpointFile("sequence_classification_f32", file);
      stage.site.answer(`slow/${file}`, (response) => response.end(bytes));
    }
    stage.site.answer("slow/model.safetensors", stall(weights.subarray(0, 50_000), weights.length));
    const { failure, loaded, total } = await stage.page.evaluate(async () => {
      const abort = new AbortController();
      let loaded = 0;
      let total: number | undefined;
      const failure = await window.failure(() =>
        window.bertlet.Classifier.load("slow/", {
          device: "wasm",
          signal: abort.signal,
          onProgress: (progress) => {
            if (progress.file === "model.safetensors") {
              ({ loaded, total } = progress);
              setTimeout(() => abort.abort(), 200);
            }
          },
        }),
      );
      return { failure, loaded, total };
    });
    assert.equal(failure?.code, "aborted");
    assert.ok(loaded > 0 && loaded <= 50_000, `${loaded}`);
    assert.equal(total, weights.length);
  });

  test("tells every stage", async () => {
    const stages = await stage.page.evaluate(async (folder) => {
      const stages: string[] = [];
      const one = await window.bertlet.Classifier.load(folder, {
        device: "wasm",
        onProgress: ({ stage, file, loaded, total }) => {
          if (loaded === total) stages.push(file ?? stage);
        },
      });
      await one.dispose();
      return stages;
    }, FOLDER);
    assert.deepEqual([...stages].sort(), [...FILES, "library", "device", "model"].sort());
    assert.equal(stages.at(-1), "model");
  });

  test("asks for nothing but the site's own files", async () => {
    const from = stage.site.requests.length;
    await stage.page.evaluate(async (folder) => {
      const one = await window.bertlet.Classifier.load(folder, { device: "wasm" });
      await one.dispose();
    }, FOLDER);
    const asked = stage.site.requests.slice(from).map((path) => path.replace("/some/sub/folder/", ""));
    // modules.json too, which only a folder of sentence-transformers has.
    const expected = [...FILES, "modules.json"].map((file) => FOLDER + file);
    // This visitor downloads the CPU build alone, not WebGPU's.
    const library = ["worker.js", "wasm/cpu_relaxed.js", "wasm/cpu_relaxed_bg.wasm"];
    assert.deepEqual(asked.filter((path) => !library.includes(path)).sort(), expected.sort());
  });

  test("takes a vocab.txt where a folder has no tokenizer.json", async () => {
    const vectors = await stage.page.evaluate(async () => {
      const folder = "data/checkpoints/cased_vocab_f16/";
      const files = {
        config: `${folder}config.json`,
        tokenizer: `${folder}vocab.txt`,
        tokenizerConfig: `${folder}tokenizer_config.json`,
        weights: `${folder}model.safetensors`,
      };
      const vectors: number[][] = [];
      for (const source of [folder, files]) {
        const one = await window.bertlet.Classifier.load(source, { device: "wasm" });
        vectors.push([...(await one.embed("The parcel was late"))]);
        await one.dispose();
      }
      return vectors;
    });
    assert.deepEqual(vectors[0], vectors[1]);
  });
});

suite("a browser with WebGPU on a software adapter", (stage) => {
  test("is probed, and auto prefers the CPU and says why", async () => {
    const { caps, info } = await loadAuto(stage.page);
    assert.equal(caps.webgpu.available, true);
    assert.match(`${caps.webgpu.adapter} ${caps.webgpu.reason}`, /swiftshader.*software/);
    assert.deepEqual(caps.wasm, { simd: true, threads: false, maxThreads: 1 });
    assert.equal(caps.recommended, "wasm");
    assert.deepEqual([info.device, info.threads, info.adapter], ["wasm", 1, undefined]);
    assert.match(info.deviceReason ?? "", /software/);
  });
});

suite(
  "a browser without WebGPU",
  (stage) => {
    test("is probed, auto takes the CPU, and webgpu is no-webgpu", async () => {
      const { caps, info } = await loadAuto(stage.page);
      assert.equal(caps.webgpu.available, false);
      assert.ok(caps.webgpu.reason);
      assert.deepEqual([info.device, info.deviceReason], ["wasm", caps.webgpu.reason]);
      const failure = await stage.page.evaluate(
        (folder) => window.failure(() => window.bertlet.Classifier.load(folder, { device: "webgpu" })),
        FOLDER,
      );
      assert.equal(failure?.code, "no-webgpu");
      await workersGone(stage.page);
    });
  },
  { webgpu: false },
);

test("a cross-origin isolated site has threads, and the same numbers with any count of them", async () => {
  const site = await serve({ isolated: true });
  const browser = await launch();
  try {
    const page = await openPage(browser, site);
    const { caps, info } = await loadAuto(page);
    const { threads, maxThreads } = caps.wasm;
    assert.deepEqual([threads, info.device, info.threads], [maxThreads > 1, "wasm", maxThreads]);
    assert.ok(maxThreads > 1, "this machine has one processor, so threads go untested");
    const losses = await page.evaluate(async (folder) => {
      const runs: number[][] = [];
      for (const threads of [1, 2]) {
        const one = await window.bertlet.Classifier.load(folder, {
          device: "wasm",
          threads,
          labels: ["a", "b"],
        });
        if (one.info.threads !== threads) throw new Error(`${one.info.threads} threads`);
        const train = Array.from({ length: 24 }, (_, i) => ({
          text: `row ${i} `.repeat(40),
          label: i % 2 === 0 ? "a" : "b",
        }));
        const losses: number[] = [];
        for await (const event of one.finetune({ train }, { epochs: 2, batchSize: 8 }))
          if (event.type === "step") losses.push(event.loss);
        runs.push(losses);
        await one.dispose();
      }
      return runs;
    }, FOLDER);
    assert.equal(losses[0]?.length, 6);
    assert.deepEqual(losses[0], losses[1]);
  } finally {
    await browser.close();
    await site.close();
  }
});

test("a browser that compiles only a part of relaxed SIMD takes the build without, with and without threads", async () => {
  for (const [isolated, broken, instead] of [
    [false, "cpu_relaxed", "cpu"],
    [true, "cpu_threads", "cpu_threads_plain"],
  ] as const) {
    const site = await serve({ isolated });
    const browser = await launch({ webgpu: false });
    try {
      // An instruction that no browser knows, in place of those that this one lacks.
      const unknown = Buffer.from("0061736d01000000010401600000030201000a06010400fd9f040b", "hex");
      site.answer(`wasm/${broken}_bg.wasm`, (response) => send(response, 200, ".wasm", unknown));
      const { info } = await loadAuto(await openPage(browser, site));
      assert.equal(info.threads > 1, isolated);
      assert.ok(site.requests.some((path) => path.endsWith(`/${instead}_bg.wasm`)));
    } finally {
      await browser.close();
      await site.close();
    }
  }
});

async function loadAuto(page: Page) {
  return page.evaluate(async (folder) => {
    const caps = await window.bertlet.probe();
    const one = await window.bertlet.Classifier.load(folder);
    await one.classify("late");
    await one.dispose();
    return { caps, info: one.info };
  }, FOLDER);
}
