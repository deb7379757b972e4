import { Classifier, splitRows } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const { train, dev } = splitRows(rows);
const classifier = await Classifier.load("../models/default/", { labels });
const run = classifier.finetune(
  { train, dev },
  { epochs: 2, learningRate: 2e-4, freezeLayers: 1, layerDecay: 0.9 },
);
for await (const event of run) {
  if (event.type === "start") console.log(event.trainedParameters, "parameters are trained");
  if (event.type === "epoch") console.log("epoch", event.epoch, "dev loss", event.dev.loss);
}
await classifier.dispose();
