// Twenty steps of each fine-tuning method from peft's initial weights: losses and gradient norms against
// peft, in Chromium. Calls the wasm boundary itself, since peft's batches differ in size.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type DeviceName, onEngine, type Stage, suite } from "../../support/browser.ts";
import {
  checkpointFile,
  parseSafetensors,
  readData,
  readJson,
  readSafetensors,
  type Safetensors,
  writeSafetensors,
} from "../../support/checkpoints.ts";

/** Absolute difference of a loss. */
const TOLERANCE: Record<DeviceName, number> = { wasm: 1e-3, webgpu: 5e-3 };

interface Recipe {
  checkpoint: string;
  pooling: string;
  method: string;
  r: number;
  lora_alpha: number;
  target_modules: string[];
  init_r: number;
  target_r: number;
  tinit: number;
  tfinal: number;
  deltaT: number;
  orth_reg_weight: number;
  num_virtual_tokens: number;
  adapter_size: number;
  freeze_layers: number;
  layer_decay: number;
}

interface Step {
  loss: number;
  cross_entropy?: number;
  grad_norm: number;
}

interface Rows {
  checkpoint: string;
  max_length: number;
  rows: { text: string; label: number }[];
  batches: number[][];
}

const rows = readJson<Rows>("training/rows.json");

/** The initial weights of a method: tensors named "initial.", without that prefix. */
function initial(name: string): Safetensors {
  const { header, data } = readSafetensors(`peft/${name}.safetensors`);
  const chosen = Object.entries(header).filter(([tensor]) => tensor.startsWith("initial."));
  return packed(chosen.map(([tensor, about]) => [tensor.slice("initial.".length), about, data]));
}

/** Tensors of several files in one. */
function packed(tensors: [string, Safetensors["header"][string], Buffer][]): Safetensors {
  const header: Safetensors["header"] = {};
  const parts: Buffer[] = [];
  let at = 0;
  for (const [name, about, data] of tensors) {
    const part = data.subarray(...about.data_offsets);
    header[name] = { ...about, data_offsets: [at, at + part.length] };
    parts.push(part);
    at += part.length;
  }
  return { header, data: Buffer.concat(parts) };
}

function optionsOf(recipe: Recipe, steps: number): object {
  const low = { alpha: recipe.lora_alpha, dropout: 0, targetModules: recipe.target_modules };
  const options = {
    // All rows in one batch: an epoch is a step.
    epochs: steps,
    batchSize: rows.rows.length,
    learningRate: 1e-3,
    weightDecay: 0.01,
    warmupRatio: 0.1,
    schedule: "linear",
    maxGradNorm: 3,
    dropout: 0,
    shuffle: false,
    method: recipe.method,
    freezeLayers: recipe.freeze_layers ?? 0,
    layerDecay: recipe.layer_decay ?? 1,
  };
  switch (recipe.method) {
    case "lora":
      return { ...options, lora: { rank: recipe.r, ...low } };
    case "adalora":
      return {
        ...options,
        adalora: {
          targetRank: recipe.target_r,
          initialRank: recipe.init_r,
          warmupRatio: recipe.tinit / steps,
          finalRatio: recipe.tfinal / steps,
          interval: recipe.deltaT,
          orthogonality: recipe.orth_reg_weight,
          ...low,
        },
      };
    case "prompt":
    case "prefix":
      return { ...options, virtualTokens: recipe.num_virtual_tokens };
    case "adapter":
      return { ...options, adapterSize: recipe.adapter_size };
    default:
      return options;
  }
}

interface Given {
  device: DeviceName;
  tokenizer: string;
  pooling: string;
  config: string;
  /** In base64, as the adapter's weights. */
  weights: string;
  adapter: { config: string; weights: string } | undefined;
  options: object;
  rows: Rows;
  steps: number;
}

async function losses(stage: Stage, given: Given): Promise<{ loss: number; gradNorm: number }[]> {
  return onEngine(stage, (page) =>
    page.evaluate(async ({ device, tokenizer, pooling, config, weights, adapter, options, rows, steps }) => {
      const bytes = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const engine = await window.openEngine(device);
      const how = { pooling, maxLength: rows.max_length, seed: 42 };
      const utf8 = (text: string) => new TextEncoder().encode(text);
      await engine.load(utf8(config), utf8(tokenizer), bytes(weights), how);
      if (adapter !== undefined) {
        engine.addAdapter("default", utf8(adapter.config), bytes(adapter.weights));
        engine.useAdapter("default");
      }
      const encoding = engine.encode(rows.rows.map(({ text }) => text));
      const targets = Uint32Array.from(rows.rows, ({ label }) => label);
      engine.beginTraining(encoding, targets, undefined, options, "default");
      const found = [];
      for (const batch of rows.batches.slice(0, steps)) {
        const { loss, gradNorm } = await engine.trainStepOn(Uint32Array.from(batch));
        found.push({ loss, gradNorm });
      }
      return found;
    }, given),
  );
}

const METHODS = [
  "lora",
  "lora_all",
  "lora_all_halves",
  "adalora",
  "prompt",
  "prompt_halves",
  "prefix",
  "prefix_mean",
  "adapter",
  "bitfit",
  "head",
  "freeze1",
  "layer_decay",
];

function holds(stage: Stage, device: DeviceName, name: string): void {
  test(`twenty steps of ${name}`, async () => {
    const { recipe, steps } = readJson<{ recipe: Recipe; steps: Step[] }>(`peft/${name}.json`);
    let config = checkpointFile(recipe.checkpoint, "config.json").toString();
    let weights = checkpointFile(recipe.checkpoint, "model.safetensors");
    let adapter: Given["adapter"];
    if (["lora", "adalora", "prompt", "prefix"].includes(recipe.method)) {
      adapter = {
        config: readData(`peft/saved_${name}/adapter_config.json`).toString(),
        weights: writeSafetensors(initial(name)).toString("base64"),
      };
    } else if (recipe.method === "adapter") {
      const bertlet = { pooling: recipe.pooling, adapter_size: recipe.adapter_size };
      config = JSON.stringify({ ...JSON.parse(config), bertlet });
      const tensors = new Map<string, [string, Safetensors["header"][string], Buffer]>();
      for (const { header, data } of [parseSafetensors(weights), initial(name)]) {
        for (const [tensor, about] of Object.entries(header)) tensors.set(tensor, [tensor, about, data]);
      }
      weights = writeSafetensors(packed([...tensors.values()]));
    }
    const found = await losses(stage, {
      device,
      tokenizer: checkpointFile(recipe.checkpoint, "tokenizer.json").toString(),
      pooling: recipe.pooling,
      config,
      weights: weights.toString("base64"),
      adapter,
      options: optionsOf(recipe, steps.length),
      rows,
      steps: steps.length,
    });
    for (const [at, step] of steps.entries()) {
      const { loss, gradNorm } = found[at] as (typeof found)[number];
      const off = Math.abs(loss - (step.cross_entropy ?? step.loss));
      assert.ok(off <= TOLERANCE[device], `step ${at + 1}: loss ${loss}, expected ${step.loss}`);
      assert.ok(Math.abs(gradNorm / step.grad_norm - 1) < 2e-2, `step ${at + 1}: norm ${gradNorm}`);
    }
  });
}

suite("each way of fine-tuning does what peft does", (stage, device) => {
  for (const name of METHODS) holds(stage, device, name);
});
