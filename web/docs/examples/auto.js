import { Classifier, splitRows } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const { train, test } = splitRows(rows, { dev: 0, test: 0.4 });
const few = labels.flatMap((label) => train.filter((row) => row.label === label).slice(0, 6));
const classifier = await Classifier.load("../models/default/", { labels, maxLength: 40 });
const { recipe, minutes } = await classifier.plan({ train: few }, { recipe: "auto", minutes: 5 });
console.log(recipe.why, recipe.options, minutes ?? "seconds");
const end = await classifier.finetune({ train: few, test }, { recipe: "auto", minutes: 5 }).result;
console.log("accuracy", end.test.accuracy);
await classifier.dispose();
