import { Classifier, compare, splitRows } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const { train, test } = splitRows(rows, { dev: 0, test: 0.4 });
const texts = test.map((row) => row.text);
const predictions = [];
for (const options of [{ method: "centroid" }, { method: "head", epochs: 8, learningRate: 1e-2 }]) {
  const classifier = await Classifier.load("../models/default/", { labels });
  const { test: report } = await classifier.finetune({ train, test }, options).result;
  console.log(options.method, "accuracy", report.accuracy, "95 % interval", report.intervals.accuracy);
  predictions.push(await classifier.classify(texts));
  await classifier.dispose();
}
const { onlyFirst, onlySecond, pValue } = compare(test, ...predictions);
console.log("only the first right:", onlyFirst, "only the second:", onlySecond, "p =", pValue);
