import { Classifier, splitRows } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const { train, dev } = splitRows(rows, { dev: 0.3, test: 0 });
const teacher = await Classifier.load("../models/default/", { labels, maxLength: 40 });
await teacher.finetune({ train }, { epochs: 2, learningRate: 1e-4 }).result;
const options = { layers: 2, epochs: 2, learningRate: 1e-4 };
const { classifier: student, run } = await Classifier.distill(teacher, { train, dev }, options);
const end = await run.result;
console.log("accuracy", end.dev.accuracy, "with", student.info.layers, "layers");
console.log("the teacher's", end.teacher.dev.accuracy, "with", teacher.info.layers);
const texts = rows.map((row) => row.text);
const { before, after } = await student.prune({ vocabulary: texts });
console.log("pieces", before.vocabSize, "->", after.vocabSize);
const files = await student.save();
console.log("saved in", Math.round(files["model.safetensors"].size / 1e6), "MB");
await teacher.dispose();
await student.dispose();
