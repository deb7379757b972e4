// The page's own files in Node.js, on the CPU and on WebGPU as Dawn has it: losses against torch, then saving and
// loading; and what is said where WebGPU is missing. Takes the built site.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { downloadZip } from "client-zip";
import type * as Bertlet from "../../web/bertlet.d.ts";
import { checkpointFile, difference } from "../support/checkpoints.ts";
import { root } from "../support/serve.ts";
import { splitIntoShards } from "../support/shards.ts";
import { LOSS_TOLERANCE, STEPS, torchRun } from "../support/torch-run.ts";

const library = pathToFileURL(join(root, "web/dist/node.js")).href;
const { Classifier, probe }: typeof Bertlet = await import(library);
const folder = (name: string) => pathToFileURL(join(root, "tests/reference/data/checkpoints", name)).href;

for (const device of ["wasm", "webgpu"] as const) {
  test(`fine-tunes as torch does in Node.js, then saves and loads as the same model (${device})`, async () => {
    const { checkpoint, maxLength, train, options, steps } = torchRun("in_order");
    const classifier = await Classifier.load(folder(checkpoint), { device, maxLength });
    assert.equal(classifier.info.device, device);
    const run = classifier.finetune({ train }, options);
    const losses: number[] = [];
    for await (const event of run) {
      if (event.type === "step" && event.step <= STEPS[device]) losses.push(event.loss);
      if (event.type === "step" && event.step === STEPS[device]) run.stop();
    }
    const expected = steps.slice(0, STEPS[device]).map(({ loss }) => loss);
    assert.equal(losses.length, expected.length);
    const worst = difference(losses, expected);
    assert.ok(worst <= LOSS_TOLERANCE, `the losses differ by ${worst}`);

    const texts = train.slice(0, 4).map(({ text }) => text);
    const before = await classifier.classify(texts);
    const saved = await classifier.save();
    await classifier.dispose();
    const [config, tokenizer, weights] = [
      saved["config.json"],
      saved["tokenizer.json"],
      saved["model.safetensors"],
    ];
    const again = await Classifier.load({ config, tokenizer, weights }, { device, maxLength });
    assert.deepEqual(await again.classify(texts), before);
    await again.dispose();
  });
}

test("what is saved tells sentence-transformers how it is pooled, and whether vectors are scaled", async () => {
  const texts = ["A short text.", "another, which is longer than the first", ""];
  const file = (content: object) => new Blob([JSON.stringify(content)]);
  const types = ["Transformer", "Pooling", "Normalize"].map((type) => `sentence_transformers.models.${type}`);
  for (const [pooling, scaled] of [
    ["cls", false],
    ["max", true],
    ["mean", false],
    ["mean", true],
  ] as const) {
    const modules = types
      .slice(0, scaled ? 3 : 2)
      .map((type, idx) => ({ idx, path: ["", "1_Pooling", "2_Normalize"][idx], type }));
    const given: Record<string, Blob> = {
      "modules.json": file(modules),
      "1_Pooling/config.json": file({ pooling_mode: pooling }),
    };
    const [config, weights, tokenizer] = ["config.json", "model.safetensors", "tokenizer.json"].map((name) =>
      checkpointFile("model_f32", name),
    ) as [Buffer, Buffer, Buffer];
    const options = { device: "wasm", labels: ["a", "b"] } as const;
    const own = await Classifier.load({ config, weights, tokenizer, sentenceTransformers: given }, options);
    const vectors = await own.embed(texts);
    const saved = await own.save();
    // As sentence-transformers reads it: without this library's own entry.
    const { bertlet, ...rest } = JSON.parse(await saved["config.json"].text());
    assert.equal(bertlet.pooling, pooling);
    const read = await Classifier.load(
      {
        config: file(rest),
        weights: saved["model.safetensors"],
        tokenizer: saved["tokenizer.json"],
        tokenizerConfig: saved["tokenizer_config.json"],
        sentenceTransformers: {
          "modules.json": saved["modules.json"] as Blob,
          "1_Pooling/config.json": saved["1_Pooling/config.json"] as Blob,
        },
      },
      options,
    );
    assert.deepEqual([read.info.pooling, read.info.normalizes], [pooling, scaled]);
    assert.deepEqual(await read.embed(texts), vectors);
    await Promise.all([own.dispose(), read.dispose()]);
  }
});

test("says what is missing where no adapter answers", async () => {
  const { VK_DRIVER_FILES: driver } = process.env;
  process.env.VK_DRIVER_FILES = "/nowhere.json";
  try {
    const loading = Classifier.load(folder("sequence_classification_f32"), { device: "webgpu" });
    await assert.rejects(loading, { code: "no-webgpu" });
  } finally {
    if (driver === undefined) delete process.env.VK_DRIVER_FILES;
    else process.env.VK_DRIVER_FILES = driver;
  }
});

test("a file that is not there is an error with its name", async () => {
  const loading = Classifier.load(folder("nowhere"), { device: "wasm" });
  await assert.rejects(
    loading,
    ({ code, message }) => code === "fetch-failed" && message.includes("config.json"),
  );
});

test("a worker that is not where assets says is no-worker, with what was looked for", async () => {
  const loading = Classifier.load(folder("sequence_classification_f32"), { assets: "file:///nowhere/" });
  await assert.rejects(
    loading,
    ({ code, message, hint }) =>
      code === "no-worker" && message.includes("/nowhere/worker.js") && hint.includes("assets"),
  );
});

test("takes URL objects, shards and zips of a folder", async () => {
  const name = "sequence_classification_f32";
  const files = ["config.json", "tokenizer.json", "model.safetensors"];
  const inputs = files.map((file) => ({
    name: `m/${file}`,
    input: new Uint8Array(checkpointFile(name, file)),
  }));
  const { index, shards } = splitIntoShards(checkpointFile(name, "model.safetensors"), 2);
  const [config, tokenizer] = files.map((file) => new URL(`${folder(name)}/${file}`)) as [URL, URL];
  const sources: Bertlet.Source[] = [
    new URL(folder(name)),
    await downloadZip(inputs).blob(),
    { config, tokenizer, weights: { index, shards } },
  ];
  const scores: unknown[] = [];
  for (const source of sources) {
    const classifier = await Classifier.load(source, { device: "wasm" });
    scores.push(await classifier.classify("a refund"));
    await classifier.dispose();
  }
  assert.deepEqual(scores[1], scores[0]);
  assert.deepEqual(scores[2], scores[0]);
});

test("bertlet.js is imported without a crash, and says which file Node.js takes", async () => {
  const script = `
    const { Classifier, probe } = await import(${JSON.stringify(pathToFileURL(join(root, "web/dist/bertlet.js")).href)});
    const { autoReason } = (await probe()).webgpu;
    const failures = await Promise.all([Classifier.load("/x/"), Classifier.create({ texts: ["x"] })].map(
      (call) => call.catch(({ code, hint }) => ({ code, hint })),
    ));
    console.log(JSON.stringify({ autoReason, failures }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  const { autoReason, failures } = JSON.parse(stdout);
  assert.deepEqual(autoReason, { code: "no-webgpu" });
  for (const { code, hint } of failures) {
    assert.equal(code, "no-worker");
    assert.match(hint, /node\.js/);
  }
});

for (const when of ["before", "after"] as const) {
  test(`loads where another library puts Node's own Worker on the global scope ${when} it`, async () => {
    // No module: threads would not take the flag that makes it one.
    const script = `
      const put = () => { globalThis.Worker = require("node:worker_threads").Worker; };
      (async () => {
        if (${when === "before"}) put();
        const { Classifier, probe } = await import(${JSON.stringify(library)});
        if (${when === "after"}) put();
        const { Worker } = globalThis;
        const source = ${JSON.stringify(folder("sequence_classification_f32"))};
        const classifier = await Classifier.load(source, { device: "wasm" });
        const { label } = await classifier.classify("a refund");
        await classifier.dispose();
        const found = await probe();
        console.log(JSON.stringify({ label, found, isKept: globalThis.Worker === Worker }));
        process.exit();
      })();`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script]);
    const { label, found, isKept } = JSON.parse(stdout);
    assert.equal(typeof label, "string");
    assert.deepEqual(found, await probe());
    assert.ok(isKept);
  });
}

test("a journal that is not there is unknown, on every version of Node.js; threads are those that probe tells", async () => {
  await assert.rejects(Classifier.resume("none"), { code: "unknown-name" });
  await assert.rejects(
    Classifier.load(folder("sequence_classification_f32"), { device: "wasm", threads: 64 }),
    {
      code: "bad-option",
    },
  );
});

test("a model without a head is no ONNX classifier, and stays", async () => {
  const classifier = await Classifier.load(folder("model_f32"), { device: "wasm", threads: 1 });
  await assert.rejects(classifier.save({ as: "onnx" }), { code: "bad-state" });
  assert.equal((await classifier.embed(["a"])).length > 0, true);
  await classifier.dispose();
});
