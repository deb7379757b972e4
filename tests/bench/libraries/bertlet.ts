// bertlet as a contender, through its public API as any page uses it: texts in, scores and step events out.
// Its times hold what the others leave out: tokenizing, the worker's messages, dropout, clipping.

import type * as Bertlet from "../../../web/bertlet.d.ts";
import { checkpoint, LABELS, text } from "../model/checkpoint.ts";
import { randomWeights, type Shape, target } from "../model/shape.ts";
import { answering, type Contender, type Measurement, type Variant } from "../page/contender.ts";

/** bertlet.js of the site, not a copy bundled into this page. */
const { Classifier }: typeof Bertlet = await import(new URL("./bertlet.js", location.href).href);

async function load(shape: Shape, { device, threads, form }: Variant): Promise<Bertlet.Classifier> {
  const options: Bertlet.LoadOptions = { device, maxLength: shape.seqLen };
  if (threads !== undefined) options.threads = threads;
  if (form === "int8") options.dtype = form;
  const classifier = await Classifier.load(checkpoint(shape, randomWeights(shape)), options);
  if (classifier.info.newTensors.length + classifier.info.unusedTensors.length > 0) {
    throw new Error(`expected every tensor to be used, found ${JSON.stringify(classifier.info)}`);
  }
  if (form === "int8" && classifier.info.dtype !== form) {
    throw new Error(`expected int8, found ${classifier.info.dtype}`);
  }
  return classifier;
}

export const bertlet: Contender = {
  name: "bertlet",
  variants: ([undefined, "int8"] as const).flatMap((form) =>
    [
      { device: "wasm" as const, threads: 1 },
      { device: "wasm" as const, threads: Math.min(navigator.hardwareConcurrency, 8) },
      { device: "webgpu" as const },
    ].map((on) => (form === undefined ? on : { ...on, form })),
  ),
  lacks: [],

  async forward(shape, variant) {
    const classifier = await load(shape, variant);
    return answering(async (index, { batch, seqLen } = shape) => {
      const texts = Array.from({ length: batch }, (_, row) =>
        text({ ...shape, seqLen }, index * batch + row),
      );
      // One text as people give it: not in a list.
      const found =
        batch === 1
          ? [await classifier.classify(texts[0] as string)]
          : await classifier.classify(texts, { batchSize: batch });
      return found.map(({ scores }) => scores.find(({ label }) => label === LABELS[0])?.score ?? Number.NaN);
    });
  },

  async train(shape, variant, options) {
    const classifier = await load(shape, variant);
    // Of the last step, so that a run can be made as long as its budget; the first run has the least steps.
    let stepMs = Number.POSITIVE_INFINITY;
    const measurement: Measurement = {
      check: [],
      async measure(count, budgetMs) {
        const affordable = budgetMs === Number.POSITIVE_INFINITY ? count : Math.floor(budgetMs / stepMs);
        const fits = Math.min(count, Math.max(1, affordable));
        const milliseconds = await runOf(classifier, shape, fits, options);
        stepMs = milliseconds.at(-1) ?? stepMs;
        return milliseconds;
      },
      // A short run tells how much it trains; an adapter is saved alone.
      async about() {
        const run = classifier.finetune({ train: rowsOf(shape, 1) }, { ...options, epochs: 1 });
        let trained = Number.NaN;
        for await (const event of run) if (event.type === "start") trained = event.trainedParameters;
        const adapter = classifier.info.activeAdapter !== undefined;
        const files: Blob[] = Object.values(
          adapter ? await classifier.saveAdapter() : await classifier.save(),
        );
        return [trained, files.reduce((sum, { size }) => sum + size, 0)];
      },
      async plan(steps) {
        const recipe = { ...options, epochs: 1, batchSize: shape.batch };
        const { peakBytes, minutes } = await classifier.plan({ train: rowsOf(shape, steps) }, recipe);
        return [peakBytes, minutes ?? Number.NaN];
      },
    };
    return measurement;
  },
};

/** The milliseconds of each step of a run but its first, which makes the optimizer's state. */
async function runOf(
  classifier: Bertlet.Classifier,
  shape: Shape,
  steps: number,
  options: Bertlet.FinetuneOptions = {},
): Promise<number[]> {
  const milliseconds: number[] = [];
  const train = rowsOf(shape, steps + 1);
  const run = classifier.finetune({ train }, { ...options, epochs: 1, batchSize: shape.batch });
  for await (const event of run) {
    if (event.type === "step" && event.step > 1) milliseconds.push(event.milliseconds);
    if (event.type === "end" && event.reason !== "finished")
      throw new Error(`the run ended: ${event.reason}`);
  }
  return milliseconds;
}

/** As many as make so many steps. */
function rowsOf(shape: Shape, steps: number): Bertlet.LabelledText[] {
  return Array.from({ length: shape.batch * steps }, (_, row) => ({
    text: text(shape, row),
    label: LABELS[target(shape, row)] as string,
  }));
}
