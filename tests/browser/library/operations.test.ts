// Each operation alone, forward and backward, on random tensors of awkward sizes, against float64 formulas,
// on every path in Chromium. Calls the wasm boundary itself, as gradients.test.ts does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type DeviceName, decodeFloats, suite } from "../../support/browser.ts";
import { type Numbers, type Reference, references } from "../../support/operation-references.ts";

/**
 * Absolute difference of a value, over the largest value of its tensor (or 0.01). f32 rounds to 6e-8; sums of
 * hundreds of terms, and a GPU's exp and 1/√x, are a few times coarser each.
 */
const TOLERANCE: Record<DeviceName, number> = { wasm: 2e-5, webgpu: 5e-5 };
/** The true gradient of a key bias is zero: its differences count absolutely. */
const NOTHING = ["d key bias"];

/** Sizes: one, no multiple of 4 or of a tile, just above a tile, and the largest in use. */
const CASES: [operation: string, ...sizes: number[]][] = [
  // rows, inputs, outputs, activation: 0 identity, 1 gelu, 2 gelu_new, 3 relu, 4 tanh
  ["dense", 1, 1, 1, 0],
  ["dense", 1, 128, 128, 4],
  ["dense", 3, 5, 7, 1],
  ["dense", 7, 36, 2, 0],
  ["dense", 8, 64, 200, 0],
  ["dense", 33, 64, 100, 1],
  ["dense", 31, 128, 36, 2],
  ["dense", 65, 30, 32, 3],
  ["dense", 130, 68, 36, 1],
  // Matrices that a GPU stores as 16-bit floats, and matrices whose sizes do not allow it.
  ["dense f16", 1, 128, 128, 4],
  ["dense f16", 3, 5, 7, 1],
  ["dense f16", 8, 64, 200, 0],
  ["dense f16", 31, 127, 36, 2],
  ["dense f16", 130, 68, 36, 1],
  ["dense f16", 512, 96, 384, 1],
  // rows, hidden, vocabulary
  ["decoder_logits", 1, 1, 1],
  ["decoder_logits", 3, 36, 5],
  ["decoder_logits", 5, 7, 30],
  ["decoder_logits", 33, 64, 200],
  ["decoder_logits", 77, 32, 1030],
  ["decoder_logits f16", 3, 36, 5],
  ["decoder_logits f16", 33, 64, 200],
  ["decoder_logits f16", 77, 32, 1030],
  // rows, columns, rows taken
  ["gather_rows", 1, 1, 1],
  ["gather_rows", 5, 7, 2],
  ["gather_rows", 300, 36, 100],
  ["gather_rows f16", 300, 36, 100],
  // batch, tokens, hidden, vocabulary
  ["embed", 1, 1, 4, 5],
  ["embed", 3, 31, 36, 20],
  ["embed", 2, 7, 5, 9],
  ["embed", 1, 512, 32, 50],
  ["embed f16", 3, 31, 36, 20],
  ["embed f16", 2, 7, 5, 9],
  // rows, hidden, dropout in percent
  ["layer_norm", 1, 4, 0],
  ["layer_norm", 3, 7, 30],
  ["layer_norm", 33, 36, 10],
  ["layer_norm", 65, 384, 0],
  // batch, tokens, heads, head_dim, dropout in percent
  ["self_attention", 1, 1, 2, 32, 0],
  ["self_attention", 2, 31, 3, 32, 10],
  ["self_attention", 2, 5, 2, 7, 30],
  ["self_attention", 2, 9, 2, 64, 0],
  ["self_attention", 1, 130, 1, 32, 20],
  ["self_attention", 1, 512, 1, 32, 0],
  // batch, tokens, hidden: 0 the first token, 1 the mean, 2 the largest
  ["pool", 1, 1, 4, 0],
  ["pool", 3, 31, 36, 0],
  ["pool", 3, 31, 36, 2],
  ["pool", 2, 512, 5, 2],
  ["pool", 2, 6, 5, 1],
  ["pool", 3, 31, 36, 1],
  // rows, columns, activation
  ["activation", 1, 1, 4],
  ["activation", 33, 36, 1],
  ["activation", 5, 7, 2],
  ["activation", 3, 20, 3],
  // rows, inputs, outputs, rank
  ["low_rank", 1, 1, 1, 1],
  ["low_rank", 3, 5, 7, 2],
  ["low_rank", 33, 64, 100, 8],
  ["low_rank", 130, 36, 68, 4],
  ["low_rank f16", 33, 64, 100, 8],
  // rows, classes; 0 the mean, 1 weighted
  ["cross_entropy", 1, 2, 0],
  ["cross_entropy", 8, 2, 0],
  ["cross_entropy", 33, 3, 1],
  ["cross_entropy", 2, 8_191, 0],
  ["cross_entropy", 70, 200, 0],
  ["cross_entropy", 9, 200, 1],
  ["cross_entropy", 3, 2001, 1],
  // rows, classes
  ["binary_cross_entropy", 1, 1],
  ["binary_cross_entropy", 8, 3],
  ["binary_cross_entropy", 33, 200],
  // pairs, hidden
  ["cosine_loss", 1, 3],
  ["cosine_loss", 17, 36],
  // elements
  ["adamw", 1],
  ["adamw", 100],
  ["adamw", 4099],
  ["adamw", 40_000],
  // elements of each tensor
  ["square_sum", 300_001, 1, 4096, 4097, 40_000, 128, 3, 512, 36, 2, 8, 8, 8, 5, 12, 300_000],
  ["square_sum", 3, 4],
  // rows, columns, rows taken
  ["scatter_rows", 5, 7, 2],
  ["scatter_rows", 300, 36, 100],
  ["scatter_rows f16", 300, 36, 100],
];

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

/** Columns and bits per number of each stored matrix. */
function keptBits(found: Numbers): [number, number][] {
  const bits = Object.entries(found).filter(([name]) => name.startsWith("bits of "));
  return bits.map(([, [columns = 0, bits = 0]]) => [columns, bits]);
}

suite.everyPath("each operation computes what float64 does", (stage, device) => {
  let watched = false;
  // A browser that refuses a shader leaves the output unchanged, and writes a line on the console.
  const refused: string[] = [];

  async function trial(operation: string, sizes: number[], seed: number): Promise<Numbers> {
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

  for (const [seed, [operation, ...sizes]] of CASES.entries()) {
    test(`${operation} ${sizes.join(" x ")}`, async () => {
      const [name, halves] = operation.split(" ") as [string, string?];
      const reference = references[name] as Reference;
      const found = await trial(operation, sizes, seed);
      for (const [columns, bits] of keptBits(found)) {
        const half = device === "webgpu" && halves !== undefined && columns % 4 === 0;
        assert.equal(bits, half ? 16 : 32);
      }
      const worst = off(found, reference(found, sizes), device);
      assert.ok(worst.times <= 1, `${worst.name}: ${worst.times} times what is allowed`);
    });
  }

  test("and one number that is different would be seen", async () => {
    for (const [operation, reference] of Object.entries(references)) {
      const [, ...sizes] = CASES.findLast(([name]) => name === operation) as [string, ...number[]];
      const found = await trial(operation, sizes, 1);
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
    const { mask = [] } = await trial("layer_norm", [64, 256, 30], 3);
    const dropped = mask.filter((value) => value === 0).length / mask.length;
    assert.ok(Math.abs(dropped - 0.3) < 0.02, `dropped ${dropped} of ${mask.length}`);
    for (const value of mask)
      assert.ok(value === 0 || Math.abs(value - 1 / 0.7) < 1e-6, `a factor of ${value}`);
  });
});
