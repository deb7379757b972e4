// Every parameter's gradient by name against torch, on both devices in Chromium; and gradients of large
// activations. Calls the wasm boundary itself, since the public API gives no gradients.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type DeviceName, decodeFloats, onEngine, type Stage, suite } from "../../support/browser.ts";
import {
  checkpointFile,
  floats,
  parseSafetensors,
  readJson,
  readSafetensors,
  writeSafetensors,
} from "../../support/checkpoints.ts";

/** Norm of a gradient's difference over the gradient's norm. */
const TOLERANCE: Record<DeviceName, number> = { wasm: 1e-3, webgpu: 5e-3 };

interface Rows {
  checkpoint: string;
  max_length: number;
  texts: string[];
  labels: number[];
}

const rows = readJson<Rows>("gradients/rows.json");

type Gradients = [name: string, values: number[]][];

async function gradients(
  stage: Stage,
  device: DeviceName,
  pooling: string,
  weights: Buffer,
): Promise<Gradients> {
  const found = await onEngine(stage, (page) =>
    page.evaluate(
      async ({ rows, device, pooling, weights }) => {
        const file = async (name: string) =>
          new Uint8Array(await (await fetch(`data/checkpoints/${rows.checkpoint}/${name}`)).arrayBuffer());
        const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0));
        const engine = await window.openEngine(device);
        const options = { pooling, maxLength: rows.max_length, seed: 42 };
        await engine.load(await file("config.json"), await file("tokenizer.json"), bytes, options);
        const found: { name: string; values: Float32Array }[] = await engine.gradients(
          engine.encode(rows.texts),
          Uint32Array.from(rows.labels),
        );
        return found.map(({ name, values }) => [name, window.encodeFloats(values)] as const);
      },
      { rows, device, pooling, weights: weights.toString("base64") },
    ),
  );
  return found.map(([name, values]) => [name, [...decodeFloats(values)]]);
}

const norm = (values: number[]) => Math.hypot(...values);

suite.each("a backward pass computes what torch computes", (stage, device) => {
  for (const pooling of device === "wasm" ? ["pooler", "cls", "mean", "max"] : ["pooler", "max"]) {
    test(`each parameter's gradient, pooled by ${pooling}`, async () => {
      const reference = readSafetensors(`gradients/${pooling}.safetensors`);
      const weights = checkpointFile(rows.checkpoint, "model.safetensors");
      const found = await gradients(stage, device, pooling, weights);
      const names = Object.keys(reference.header).filter((name) => name.startsWith("grad."));
      assert.equal(found.length, names.length);
      for (const [name, values] of found) {
        const expected = [...floats(reference, `grad.${name}`)];
        const difference = norm(values.map((value, at) => value - (expected[at] ?? Number.NaN)));
        // softmax ignores a shift of the scores, so that a key bias's true gradient is zero.
        const allowed = name.endsWith("key.bias") ? 1e-5 : TOLERANCE[device] * norm(expected);
        assert.ok(difference <= allowed, `${name}: ${difference}, allowed ${allowed}`);
      }
    });
  }

  // Here, where the shaders are compiled.
  if (device !== "webgpu") return;
  test("activations far out have finite gradients, the same on both devices", async () => {
    const file = parseSafetensors(checkpointFile(rows.checkpoint, "model.safetensors"));
    const data = Buffer.from(file.data);
    for (const [name, { data_offsets }] of Object.entries(file.header)) {
      if (!name.includes("intermediate.dense.weight") && !name.includes("pooler.dense.weight")) continue;
      for (let at = data_offsets[0]; at < data_offsets[1]; at += 4)
        data.writeFloatLE(data.readFloatLE(at) * 50, at);
    }
    const weights = writeSafetensors({ header: file.header, data });
    const cpu = await gradients(stage, "wasm", "pooler", weights);
    const gpu = await gradients(stage, "webgpu", "pooler", weights);
    const [expected, found] = [cpu, gpu].map((each) => each.flatMap(([, values]) => values)) as [
      number[],
      number[],
    ];
    const difference = norm(expected.map((value, at) => value - (found[at] ?? Number.NaN)));
    assert.ok(difference <= TOLERANCE.webgpu * norm(expected), `${difference} of ${norm(expected)}`);
  });
});
