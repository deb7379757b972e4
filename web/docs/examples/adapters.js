import { Classifier } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const classifier = await Classifier.load("../models/default/", { labels });
const text = "The printer took my money";
const ask = async () => {
  const { label, score } = await classifier.classify(text);
  console.log(classifier.info.activeAdapter ?? "no adapter", "says", label, score);
};
const lora = { method: "lora", adapterName: "desks", epochs: 2, learningRate: 2e-3 };
await classifier.finetune({ train: rows }, lora).result;
await ask();

// The same files that Python's peft reads, added again under another name.
const saved = await classifier.saveAdapter();
const files = { config: saved["adapter_config.json"], weights: saved["adapter_model.safetensors"] };
await classifier.addAdapter("copy", files);
await classifier.useAdapter("copy");
await ask();
await classifier.useAdapter(null);
await ask();

await classifier.useAdapter("desks");
await classifier.mergeAdapter(); // into the weights: the model alone now predicts the same
await ask();
await classifier.dispose();
