import { Classifier, splitRows } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const { train, dev } = splitRows(rows);
const classifier = await Classifier.load("../models/default/", { labels });
const run = classifier.finetune(
  { train, dev },
  { method: "adapter", epochs: 3, learningRate: 1e-3, adapterSize: 16 },
);
for await (const event of run) {
  if (event.type === "start") console.log(event.trainedParameters, "numbers are trained");
  if (event.type === "epoch") console.log("epoch", event.epoch, "dev accuracy", event.dev.accuracy);
}
await classifier.dispose();
