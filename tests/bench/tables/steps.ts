// Where a training step goes: each of its operations timed alone, times how often it occurs, against the
// whole step as the public API gives it; and on WebGPU what a step asks of the device.

import type { Browser } from "playwright-core";
import type { Site } from "../../support/serve.ts";
import { BertletPage } from "../driver/bertlet-page.ts";
import { type Operation, OperationTimer } from "../driver/operation-timer.ts";
import { describeShape, type Shape, tensorShapes } from "../model/shape.ts";
import type { Variant } from "../page/contender.ts";
import { figure, markdown, median, nameOfVariant } from "./markdown.ts";
import { wordsOf } from "./memory.ts";

export interface Pace {
  samples: number;
  /** For the whole steps, and for each operation. */
  budgetMs: number;
  operationMs: number;
}

/** An operation's part is the sum of its terms: times a step, by what is timed. */
type Terms = readonly (readonly [times: number, operation: Operation])[];

/** Percent, as the checkpoints have it. */
const DROPOUT = 10;
/** Activations, by their numbers in the sizes of a test entry. */
const [IDENTITY, GELU, TANH] = [0, 1, 4];

function parts(shape: Shape, words: number): Record<string, Terms> {
  const { batch, seqLen, layers, heads, hidden, intermediate, classes } = shape;
  const rows = batch * seqLen;
  const dense = (inputs: number, outputs: number, activation = IDENTITY): Operation => {
    return ["dense", rows, inputs, outputs, activation];
  };
  const square = dense(hidden, hidden);
  const attention: Operation = ["self_attention", batch, seqLen, heads, hidden / heads, DROPOUT, 0];
  // A run trains only the rows of its words.
  const counts = [...tensorShapes(shape)].map(([name, dimensions]) => {
    const of = name.includes("word_embeddings") ? [words, hidden] : dimensions;
    return of.reduce((product, size) => product * size, 1);
  });
  return {
    "dense products": [
      [4 * layers, square],
      [layers, dense(hidden, intermediate)],
      [layers, dense(intermediate, hidden)],
      [1, ["dense", batch, hidden, hidden, TANH]],
      [1, ["dense", batch, hidden, classes, IDENTITY]],
    ],
    // Without its three dense layers, which are counted above.
    "attention between tokens": [
      [layers, attention],
      [-3 * layers, square],
    ],
    "activation (GELU)": [
      [layers, dense(hidden, intermediate, GELU)],
      [-layers, dense(hidden, intermediate)],
    ],
    "LayerNorm, residual, dropout": [
      [2 * layers, ["layer_norm", rows, hidden, DROPOUT]],
      [1, ["layer_norm", rows, hidden, 0]],
    ],
    embeddings: [[1, ["embed", batch, seqLen, hidden, words]]],
    pooling: [[1, ["pool", batch, seqLen, hidden, 0]]],
    "cross-entropy": [[1, ["cross_entropy", batch, classes, 0]]],
    "gradient norm": [[1, ["square_sum", ...counts]]],
    "optimizer (AdamW)": counts.map((count) => [1, ["adamw", count]]),
  };
}

export async function stepsTable(
  browser: Browser,
  site: Site,
  shape: Shape,
  variants: readonly Variant[],
  pace: Pace,
): Promise<string> {
  const columns = new Map<string, string[]>();
  const notes: string[] = [];
  for (const variant of variants) {
    console.error(`steps: ${shape.name}, ${nameOfVariant(variant)}`);
    const { milliseconds, note } = await whole(browser, site, shape, variant, pace);
    notes.push(...note);
    const wholeMs = median(milliseconds);
    const operations = parts(shape, wordsOf(shape, milliseconds.length + 1));
    const times = await timed(browser, site, variant, operations, pace);
    const rest = wholeMs - [...times.values()].reduce((sum, ms) => sum + ms, 0);
    const add = (name: string, ms: number) => {
      const cells = [figure(ms), `${((100 * ms) / wholeMs).toFixed(0)} %`];
      columns.set(name, [...(columns.get(name) ?? []), ...cells]);
    };
    for (const [name, ms] of times) add(name, ms);
    add("the rest", rest);
    add(`the whole step, measured`, wholeMs);
  }
  return [
    `Where a training step goes. ${describeShape(shape)}. Each operation, forward and backward, timed alone and multiplied with how often it occurs, ms and share.`,
    "",
    markdown(
      ["", ...variants.flatMap((variant) => [nameOfVariant(variant), ""])],
      [...columns].map(([name, cells]) => [name, ...cells]),
    ),
    ...notes.map((note) => `\n${note}`),
  ].join("\n");
}

async function whole(
  browser: Browser,
  site: Site,
  shape: Shape,
  variant: Variant,
  pace: Pace,
): Promise<{ milliseconds: number[]; note: string[] }> {
  const page = await BertletPage.open(browser, site, "train", shape, variant);
  try {
    await page.measure(3, pace.budgetMs / 4);
    const milliseconds = await page.measure(pace.samples, pace.budgetMs);
    if (variant.device !== "webgpu") return { milliseconds, note: [] };
    const [before, after] = (await page.stepCounts()).slice(-2);
    if (before === undefined || after === undefined) throw new Error("expected a run of two steps");
    const dispatches = after.dispatches - before.dispatches;
    const uploaded = after.uploadedBytes - before.uploadedBytes;
    return {
      milliseconds,
      note: [`A step on WebGPU: ${dispatches} dispatches, ${uploaded} bytes uploaded.`],
    };
  } finally {
    await page.close();
  }
}

/** Milliseconds a step of each part; an operation that several parts share is timed once. */
async function timed(
  browser: Browser,
  site: Site,
  variant: Variant,
  operations: Record<string, Terms>,
  pace: Pace,
): Promise<Map<string, number>> {
  const timer = await OperationTimer.open(browser, site, variant, pace.operationMs);
  try {
    const known = new Map<string, number>();
    for (const [, operation] of Object.values(operations).flat()) {
      const key = operation.join(" ");
      // Nothing is differentiated in an update, and its two times are one.
      if (!known.has(key)) known.set(key, (await timer.time(operation)).both);
    }
    const sum = (terms: Terms) =>
      terms.reduce((sum, [times, operation]) => sum + times * (known.get(operation.join(" ")) as number), 0);
    return new Map(Object.entries(operations).map(([name, terms]) => [name, sum(terms)]));
  } finally {
    await timer.close();
  }
}
