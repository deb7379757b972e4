import { Classifier, splitRows } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const { train, dev, test } = splitRows(rows, { dev: 0.3, test: 0.3 });
const known = labels.flatMap((label) => train.filter((row) => row.label === label).slice(0, 3));
const others = train.filter((row) => !known.includes(row));
const classifier = await Classifier.load("../models/default/", { labels, maxLength: 40 });
await classifier.finetune({ train: known }, { recipe: "auto" }).result;
console.log("accuracy", (await classifier.evaluate(test)).accuracy);

// Ask a person for these labels first; here the rows have them.
const asked = await classifier.suggest(
  others.map(({ text }) => text),
  { count: 6 },
);
const answers = asked.map(({ index }) => others[index]);
const { replayed } = await classifier.learn(answers, { replay: known }).result;
console.log("known rows", replayed.before.accuracy, "->", replayed.after.accuracy);
console.log("accuracy", (await classifier.evaluate(test)).accuracy);

const { temperature, before, after } = await classifier.calibrate(dev);
console.log("temperature", temperature, "calibration error", before.error, "->", after.error);
await classifier.fitScope([...known, ...answers].map(({ text }) => text));
const { label, unsure, similarity } = await classifier.classify("Colourless green ideas sleep furiously");
console.log(unsure ? "like no example" : label, similarity);
await classifier.dispose();
