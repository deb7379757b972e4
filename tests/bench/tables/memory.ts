// The memory of fine-tuning, and whether it grows: one run of bertlet alone, looked at after its third step
// and after its last. Wasm memory never shrinks, so what it has at the end is its peak.

import type { Browser } from "playwright-core";
import type { Site } from "../../support/serve.ts";
import { BertletPage } from "../driver/bertlet-page.ts";
import { describeShape, type Shape, tokenIds } from "../model/shape.ts";
import type { Variant } from "../page/contender.ts";
import type { Counts } from "../page/gpu-counters.ts";
import { markdown, nameOfVariant } from "./markdown.ts";

export interface Case {
  shape: Shape;
  variant: Variant;
  steps: number;
}

const EARLY = 3;

export async function memoryTable(browser: Browser, site: Site, cases: readonly Case[]): Promise<string> {
  const rows: string[][] = [];
  for (const { shape, variant, steps } of cases) {
    console.error(`memory: ${describeShape(shape)}, ${nameOfVariant(variant)}, ${steps} steps`);
    const page = await BertletPage.open(browser, site, "train", shape, variant);
    try {
      await page.measure(steps - 1, Number.POSITIVE_INFINITY);
      const counts = await page.stepCounts();
      const cell = (of: (counts: Counts) => number) =>
        [counts[Math.min(EARLY, steps) - 1], counts.at(-1)].map((at) => mebibytes(at && of(at)));
      const buffers = variant.device === "webgpu" ? cell(({ bufferBytes }) => bufferBytes) : ["", ""];
      rows.push([
        `${describeShape(shape)}, ${nameOfVariant(variant)}`,
        `${wordsOf(shape, steps)}`,
        `${steps}`,
        ...cell(({ wasmBytes }) => wasmBytes),
        ...buffers,
      ]);
    } finally {
      await page.close();
    }
  }
  return [
    `Memory of full fine-tuning, every layer and all embeddings, MiB after step ${EARLY} and after the last of one run, whose texts are all different. A run trains the words that its texts use: their number.`,
    "",
    markdown(
      [
        "",
        "words",
        "steps",
        `wasm, ${EARLY} steps`,
        "all steps",
        `WebGPU buffers, ${EARLY} steps`,
        "all steps",
      ],
      rows,
    ),
  ].join("\n");
}

/** Distinct tokens of the texts of a run. */
export function wordsOf(shape: Shape, steps: number): number {
  const rows = Array.from({ length: steps * shape.batch }, (_, row) => tokenIds(shape, row));
  return new Set(rows.flat()).size;
}

function mebibytes(bytes = Number.NaN): string {
  return (bytes / 2 ** 20).toFixed(0);
}
