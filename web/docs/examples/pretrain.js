import { Classifier, splitRows } from "../../bertlet.js";
import { labels, rows } from "./rows.js";

const { train, dev } = splitRows(rows, { dev: 0.2, test: 0 });
const texts = { train: train.map((row) => row.text), dev: dev.map((row) => row.text) };
const shape = { vocabSize: 400, layers: 2, hiddenSize: 64, heads: 2, maxLength: 32 };
const classifier = await Classifier.create({ texts: texts.train, labels, ...shape });
console.log("tokens in the vocabulary:", classifier.info.vocabSize);

const run = classifier.pretrain(texts, { epochs: 10, learningRate: 2e-3 });
for await (const event of run) {
  if (event.type === "start") console.log("perplexity before", event.dev.perplexity);
  if (event.type === "end") console.log("perplexity after", event.dev.perplexity);
}
const [tokens] = await classifier.fillMask("How do I renew my [MASK] card?", { topK: 3 });
for (const { token_str, score } of tokens) console.log(token_str, score);

await classifier.finetune({ train }, { epochs: 5, learningRate: 1e-3 }).result; // from the pretrained encoder
console.log("dev accuracy", (await classifier.evaluate(dev)).accuracy);
await classifier.dispose();
