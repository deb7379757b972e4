import { Classifier } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const classifier = await Classifier.load("../models/default/", { labels });
const run = classifier.crossValidate(rows, { folds: 4, method: "head", epochs: 5, learningRate: 1e-2 });
for await (const event of run) {
  if (event.type === "end") console.log("fold", event.fold, "accuracy", event.test.accuracy);
}
const { accuracy } = await run.result;
console.log("accuracy", accuracy.mean, "±", accuracy.std);
await classifier.dispose();
