// The rate of bertlet's products of matrices, forward and the two transposed ones of the backward, beside the
// best that this machine gives: a native BLAS on the CPU, and a shader with nothing around it on WebGPU.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { root, type Site } from "../../support/serve.ts";
import { OperationTimer } from "../driver/operation-timer.ts";
import type { Shape } from "../model/shape.ts";
import type { Variant } from "../page/contender.ts";
import { markdown, nameOfVariant } from "./markdown.ts";

/** Rows by inner by columns. */
type Size = readonly [m: number, k: number, n: number];

/** What a program gives for each size, GFLOP/s. */
interface Rates {
  name: string;
  rates: string[];
}

export async function matmulTable(
  browser: Browser,
  site: Site,
  { batch, seqLen, hidden, intermediate }: Shape,
  variants: readonly Variant[],
  budgetMs: number,
): Promise<string> {
  const rows = batch * seqLen;
  const sizes: Size[] = [
    [rows, hidden, hidden],
    [rows, hidden, intermediate],
    [rows, intermediate, hidden],
  ];
  const found: Rates[] = [];
  for (const variant of variants) {
    console.error(`products: ${nameOfVariant(variant)}`);
    found.push(...(await ownRates(browser, site, variant, sizes, budgetMs)));
    found.push(
      variant.device === "webgpu"
        ? await shaderRates(browser, site, variant, sizes, budgetMs)
        : await nativeRates(variant.threads ?? 1, sizes),
    );
  }
  return [
    "Products of matrices, GFLOP/s. bertlet's forward adds a bias; its backward is the two transposed products of that size, xᵀg and gWᵀ, with the bias's sums, by the difference of two timings.",
    "",
    markdown(
      ["", ...sizes.map((size) => size.join(" x "))],
      found.map(({ name, rates }) => [name, ...rates]),
    ),
  ].join("\n");
}

async function ownRates(
  browser: Browser,
  site: Site,
  variant: Variant,
  sizes: readonly Size[],
  budgetMs: number,
): Promise<Rates[]> {
  const timer = await OperationTimer.open(browser, site, variant, budgetMs);
  try {
    const name = `bertlet, ${nameOfVariant(variant)}`;
    const [forward, backward]: [Rates, Rates] = [
      { name: `${name}, forward`, rates: [] },
      { name: `${name}, backward`, rates: [] },
    ];
    for (const size of sizes) {
      const ms = await timer.time(["dense", ...size, 0]);
      forward.rates.push(rate(size, ms.forward));
      backward.rates.push(rate(size, (ms.both - ms.forward) / 2));
    }
    return [forward, backward];
  } finally {
    await timer.close();
  }
}

async function shaderRates(
  browser: Browser,
  site: Site,
  variant: Variant,
  sizes: readonly Size[],
  budgetMs: number,
): Promise<Rates> {
  const timer = await OperationTimer.open(browser, site, variant, budgetMs);
  try {
    const rates: string[] = [];
    for (const size of sizes) rates.push(rate(size, await timer.shader(size)));
    return { name: "a bare shader, 8 rows x one vec4 a thread", rates };
  } finally {
    await timer.close();
  }
}

async function nativeRates(threads: number, sizes: readonly Size[]): Promise<Rates> {
  const script = join(root, "tests/bench/driver/blas.py");
  const name = `native BLAS, ${threads} thread${threads > 1 ? "s" : ""}`;
  const args = [script, `${threads}`, ...sizes.map((size) => size.join(","))];
  const missing = (reason: string): Rates => ({ name: `${name}: ${reason}`, rates: sizes.map(() => "") });
  const ran = await promisify(execFile)("python3", args).catch((error: Error) => error);
  if (ran instanceof Error) return missing(`python3 failed: ${ran.message.split("\n")[0]}`);
  const answer: { missing: string } | { library: string; milliseconds: number[] } = JSON.parse(ran.stdout);
  if ("missing" in answer) return missing(`missing, ${answer.missing}`);
  const rates = sizes.map((size, i) => rate(size, answer.milliseconds[i] as number));
  return { name: `${name} (${answer.library})`, rates };
}

function rate([m, k, n]: Size, milliseconds: number): string {
  return ((2 * m * k * n) / milliseconds / 1e6).toFixed(1);
}
