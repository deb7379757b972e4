import { Classifier, splitRows } from "../../bertlet.js";
import { rows } from "./rows.js";

const { train, dev, test } = splitRows(rows, { dev: 0.1, test: 0.1, seed: 42 });
train.push(train[0]); // a duplicate
dev.push({ ...train[1], text: `${train[1].text}!` }); // leakage
test.push({ text: "图书馆几点开门？", label: "rooms" }); // a script that the vocabulary hardly knows

const classifier = await Classifier.load("../models/default/");
const report = await classifier.inspect({ train, dev, test });
for (const finding of report.findings) console.log(`${finding.severity}: ${finding.message}`);
await classifier.dispose();
