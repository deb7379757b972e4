// Hidden states after the embeddings and after every layer against transformers, on both devices in Chromium,
// for tiny checkpoints and the default one. Calls the wasm boundary itself, since the public API gives pooled
// states only.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type DeviceName, decodeFloats, onEngine, type Stage, suite } from "../../support/browser.ts";
import { difference, floats, integers, readJson, readSafetensors } from "../../support/checkpoints.ts";
import { root } from "../../support/serve.ts";

/** The greatest absolute difference of a hidden state, padding aside. */
const TOLERANCE: Record<DeviceName, number> = { wasm: 1e-4, webgpu: 1e-3 };

interface About {
  max_length: number;
  texts: string[];
  layers: number;
}

const folders = readdirSync(join(root, "tests/reference/data/checkpoints")).map((name) => ({
  name: `forward/${name}`,
  folder: `data/checkpoints/${name}/`,
}));
const CHECKPOINTS = [...folders, { name: "real/all-MiniLM-L6-v2", folder: "models/published/" }];

async function states(
  stage: Stage,
  device: DeviceName,
  folder: string,
  about: About,
): Promise<Float32Array[]> {
  const states = await onEngine(stage, (page) =>
    page.evaluate(
      async ({ device, folder, texts, maxLength }) => {
        const file = async (name: string) => {
          const response = await fetch(`${folder}${name}`);
          return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
        };
        const tokenizer = (await file("tokenizer.json")) ?? (await file("vocab.txt"));
        const config = await file("tokenizer_config.json");
        const engine = await window.openEngine(device);
        await engine.load(await file("config.json"), tokenizer, await file("model.safetensors"), {
          maxLength,
          seed: 42,
          tokenizerConfig: config === undefined ? undefined : new TextDecoder().decode(config),
        });
        const found: Float32Array[] = await engine.hiddenStates(engine.encode(texts));
        return found.map(window.encodeFloats);
      },
      { device, folder, texts: about.texts, maxLength: about.max_length },
    ),
  );
  return states.map(decodeFloats);
}

suite.each("hidden states are what transformers computes", (stage, device) => {
  for (const { name, folder } of CHECKPOINTS) {
    test(`${name}, after every layer`, async () => {
      const about = readJson<About>(`${name}.json`);
      const reference = readSafetensors(`${name}.safetensors`);
      const found = await states(stage, device, folder, about);
      assert.equal(found.length, about.layers + 1);
      const mask = integers(reference, "attention_mask");
      for (const [layer, state] of found.entries()) {
        const expected = floats(reference, `hidden_states.${layer}`);
        const hidden = expected.length / mask.length;
        // Hidden states of padding are not compared.
        const real = (all: Float32Array) =>
          Array.from(all).filter((_, at) => mask[Math.floor(at / hidden)] === 1);
        const worst = difference(real(state), real(expected));
        assert.ok(worst <= TOLERANCE[device], `after layer ${layer}: ${worst}`);
        if (layer === about.layers) assert.ok(worst > 0, "compared with itself");
      }
    });
  }
});
