// How the time a token grows with the batch and with the length of the texts: M's model on the CPU, bertlet
// alone. Attention's own arithmetic grows with the square of the length; its operation is timed alone, to
// tell it apart.

import type { Browser } from "playwright-core";
import type { Site } from "../../support/serve.ts";
import { BertletPage } from "../driver/bertlet-page.ts";
import { type Operation, OperationTimer } from "../driver/operation-timer.ts";
import type { Shape } from "../model/shape.ts";
import type { Variant } from "../page/contender.ts";
import type { Task } from "../page/runner.ts";
import { figure, markdown, median, nameOfVariant } from "./markdown.ts";

const BATCHES = [1, 4, 8, 16, 64];
const LENGTHS = [16, 64, 128, 256, 512];
/** What the others are compared with. */
const USUAL = { batch: 8, seqLen: 64 };

export interface Pace {
  warmUps: number;
  samples: number;
  /** What the samples of one number may take together, after the first. */
  budgetMs: number;
}

interface Point {
  batch: number;
  seqLen: number;
  /** Median milliseconds, and of how many. */
  whole: Record<Task, { ms: number; samples: number }>;
  /** Of those, attention's part without its dense layers. */
  attention: Record<Task, number>;
}

export async function growthTable(
  browser: Browser,
  site: Site,
  shape: Shape,
  variant: Variant,
  pace: Pace,
): Promise<string> {
  const sizes = [
    ...BATCHES.map((batch) => ({ ...USUAL, batch })),
    ...LENGTHS.filter((seqLen) => seqLen !== USUAL.seqLen).map((seqLen) => ({ ...USUAL, seqLen })),
  ];
  const points: Point[] = [];
  const timer = await OperationTimer.open(browser, site, variant, pace.budgetMs / 8);
  for (const size of sizes) {
    const sized = { ...shape, ...size };
    console.error(`growth: batch ${size.batch} x ${size.seqLen} tokens`);
    const forward = await sample(browser, site, "forward", sized, variant, pace);
    const train = await sample(browser, site, "train", sized, variant, pace);
    points.push({ ...size, whole: { forward, train }, attention: await attentionOf(timer, sized) });
  }
  await timer.close();
  return tableOf(shape, variant, points);
}

async function sample(
  browser: Browser,
  site: Site,
  task: Task,
  shape: Shape,
  variant: Variant,
  pace: Pace,
): Promise<{ ms: number; samples: number }> {
  const page = await BertletPage.open(browser, site, task, shape, variant);
  try {
    await page.measure(pace.warmUps, pace.budgetMs / 4);
    const milliseconds = await page.measure(pace.samples, pace.budgetMs);
    return { ms: median(milliseconds), samples: milliseconds.length };
  } finally {
    await page.close();
  }
}

async function attentionOf(
  timer: OperationTimer,
  { batch, seqLen, heads, hidden, layers }: Shape,
): Promise<Record<Task, number>> {
  const attention = (dropout: number): Operation => {
    return ["self_attention", batch, seqLen, heads, hidden / heads, dropout, 0];
  };
  const dense = await timer.time(["dense", batch * seqLen, hidden, hidden, 0]);
  const inference = await timer.time(attention(0));
  const training = await timer.time(attention(10));
  return {
    forward: layers * Math.max(0, inference.forward - 3 * dense.forward),
    train: layers * Math.max(0, training.both - 3 * dense.both),
  };
}

function tableOf(shape: Shape, variant: Variant, points: readonly Point[]): string {
  const base = points.find(({ batch, seqLen }) => batch === USUAL.batch && seqLen === USUAL.seqLen) as Point;
  const tokenUs = ({ batch, seqLen }: Point, ms: number) => (ms * 1000) / (batch * seqLen);
  const cells = (point: Point, task: Task) => {
    const { ms, samples } = point.whole[task];
    const rest = (of: Point) => tokenUs(of, of.whole[task].ms - of.attention[task]);
    const all = (of: Point) => tokenUs(of, of.whole[task].ms);
    return [
      `${figure(ms)} [${samples}]`,
      `${figure(all(point))} (x ${(all(point) / all(base)).toFixed(2)})`,
      `${figure(tokenUs(point, point.attention[task]))}`,
      `${figure(rest(point))} (x ${(rest(point) / rest(base)).toFixed(2)})`,
    ];
  };
  const { layers, hidden } = shape;
  return [
    `Growth: bertlet, ${nameOfVariant(variant)}, ${layers} layers x ${hidden} hidden. A whole batch in ms: median [samples]; then microseconds a token: all of it, attention's share without its dense layers (scores, softmax, weighted sums: quadratic in the length), and the rest; in brackets against ${USUAL.batch} x ${USUAL.seqLen}.`,
    "",
    markdown(
      [
        "batch x tokens",
        ...["forward", "training"].flatMap((task) => [`${task}, ms`, "all", "attention", "rest"]),
      ],
      points.map((point) => [
        `${point.batch} x ${point.seqLen}`,
        ...cells(point, "forward"),
        ...cells(point, "train"),
      ]),
    ),
  ].join("\n");
}
