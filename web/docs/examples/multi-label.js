import { Classifier, splitRows } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

// Two labels for a long text, one for a short one.
const multiLabel = rows.map(({ text, label }) => ({
  text,
  label: text.length > 60 ? [label, "long"] : [label],
}));
const { train, dev } = splitRows(multiLabel, { dev: 0.3, test: 0 });
const classifier = await Classifier.load("../models/default/", {
  labels: [...labels, "long"],
  problemType: "multi_label_classification",
});
const run = classifier.finetune({ train, dev }, { method: "head", epochs: 20, learningRate: 3e-2 });
const { threshold } = await run.result;
const { microF1, accuracy } = await classifier.evaluate(dev);
console.log("micro F1", microF1, "all labels right", accuracy, "decision threshold", threshold);
console.log((await classifier.classify(dev[0].text)).labels.join(", ") || "none");
await classifier.dispose();
