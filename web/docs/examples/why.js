import { Classifier, splitRows } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const { train, test } = splitRows(rows, { dev: 0, test: 0.2 });
const classifier = await Classifier.load("../models/default/", { labels, maxLength: 40 });
await classifier.finetune({ train }, { epochs: 2, learningRate: 1e-4 }).result;

const { text } = test[0];
const { label, words, completeness } = await classifier.explain(text);
const strongest = [...words].sort((a, b) => Math.abs(b.attribution) - Math.abs(a.attribution));
console.log(text, "->", label);
for (const { word, attribution } of strongest.slice(0, 3)) console.log(word, attribution.toFixed(2));
console.log("missing of the sum:", completeness.delta.toFixed(4));

const left = await classifier.explain(text, { method: "occlusion", examples: train, nearest: 2 });
for (const { word, without } of left.words.slice(0, 3)) {
  console.log("without", word, "->", without.label, without.score.toFixed(2));
}
for (const near of left.nearest) console.log(near.similarity.toFixed(2), near.label, near.text);
await classifier.dispose();
