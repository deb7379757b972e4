import { Classifier, splitRows } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const { train, dev } = splitRows(rows);
const classifier = await Classifier.load("../models/default/", { labels });
const run = classifier.finetune(
  { train, dev },
  { method: "bitfit", epochs: 2, learningRate: 1e-3, augment: { drop: 0.1, swap: 0.05, mask: 0.05 } },
);
for await (const event of run) {
  if (event.type === "epoch") console.log("epoch", event.epoch, "dev accuracy", event.dev.accuracy);
}
await classifier.dispose();
