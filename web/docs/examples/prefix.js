import { Classifier, splitRows } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const { train, dev } = splitRows(rows);
const classifier = await Classifier.load("../models/default/", { labels, maxLength: 40 }); // virtual tokens take positions, too
const run = classifier.finetune(
  { train, dev },
  { method: "prefix", epochs: 3, learningRate: 1e-2, virtualTokens: 10 },
);
for await (const event of run) {
  if (event.type === "start") console.log(event.trainedParameters, "numbers are trained");
  if (event.type === "epoch") console.log("epoch", event.epoch, "dev accuracy", event.dev.accuracy);
}
const { "adapter_model.safetensors": saved } = await classifier.saveAdapter();
console.log("saved in", Math.round(saved.size / 1024), "KB");
await classifier.dispose();
