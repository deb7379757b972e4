import { Classifier, splitRows } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const { train, dev } = splitRows(rows, { dev: 0.3, test: 0 });
const classifier = await Classifier.load("../models/default/", { labels });
const run = classifier.finetune(
  { train, dev },
  {
    method: "head",
    epochs: 40,
    learningRate: 3e-2,
    earlyStopping: { patience: 2 },
    classWeights: "balanced",
    labelSmoothing: 0.05,
    accumulate: 2,
  },
);
for await (const event of run) {
  if (event.type === "epoch") console.log("epoch", event.epoch, "dev loss", event.dev.loss);
  if (event.type === "end") console.log(event.reason, "with the weights of epoch", event.bestEpoch);
}
await classifier.dispose();
