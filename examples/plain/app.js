// Teaches a BERT two labels, then classifies what is typed. All of it in this page.

import { Classifier } from "bertlet";
import { labels, rows } from "./rows.js";

const find = (id) => document.getElementById(id);
let classifier;

find("teach").onclick = async () => {
  find("teach").disabled = true;
  try {
    classifier ??= await Classifier.load("model/", { labels });
    for await (const event of classifier.finetune({ train: rows }, { epochs: 2 })) {
      if (event.type !== "epoch") continue;
      const { threads } = classifier.info;
      find("state").textContent =
        `Epoch ${event.epoch}: loss ${event.trainLoss.toFixed(3)}, threads: ${threads}`;
    }
    find("text").disabled = false;
  } catch (error) {
    find("state").textContent = `${error.message}. ${error.hint ?? ""}`;
  }
  find("teach").disabled = false;
};

find("text").oninput = async ({ target }) => {
  find("label").textContent = (await classifier.classify(target.value)).label;
};
