// What each way of fine-tuning takes beside full fine-tuning: time a step, memory, trained numbers, and what
// it saves. Each on a model of its own in a page of its own, since wasm memory never shrinks.

import type { Browser } from "playwright-core";
import type { FinetuneOptions, Method } from "../../../web/bertlet.d.ts";
import type { Site } from "../../support/serve.ts";
import { BertletPage } from "../driver/bertlet-page.ts";
import { describeShape, type Shape } from "../model/shape.ts";
import type { Variant } from "../page/contender.ts";
import { markdown, median, nameOfVariant } from "./markdown.ts";

/** Those with steps, each as it comes. */
const METHODS: Method[] = ["full", "head", "lora", "adalora", "adapter", "prompt", "prefix", "bitfit"];
/** AdamW's two moments, in f32. */
const MOMENTS_BYTES = 8;

interface Found {
  name: string;
  milliseconds: number;
  trained: number;
  savedBytes: number;
  wasmBytes: number;
}

export async function methodsTable(
  browser: Browser,
  site: Site,
  shape: Shape,
  variant: Variant,
  { samples, budgetMs }: { samples: number; budgetMs: number },
): Promise<string> {
  const ways: [string, FinetuneOptions][] = METHODS.map((method) => [method, { method }]);
  ways.push(["full, lower half frozen", { freezeLayers: Math.floor(shape.layers / 2) }]);
  const found: Found[] = [];
  for (const [name, options] of ways) {
    console.error(`methods: ${name}`);
    const page = await BertletPage.open(browser, site, "train", shape, variant, options);
    try {
      await page.measure(3, budgetMs);
      const times = await page.measure(samples, budgetMs);
      const [trained = 0, savedBytes = 0] = await page.about();
      const counts = await page.stepCounts();
      const wasmBytes = counts.at(-1)?.wasmBytes ?? Number.NaN;
      found.push({ name, milliseconds: median(times), trained, savedBytes, wasmBytes });
    } finally {
      await page.close();
    }
  }
  const [full] = found as [Found];
  const row = ({ name, milliseconds, trained, savedBytes, wasmBytes }: Found): string[] => [
    name,
    milliseconds.toFixed(0),
    (milliseconds / full.milliseconds).toFixed(2),
    trained.toLocaleString("en"),
    mebibytes(trained * MOMENTS_BYTES, 2),
    `${((100 * trained) / full.trained).toFixed(2)} %`,
    mebibytes(wasmBytes, 0),
    mebibytes(savedBytes, 2),
  ];
  return [
    `${describeShape(shape)}, ${nameOfVariant(variant)}: each way of fine-tuning with its default options. Milliseconds are the median of ${samples} steps after 3; memory is wasm's at its most, MiB. A run of "head" is of rows seen for the first time: from the second epoch on its encoder is not computed.`,
    "",
    markdown(
      [
        "method",
        "step, ms",
        "/ full",
        "trained numbers",
        "AdamW's state, MiB",
        "/ full",
        "memory, MiB",
        "saved, MiB",
      ],
      found.map(row),
    ),
  ].join("\n");
}

function mebibytes(bytes: number, digits: number): string {
  return (bytes / 2 ** 20).toFixed(digits);
}
