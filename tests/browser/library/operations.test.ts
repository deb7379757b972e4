// Each operation alone, forward and backward, on random tensors of awkward sizes, against float64 formulas,
// in every form of its shaders in Chromium. Calls the wasm boundary itself, as gradients.test.ts does.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type DeviceName, decodeFloats, suite } from "../../support/browser.ts";
import type { Numbers } from "../../support/operations/float64.ts";
import { operations } from "../../support/operations/index.ts";
import { root } from "../../support/serve.ts";

/**
 * Absolute difference of a value, over the largest value of its tensor (or 0.01). f32 rounds to 6e-8; sums of
 * hundreds of terms, and a GPU's exp and 1/√x, are a few times coarser each.
 */
const TOLERANCE: Record<DeviceName, number> = { wasm: 2e-5, webgpu: 5e-5 };
/** The true gradient of a key bias is zero: its differences count absolutely. */
const NOTHING = ["d key bias"];

/** The worst difference, in units of the allowed one; infinite for a value that is missing. */
function off(found: Numbers, expected: Numbers, device: DeviceName): { name: string; times: number } {
  let worst = { name: "", times: 0 };
  for (const [name, values] of Object.entries(expected)) {
    const here = found[name] ?? [];
    let largest = NOTHING.includes(name) ? 1 : 0.01;
    for (const value of values) largest = Math.max(largest, Math.abs(value));
    for (let at = 0; at < values.length; at++) {
      const difference = Math.abs((here[at] ?? Number.NaN) - (values[at] as number));
      const times = difference / (TOLERANCE[device] * largest);
      if (!(times <= worst.times)) worst = { name: `${name} at ${at}`, times: times >= 0 ? times : Infinity };
    }
  }
  return worst;
}

/**
 * A GPU without subgroups differs from one with them in how threads share a row, and in nothing else: these are the rooms of
 * shaders that have that part, and their operations.
 */
const ROW_OPERATIONS: Record<string, string[]> = {
  attention: ["self_attention"],
  layer_norm: ["layer_norm"],
  loss: ["cross_entropy", "binary_cross_entropy", "cosine_loss"],
};

test("the operations whose threads share rows are those of the shaders with that part", async () => {
  const folder = join(root, "crate/src/kernels/webgpu/shaders");
  const found = new Set<string>();
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith(".wgsl")) continue;
    const shader = await readFile(join(folder, name), "utf8");
    if (/^#parts .*\bRowThreads\b/m.test(shader)) found.add(name.split("/")[0] as string);
  }
  assert.deepEqual([...found].sort(), Object.keys(ROW_OPERATIONS));
});

/**
 * Products with the same shaders as low_rank's, which compile for long. On a software adapter whole passes hold them too,
 * forward and backward (hidden-states, gradients).
 */
const PRODUCTS = ["dense", "decoder_logits"];

/** Columns and bits per number of each stored matrix. */
function keptBits(found: Numbers): [number, number][] {
  const bits = Object.entries(found).filter(([name]) => name.startsWith("bits of "));
  return bits.map(([, [columns = 0, bits = 0]]) => [columns, bits]);
}

suite.everyForm("each operation computes what float64 does", (stage, device, adapter) => {
  const rowOperations = Object.values(ROW_OPERATIONS).flat();
  const held = operations.filter(({ name }) => {
    if (adapter === "software without subgroups") return !PRODUCTS.includes(name);
    return adapter !== "GPU without subgroups" || rowOperations.includes(name);
  });
  let watched = false;
  // A browser that refuses a shader leaves the output unchanged, and writes a line on the console.
  const refused: string[] = [];

  async function run(operation: string, sizes: number[], seed: number): Promise<Numbers> {
    if (!watched) {
      stage.page.on("console", (line) => {
        if (line.text().includes("nvalid")) refused.push(line.text());
      });
      watched = true;
    }
    const found = await stage.page.evaluate(
      async ({ device, operation, sizes, seed }) => {
        const engine = await window.openEngine(device);
        const found: { name: string; values: Float32Array }[] = await engine.runOperation(
          operation,
          Uint32Array.from(sizes),
          seed,
        );
        return found.map(({ name, values }) => [name, window.encodeFloats(values)] as const);
      },
      { device, operation, sizes, seed },
    );
    assert.deepEqual(refused, []);
    return Object.fromEntries(found.map(([name, values]) => [name, [...decodeFloats(values)]]));
  }

  const cases = held.flatMap(({ name, cases, f16 = [], reference }) => [
    ...cases.map((sizes) => ({ operation: name, sizes, isF16: false, reference })),
    ...f16.map((sizes) => ({ operation: `${name} f16`, sizes, isF16: true, reference })),
  ]);
  for (const [seed, { operation, sizes, isF16, reference }] of cases.entries()) {
    test(`${operation} ${sizes.join(" x ")}`, async () => {
      const found = await run(operation, sizes, seed);
      for (const [columns, bits] of keptBits(found)) {
        const half = device === "webgpu" && isF16 && columns % 4 === 0;
        assert.equal(bits, half ? 16 : 32);
      }
      const worst = off(found, reference(found, sizes), device);
      assert.ok(worst.times <= 1, `${worst.name}: ${worst.times} times what is allowed`);
    });
  }

  test("and one number that is different would be seen", async () => {
    for (const { name: operation, cases, reference } of held) {
      const sizes = cases.at(-1) as number[];
      const found = await run(operation, sizes, 1);
      const [name, values] = Object.entries(found)[0] as [string, number[]];
      // The embedding table is changed where a token reads it; gather_rows reads the last row first.
      const word = operation === "embed" ? (found.ids?.[0] as number) * (sizes[2] as number) : 0;
      const at = operation === "gather_rows" ? ((sizes[0] as number) - 1) * (sizes[1] as number) : word;
      const other = values.with(at, (values[at] as number) + 0.5);
      const worst = off(found, reference({ ...found, [name]: other }, sizes), device);
      assert.ok(worst.times > 1, `${operation}: ${name} may be off by 0.5`);
    }
  });

  test("and dropout drops the share that it is asked to", async () => {
    const { mask = [] } = await run("layer_norm", [64, 256, 30], 3);
    const dropped = mask.filter((value) => value === 0).length / mask.length;
    assert.ok(Math.abs(dropped - 0.3) < 0.02, `dropped ${dropped} of ${mask.length}`);
    for (const value of mask)
      assert.ok(value === 0 || Math.abs(value - 1 / 0.7) < 1e-6, `a factor of ${value}`);
  });
});
