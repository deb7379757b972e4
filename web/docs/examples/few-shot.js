import { Classifier, splitRows } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const { train, test } = splitRows(rows, { dev: 0, test: 0.4 });
const few = labels.flatMap((label) => train.filter((row) => row.label === label).slice(0, 8));
for (const method of ["centroid", "contrastive"]) {
  const classifier = await Classifier.load("../models/default/", { labels });
  const run = classifier.finetune({ train: few, test }, { method, epochs: 1 });
  const { test: report, steps } = await run.result;
  console.log(method, "from", few.length, "rows in", steps, "steps: accuracy", report.accuracy);
  await classifier.dispose();
}
