import { Classifier } from "../../bertlet.js";
import { rows } from "./rows.js";

// Does the second question go to the same desk as the first?
const train = rows.slice(0, 80).map((row, index) => {
  const other = rows[(index * 7 + 3) % rows.length];
  return { text: row.text, textPair: other.text, label: row.label === other.label ? "same" : "other" };
});
const classifier = await Classifier.load("../models/default/", { labels: ["same", "other"] });
const run = classifier.finetune({ train }, { epochs: 2, learningRate: 1e-4, classWeights: "balanced" });
for await (const event of run) {
  if (event.type === "epoch") console.log("epoch", event.epoch, "loss", event.trainLoss);
}
const pair = { text: "My card does not work", textPair: "The printer took my money" };
console.log(await classifier.classify([pair]));
await classifier.dispose();
