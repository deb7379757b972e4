// The page's own wasm in Node.js, on Dawn: `node page.mjs DIST FOLDER [SAMPLES]`. Takes a folder of checkpoints.ts, prints one
// JSON object as gpu_bench does. Its times hold the tokenizer and the worker's messages too, as in the page.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type * as Bertlet from "../../../web/bertlet.d.ts";

const LOSSES = 5;

const [dist = "", folder = "", samples = "20"] = process.argv.slice(2);
const { Classifier }: typeof Bertlet = await import(pathToFileURL(resolve(dist, "node.js")).href);
const { batch, texts }: { batch: number; texts: string[] } = JSON.parse(
  readFileSync(join(folder, "rows.json"), "utf8"),
);

const middle = (times: number[]) => {
  times.sort((a, b) => a - b);
  return [times[times.length >> 1], times[0], times.at(-1)];
};
async function timed(count: number, work: () => Promise<unknown>): Promise<(number | undefined)[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return middle(times);
}

const read = (name: string) => readFileSync(join(folder, name));
const files = {
  config: read("config.json"),
  tokenizer: read("vocab.txt"),
  weights: read("model.safetensors"),
};
const classifier = await Classifier.load(files, { device: "webgpu" });
const first = texts.slice(0, batch);
const one = texts[0] as string;
let started = performance.now();
const predictions = await classifier.classify(first);
const firstForwardMs = performance.now() - started;
await classifier.classify(one);
const forwardMs = await timed(Number(samples), () => classifier.classify(first));
const oneTextMs = await timed(Number(samples), () => classifier.classify(one));

const steps = Number(samples) + LOSSES;
const [a = "", b = ""] = classifier.info.labels;
const train = Array.from({ length: steps * batch }, (_, row) => ({
  text: texts[row % texts.length] as string,
  label: row % 2 === 0 ? a : b,
}));
const losses: number[] = [];
const times: number[] = [];
started = performance.now();
for await (const event of classifier.finetune(
  { train },
  { epochs: 1, batchSize: batch, shuffle: false, dropout: 0, warmupRatio: 0 },
)) {
  if (event.type !== "step") continue;
  losses.push(event.loss);
  times.push(performance.now() - started);
  started = performance.now();
}
const scores = predictions.flatMap(({ scores }) =>
  [a, b].map((label) => scores.find((s) => s.label === label)?.score),
);
console.log(
  JSON.stringify({
    adapter: classifier.info.adapter,
    scores,
    losses: losses.slice(0, LOSSES),
    firstForwardMs,
    forwardMs,
    oneTextMs,
    firstStepMs: times[0],
    stepMs: middle(times.slice(LOSSES)),
  }),
);
await classifier.dispose();
