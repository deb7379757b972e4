import { Classifier } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const methods = ["full", "head", "lora", "adalora", "adapter", "bitfit", "prefix", "prompt"];
for (const method of methods) {
  const classifier = await Classifier.load("../models/default/", { labels, maxLength: 40 });
  const run = classifier.finetune({ train: rows.slice(0, 8).concat(rows.slice(-8)) }, { method, epochs: 1 });
  for await (const event of run) {
    if (event.type !== "start") continue;
    const { parameters } = classifier.info;
    console.log(method, event.trainedParameters, "of", parameters, "parameters");
  }
  const adapter = classifier.info.activeAdapter !== undefined;
  const files = adapter ? await classifier.saveAdapter() : await classifier.save();
  const bytes = Object.values(files).reduce((sum, file) => sum + file.size, 0);
  console.log("  saved as", adapter ? "an adapter:" : "a model:", Math.round(bytes / 1024), "KB");
  await classifier.dispose();
}
