// What pretraining on a person's own unlabelled text gives: perplexity of held-out texts before and after,
// and the test accuracy of a classifier that starts from it beside one that starts from the checkpoint.
// Scores, not times.

import type { Browser } from "playwright-core";
import type { FinetuneOptions, LabelledText, LoadOptions, PretrainOptions } from "../../../web/bertlet.d.ts";
import type { Site } from "../../support/serve.ts";
import { rowsOf, serveCheckpoint } from "../driver/user-data.ts";
import { markdown } from "./markdown.ts";
import { drawn } from "./scores.ts";

/** So that it ends in minutes: unlabelled texts, held-out ones, and rows with a label. */
const TEXTS = 4900;
const HELD_OUT = 200;
const ROWS_A_LABEL = 8;
const PRETRAIN: PretrainOptions = { epochs: 2, batchSize: 16 };
const FINETUNE: FinetuneOptions = { learningRate: 1e-4, epochs: 10 };

interface Found {
  before: number;
  after: number;
  plain: number;
  pretrained: number;
}

export async function pretrainingTable(
  browser: Browser,
  site: Site,
  data: string,
  model: string,
  seeds: number,
  load: LoadOptions,
): Promise<string> {
  serveCheckpoint(site, model);
  const all = rowsOf(data, "train.csv");
  const test = rowsOf(data, "test.csv");
  const labels = [...new Set(all.map(({ label }) => label))].sort();
  const texts = drawn(all, labels, Math.ceil(TEXTS / labels.length), 0).map(({ text }) => text);
  const heldOut = rowsOf(data, "dev.csv")
    .slice(0, HELD_OUT)
    .map(({ text }) => text);
  const rows: string[][] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const train = drawn(all, labels, ROWS_A_LABEL, seed);
    const found = await compare(browser, site, { labels, texts, heldOut, train, test, load, seed });
    rows.push([
      `${seed}`,
      found.before.toFixed(1),
      found.after.toFixed(1),
      found.plain.toFixed(4),
      found.pretrained.toFixed(4),
    ]);
    console.error(`pretraining: seed ${seed}: ${rows.at(-1)?.join(" ")}`);
  }
  return [
    `Masked language modelling on ${texts.length} texts of ${data} (${JSON.stringify(PRETRAIN)}), its perplexity on ${heldOut.length} held-out texts; ` +
      `then a classifier from ${ROWS_A_LABEL} rows a label (${JSON.stringify(FINETUNE)}), its accuracy on ${test.length} test rows.`,
    "",
    markdown(
      ["seed", "perplexity before", "after", "accuracy from the checkpoint", "from the pretrained"],
      rows,
    ),
  ].join("\n");
}

async function compare(
  browser: Browser,
  site: Site,
  task: {
    labels: string[];
    texts: string[];
    heldOut: string[];
    train: LabelledText<string>[];
    test: LabelledText<string>[];
    load: LoadOptions;
    seed: number;
  },
): Promise<Found> {
  const page = await browser.newPage();
  try {
    await page.goto(`${site.base}harness.html`);
    await page.waitForFunction(() => window.bertlet !== undefined);
    return await page.evaluate(
      async ({ labels, texts, heldOut, train, test, load, seed, pretrain, finetune }) => {
        const { Classifier } = window.bertlet;
        const accuracy = async (pretrained: boolean) => {
          const classifier = await Classifier.load("user/", { ...load, labels, maskedLm: pretrained });
          const perplexities: number[] = [];
          if (pretrained) {
            const run = classifier.pretrain({ train: texts, dev: heldOut }, { ...pretrain, seed });
            for await (const event of run)
              if ("dev" in event) perplexities.push(event.dev?.perplexity ?? Number.NaN);
          }
          const { test: report } = await classifier.finetune({ train, test }, { ...finetune, seed }).result;
          await classifier.dispose();
          return { accuracy: report?.accuracy ?? Number.NaN, perplexities };
        };
        const plain = await accuracy(false);
        const other = await accuracy(true);
        const [before = Number.NaN] = other.perplexities;
        const after = other.perplexities.at(-1) ?? Number.NaN;
        return { before, after, plain: plain.accuracy, pretrained: other.accuracy };
      },
      { ...task, pretrain: PRETRAIN, finetune: FINETUNE },
    );
  } finally {
    await page.close();
  }
}
