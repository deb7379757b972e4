// The encoder in fewer bits, through the public API: memory, answers, the receipt of `quantize`, training beside it, what is
// saved and kept, and the same answers from builds with and without relaxed SIMD. Numbers are held natively; here, what a page sees.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { Classifier, QuantizeOptions, QuantizeReceipt } from "../../../web/bertlet.d.ts";
import { onEngine, type Stage, suite } from "../../support/browser.ts";

const TINY = "data/checkpoints/sequence_classification_f32/";
const TEXTS = ["the box was late", "good", "what a long day it was", ""];

suite.each("an encoder in fewer bits", (stage, device) => {
  test("takes less memory, answers nearly the same, and is saved and loaded as it is", async () => {
    const found = await stage.page.evaluate(
      async ({ folder, device, texts }) => {
        const { Classifier } = window.bertlet;
        const scores = async (classifier: Classifier) =>
          (await classifier.classify(texts)).map(({ scores }) =>
            scores.map(({ label, score }) => `${label} ${score}`).sort(),
          );
        const plain = await Classifier.load(folder, { device });
        const small = await Classifier.load(folder, { device, dtype: "int8" });
        const saved = await small.save({ dtype: "int8" });
        const files = Object.entries(saved).map(([name, blob]) => new File([blob as Blob], name));
        const again = await Classifier.load(files, { device });
        const half = await Classifier.load(folder, { device, dtype: "f16" });
        const refused = await small.save({ as: "masked-lm", dtype: "int8" }).catch((error) => error.code);
        const all = [plain, small, again, half];
        const result = {
          info: all.map(({ info: { dtype, weightBytes } }) => ({ dtype, weightBytes })),
          scores: await Promise.all(all.map(scores)),
          bytes: (saved["model.safetensors"] as Blob).size,
          config: JSON.parse(await (saved["config.json"] as Blob).text()),
          refused,
        };
        await Promise.all(all.map((classifier) => classifier.dispose()));
        return result;
      },
      { folder: TINY, device, texts: TEXTS },
    );
    const [plain, small, again, half] = found.info;
    assert.deepEqual([plain?.dtype, small?.dtype, again?.dtype, half?.dtype], ["f32", "int8", "int8", "f16"]);
    assert.ok((small?.weightBytes ?? 0) < 0.6 * (plain?.weightBytes ?? 0), JSON.stringify(found.info));
    assert.deepEqual(found.scores[2], found.scores[1], "a saved model answers as the one that was saved");
    const value = (text: string) => Number(text.split(" ").at(-1));
    const worst = (of: number) =>
      Math.max(
        ...(found.scores[of] ?? []).flatMap((row, at) =>
          row.map((text, k) => Math.abs(value(text) - value(found.scores[0]?.[at]?.[k] ?? ""))),
        ),
      );
    assert.ok(worst(1) > 0 && worst(1) < 0.05, `int8 differs by ${worst(1)}`);
    assert.ok(worst(3) < 1e-3, `f16 differs by ${worst(3)}`);
    assert.equal(found.config.quantization_config.quant_method, "compressed-tensors");
    assert.equal(found.refused, "bad-option");
  });
});

suite("fewer bits on the CPU", (stage, device) => {
  test("quantize gives a receipt; a bad call leaves the model as it was", async () => {
    const found = await stage.page.evaluate(
      async ({ folder, device, texts }) => {
        const { Classifier } = window.bertlet;
        const classifier = await Classifier.load(folder, { device });
        const answers = await classifier.classify(texts);
        const data = answers.map(({ label }, at) => ({ text: texts[at] as string, label }));
        const receipt = await classifier.quantize({ data, maxDrop: 0.9 });
        const kept = classifier.info.dtype;
        const other = await Classifier.load(folder, { device });
        const bad: [unknown, string?][] = [];
        for (const options of [
          { data: [] },
          { data, dtype: "f32" },
          { data, maxDrop: 1 },
          { data: [{ text: "a", label: "none" }] },
          {},
        ]) {
          bad.push([
            options,
            await other.quantize(options as QuantizeOptions).then(
              () => "none",
              (error) => error.code,
            ),
          ]);
        }
        const { dtype } = other.info;
        const same = JSON.stringify(await other.classify(texts)) === JSON.stringify(answers);
        await classifier.dispose();
        await other.dispose();
        return { receipt, kept, bad: bad.map(([, code]) => code), dtype, same };
      },
      { folder: TINY, device, texts: TEXTS },
    );
    const { receipt } = found as { receipt: QuantizeReceipt };
    assert.equal(receipt.rows, TEXTS.length);
    assert.equal(receipt.before.accuracy, 1);
    assert.equal(receipt.agreement, receipt.after.accuracy, "every row had the model's own label");
    assert.ok(receipt.maxChange >= receipt.meanChange && receipt.meanChange > 0);
    assert.ok(receipt.after.weightBytes < 0.6 * receipt.before.weightBytes);
    assert.equal(found.kept, "int8");
    assert.deepEqual(found.bad, ["bad-row", "bad-option", "bad-option", "unknown-label", "bad-row"]);
    assert.deepEqual([found.dtype, found.same], ["f32", true]);
  });

  // "full" makes 32-bit floats of it, of which the best epoch's are restored.
  for (const [method, dtype] of [
    ["lora", "int8"],
    ["full", "f32"],
  ] as const) {
    test(`${method} trains it, and the model is kept as ${dtype}`, async () => {
      const found = await trainAndKeep(stage, device, method);
      assert.deepEqual([found.reason, found.dtype, found.kept], ["finished", dtype, dtype]);
      assert.equal(found.pair[1], found.pair[0], "the same scores to the bit");
    });
  }
});

/** Trains an int8 model, keeps it and opens it again; gives the answers before and after. */
function trainAndKeep(stage: Stage, device: "wasm" | "webgpu", method: "lora" | "full") {
  return stage.page.evaluate(
    async ({ folder, device, texts, method }) => {
      const { Classifier } = window.bertlet;
      const classifier = await Classifier.load(folder, { device, dtype: "int8" });
      const [first, second] = classifier.info.labels as [string, string];
      const train = texts.map((text, at) => ({ text, label: at % 2 ? first : second }));
      const options = { method, epochs: 3, dropout: 0, restoreBest: true };
      const end = await classifier.finetune({ train, dev: train }, options).result;
      const { dtype } = classifier.info;
      await classifier.keep("small");
      const opened = await Classifier.open("small", { device });
      const pair = [await classifier.classify(texts), await opened.classify(texts)];
      const kept = opened.info.dtype;
      await Classifier.forget("small");
      await classifier.dispose();
      await opened.dispose();
      return { reason: end.reason, dtype, kept, pair: pair.map((each) => JSON.stringify(each)) };
    },
    { folder: TINY, device, texts: TEXTS, method },
  );
}

suite("8 bits", (stage, device) => {
  test("the site's checkpoint is what the library makes of the published one", async () => {
    const tensors = (folder: string, dtype: "int8") =>
      stage.page.evaluate(
        async ({ folder, device, dtype }) => {
          const classifier = await window.bertlet.Classifier.load(folder, { device, dtype });
          const saved = await classifier.save({ dtype });
          await classifier.dispose();
          const bytes = new Uint8Array(await (saved["model.safetensors"] as Blob).arrayBuffer());
          const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
          return { digest: Array.from(digest), length: bytes.length };
        },
        { folder, device, dtype },
      );
    const own = await tensors("models/published/", "int8");
    assert.deepEqual(await tensors("models/default/", "int8"), own);
    assert.ok(own.length < 25 * 2 ** 20, `${own.length}`);
    assert.equal(createHash("sha256").digest().length, own.digest.length);
  });
});

suite("builds", (stage, device) => {
  test("with and without relaxed SIMD the whole numbers are the same, and so are the answers of a dense layer", async () => {
    const states = (build: string) =>
      onEngine(stage, (page) =>
        page.evaluate(
          async ({ folder, build, texts }) => {
            const wasm = await import(new URL(`wasm/${build}.js`, document.baseURI).href);
            await wasm.default();
            const file = async (name: string) =>
              new Uint8Array(await (await fetch(`${folder}${name}`)).arrayBuffer());
            const engine = await wasm.WasmEngine.open("wasm", () => {});
            const files = ["config.json", "tokenizer.json", "model.safetensors"];
            const [config, tokenizer, weights] = await Promise.all(files.map(file));
            await engine.load(config, tokenizer, weights, { seed: 42, maskedLm: false, dtype: "int8" });
            const states: Float32Array[] = await engine.hiddenStates(engine.encode(texts));
            return states.map((each) => Array.from(each));
          },
          { folder: TINY, build, texts: TEXTS },
        ),
      );
    assert.equal(device, "wasm");
    const [relaxed, plain] = [await states("cpu_relaxed"), await states("cpu")];
    // Attention's products of floats are rounded once with relaxed SIMD, and twice without.
    const worst = Math.max(
      ...relaxed.flatMap((state, layer) =>
        state.map((x, at) => Math.abs(x - (plain[layer]?.[at] as number))),
      ),
    );
    assert.ok(worst < 0.02, `${worst}`);
  });
});
