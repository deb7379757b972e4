import { Classifier, splitRows } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const { train, dev } = splitRows(rows, { dev: 0.3, test: 0 });
const classifier = await Classifier.load("../models/default/", { labels, dtype: "f32", maxLength: 40 });
await classifier.finetune({ train }, { epochs: 1, learningRate: 1e-4 }).result;
const { before, after, agreement } = await classifier.quantize({ data: dev, maxDrop: 0.2 });
console.log("accuracy", before.accuracy, "->", after.accuracy, "the same answers:", agreement);
console.log("MB", Math.round(before.weightBytes / 1e6), "->", Math.round(after.weightBytes / 1e6));
const files = await classifier.save({ dtype: "int8" });
console.log("saved in", Math.round(files["model.safetensors"].size / 1e6), "MB");
await classifier.dispose();
