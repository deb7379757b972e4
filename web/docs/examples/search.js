import { Classifier, splitRows } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const { train, dev } = splitRows(rows, { dev: 0.3, test: 0 });
const classifier = await Classifier.load("../models/default/", { labels });
const run = classifier.search(
  { train, dev },
  {
    method: "head",
    space: { learningRate: [1e-4, 1e-1], batchSize: [8, 16], epochs: [3] },
    trials: 6,
    budget: { steps: 400 },
  },
);
for await (const event of run) {
  if (event.type !== "trial") continue;
  const { trial, rung, steps, devLoss, options } = event;
  console.log(
    "trial",
    trial,
    "rung",
    rung,
    "rate",
    options.learningRate,
    "steps",
    steps,
    "dev loss",
    devLoss,
  );
}
const { best } = await run.result; // { trial, options, devLoss, devAccuracy }: options are ready for finetune
console.log("best: trial", best.trial, "rate", best.options.learningRate, "dev loss", best.devLoss);
await classifier.dispose();
