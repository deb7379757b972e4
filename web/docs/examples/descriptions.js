import { Classifier } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const train = [
  { label: "computers", text: "printers, wifi, passwords and computers" },
  { label: "loans", text: "borrowing, renewing and returning books" },
  { label: "membership", text: "joining, library cards, fees and personal details" },
  { label: "rooms", text: "booking a room to meet or study in" },
];
const classifier = await Classifier.load("../models/default/", { labels });
await classifier.finetune({ train }, { method: "centroid" }).result;
console.log("accuracy without one example:", (await classifier.evaluate(rows)).accuracy);
console.log(await classifier.classify("The printer took my money", { topK: 2 }));
await classifier.dispose();
