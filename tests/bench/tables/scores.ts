// How well each way of fine-tuning does on a person's data: test accuracy over seeds, from a few rows a label
// or from all. Scores, not times: they are the same on a busy machine.

import type { Browser } from "playwright-core";
import type { FinetuneOptions, LabelledText, LoadOptions } from "../../../web/bertlet.d.ts";
import type { Site } from "../../support/serve.ts";
import { rowsOf, serveCheckpoint } from "../driver/user-data.ts";
import { markdown } from "./markdown.ts";

export interface Scored {
  /** Folder of train.csv and test.csv, and of a checkpoint. */
  data: string;
  model: string;
  /** Training rows a label, drawn anew for each seed; 0: all. */
  rowsALabel: number;
  seeds: number;
  load: LoadOptions;
  /** What is compared, by name. */
  ways: Record<string, FinetuneOptions>;
}

/** Recipes for a few rows: as many steps as make a difference. */
export const FEW: Scored["ways"] = {
  full: { method: "full" },
  "full, 1e-4, 20 epochs": { method: "full", learningRate: 1e-4, epochs: 20 },
  head: { method: "head", learningRate: 1e-2, epochs: 30 },
  lora: { method: "lora", learningRate: 1e-3, epochs: 20 },
  centroid: { method: "centroid" },
  contrastive: { method: "contrastive", learningRate: 5e-5, epochs: 1, batchSize: 16 },
};

export async function scoresTable(browser: Browser, site: Site, scored: Scored): Promise<string> {
  serveCheckpoint(site, scored.model);
  const all = rowsOf(scored.data, "train.csv");
  const test = rowsOf(scored.data, "test.csv");
  const labels = [...new Set(all.map(({ label }) => label))].sort();
  const rows: string[][] = [];
  for (const [name, options] of Object.entries(scored.ways)) {
    const found: number[] = [];
    let minutes = 0;
    for (let seed = 1; seed <= scored.seeds; seed++) {
      const train = scored.rowsALabel === 0 ? all : drawn(all, labels, scored.rowsALabel, seed);
      const { accuracy, milliseconds } = await score(browser, site, labels, train, test, scored.load, {
        ...options,
        seed,
      });
      found.push(accuracy);
      minutes += milliseconds / 60_000 / scored.seeds;
      console.error(`scores: ${name}, seed ${seed}: ${accuracy.toFixed(4)}`);
    }
    const mean = found.reduce((sum, x) => sum + x, 0) / found.length;
    const spread = Math.sqrt(
      found.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, found.length - 1),
    );
    rows.push([
      name,
      mean.toFixed(4),
      found.length > 1 ? spread.toFixed(4) : "",
      found.map((x) => x.toFixed(3)).join(", "),
      minutes.toFixed(1),
    ]);
  }
  const from = scored.rowsALabel === 0 ? `all ${all.length} rows` : `${scored.rowsALabel} rows a label`;
  return [
    `Test accuracy on ${scored.data} (${labels.length} labels, ${test.length} test rows), from ${from}, of ${scored.seeds} seeds.`,
    "",
    markdown(["method", "mean", "standard deviation", "each seed", "minutes"], rows),
  ].join("\n");
}

/** The first rows of each label in an order that the seed fixes. */
export function drawn(
  rows: LabelledText<string>[],
  labels: string[],
  each: number,
  seed: number,
): LabelledText<string>[] {
  let state = seed;
  const random = () => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const shuffled = rows.map((row) => ({ row, place: random() })).sort((a, b) => a.place - b.place);
  return labels.flatMap((label) =>
    shuffled
      .filter(({ row }) => row.label === label)
      .slice(0, each)
      .map(({ row }) => row),
  );
}

async function score(
  browser: Browser,
  site: Site,
  labels: string[],
  train: LabelledText<string>[],
  test: LabelledText<string>[],
  load: LoadOptions,
  options: FinetuneOptions,
): Promise<{ accuracy: number; milliseconds: number }> {
  const page = await browser.newPage();
  try {
    await page.goto(`${site.base}harness.html`);
    await page.waitForFunction(() => window.bertlet !== undefined);
    return await page.evaluate(
      async ({ labels, train, test, load, options }) => {
        const classifier = await window.bertlet.Classifier.load("user/", { ...load, labels });
        const run = classifier.finetune({ train, test }, options);
        for await (const event of run) {
          if (event.type === "epoch") console.log(`epoch ${event.epoch}: ${event.trainLoss}`);
        }
        const end = await run.result;
        await classifier.dispose();
        return { accuracy: end.test?.accuracy ?? Number.NaN, milliseconds: end.milliseconds };
      },
      { labels, train, test, load, options },
    );
  } finally {
    await page.close();
  }
}
