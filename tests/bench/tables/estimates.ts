// The estimates of `plan` for full fine-tuning beside what a run then takes: minutes, and the peak of wasm
// memory. The plan and the run each have a page of their own, since wasm memory never shrinks.

import type { Browser } from "playwright-core";
import type { Site } from "../../support/serve.ts";
import { BertletPage } from "../driver/bertlet-page.ts";
import { describeShape, type Shape } from "../model/shape.ts";
import type { Variant } from "../page/contender.ts";
import { markdown, nameOfVariant } from "./markdown.ts";

export interface EstimateCase {
  shape: Shape;
  steps: number;
}

export async function estimatesTable(
  browser: Browser,
  site: Site,
  variant: Variant,
  cases: readonly EstimateCase[],
): Promise<string> {
  const rows: string[][] = [];
  for (const { shape, steps } of cases) {
    console.error(`plan: ${describeShape(shape)}, ${nameOfVariant(variant)}, ${steps} steps`);
    const planner = await BertletPage.open(browser, site, "train", shape, variant);
    const [peakBytes = Number.NaN, minutes = Number.NaN] = await planner.plan(steps);
    await planner.close();
    const runner = await BertletPage.open(browser, site, "train", shape, variant);
    try {
      // A run is one step longer than what it measures; the first takes about as long as the others.
      const times = await runner.measure(steps - 1, Number.POSITIVE_INFINITY);
      const taken = (times.reduce((sum, ms) => sum + ms, 0) * steps) / (steps - 1) / 1000;
      const bytes = (await runner.stepCounts()).at(-1)?.wasmBytes ?? Number.NaN;
      rows.push([
        `${describeShape(shape)}, ${nameOfVariant(variant)}`,
        `${steps}`,
        ...compared(peakBytes / 2 ** 20, bytes / 2 ** 20, 0),
        ...compared(60 * minutes, taken, 1),
      ]);
    } finally {
      await runner.close();
    }
  }
  return [
    "The estimates of `plan` for full fine-tuning, and what a run of that many steps took: MiB of wasm memory at its peak, and seconds.",
    "",
    markdown(
      ["", "steps", "MiB estimated", "taken", "/ taken", "seconds estimated", "taken", "/ taken"],
      rows,
    ),
  ].join("\n");
}

function compared(estimated: number, taken: number, digits: number): string[] {
  return [estimated.toFixed(digits), taken.toFixed(digits), (estimated / taken).toFixed(2)];
}
