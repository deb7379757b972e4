import { Classifier, splitRows } from "../../bertlet.js";
import { labels, rows } from "./rows.js"; // the studio's English sample: [{ text, label }, ...]

const { train, dev, test } = splitRows(rows);
const classifier = await Classifier.load("../models/default/", { labels });
const run = classifier.finetune({ train, dev, test }, { epochs: 2, learningRate: 1e-4 });
for await (const event of run) {
  if (event.type === "epoch") console.log("epoch", event.epoch, "dev accuracy", event.dev.accuracy);
}
const { test: report } = await run.result;
console.log("test accuracy", report.accuracy, "likely", report.intervals.accuracy);
console.log(await classifier.classify("The printer took my money", { topK: 2 }));
await classifier.dispose();
