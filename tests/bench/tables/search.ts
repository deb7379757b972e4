// A search on a person's data beside the default recipe: whether it finds a better one within its budget, and
// whether, killed with its worker and resumed, it repeats nothing. Losses, not times: they are the same on a
// busy machine.

import type { Browser } from "playwright-core";
import type {
  FinetuneOptions,
  LabelledText,
  SearchResult,
  SearchState,
  TrialRun,
} from "../../../web/bertlet.d.ts";
import type { Site } from "../../support/serve.ts";
import { rowsOf, serveCheckpoint } from "../driver/user-data.ts";
import { markdown } from "./markdown.ts";

/** So that it ends in minutes on one thread. */
const ROWS = { train: 480, dev: 250 };
const MAX_LENGTH = 64;
const TRIALS = 9;
/** Finished before the worker is killed. */
const KILLED_AFTER = 6;
/** Three rungs of the default recipe's 300 steps. */
const BUDGET_STEPS = 900;

interface Found {
  result: SearchResult;
  /** Runs begun before and after the kill, and those of them that were finished. */
  begun: number;
  /** Of the default recipe, and of the best one in a run of its own, after each epoch. */
  defaultLosses: number[];
  bestLosses: number[];
}

/** `data` holds train.csv and dev.csv, `model` a checkpoint. */
export async function searchTable(
  browser: Browser,
  site: Site,
  data: string,
  model: string,
): Promise<string> {
  serveCheckpoint(site, model);
  const train = rowsOf(data, "train.csv").slice(0, ROWS.train);
  const dev = rowsOf(data, "dev.csv").slice(0, ROWS.dev);
  const labels = [...new Set(train.map(({ label }) => label))].sort();
  const known = dev.filter(({ label }) => labels.includes(label));
  const { result, begun, defaultLosses, bestLosses } = await search(browser, site, labels, train, known);
  const runs = result.state.runs;
  const best = result.best;
  if (best === undefined) throw new Error("expected a best recipe, found that every trial diverged");
  return [
    `A search on ${train.length} rows of ${data}, by dev loss on ${known.length}: ${TRIALS} trials under a budget of ${BUDGET_STEPS} steps, of which it took ${result.steps}. ` +
      `Its worker was killed after ${KILLED_AFTER} runs; with the rest, ${begun} runs were begun for ${runs.length} that count and the one that was cut off.`,
    "",
    markdown(
      ["rung", "trial", "learning rate", "batch", "epochs", "steps", "dev loss", "dev accuracy"],
      runs.map(cells),
    ),
    "",
    `Dev loss: best recipe ${best.devLoss.toFixed(4)}, in a run of its own ${bestLosses.at(-1)?.toFixed(4)}; default recipe ${defaultLosses.at(-1)?.toFixed(4)} at the end, ${Math.min(...defaultLosses).toFixed(4)} at its best.`,
  ].join("\n");

  function cells({ rung, trial, steps, devLoss, devAccuracy }: TrialRun): string[] {
    const { learningRate, batchSize, epochs } = result.trials[trial - 1]?.options ?? {};
    const scores = [devLoss, devAccuracy].map((score) => score?.toFixed(4) ?? "diverged");
    return [rung, trial, learningRate, batchSize, epochs, steps].map(String).concat(scores);
  }
}

async function search(
  browser: Browser,
  site: Site,
  labels: string[],
  train: LabelledText<string>[],
  dev: LabelledText<string>[],
): Promise<Found> {
  const page = await browser.newPage();
  try {
    await page.goto(`${site.base}harness.html`);
    await page.waitForFunction(() => window.bertlet !== undefined);
    return await page.evaluate(
      async ({ labels, train, dev, maxLength, trials, steps, killedAfter }) => {
        const options = { trials, budget: { steps } };
        const open = () => window.bertlet.Classifier.load("user/", { device: "wasm", labels, maxLength });
        const first = await open();
        let kept: SearchState | undefined;
        let begun = 0;
        try {
          for await (const event of first.search({ train, dev }, options)) {
            if (event.type === "start") begun += 1;
            if (event.type === "trial") kept = event.state;
            if (kept?.runs.length === killedAfter && event.type === "step") await first.dispose();
          }
        } catch {} // disposed
        const second = await open();
        const resume = JSON.parse(JSON.stringify(kept)) as SearchState;
        const run = second.search({ train, dev }, { ...options, resume });
        for await (const event of run) if (event.type === "start") begun += 1;
        const result = await run.result;
        await second.dispose();
        const losses = async (recipe: FinetuneOptions | undefined) => {
          const classifier = await open();
          const found: number[] = [];
          const run = classifier.finetune({ train, dev }, recipe);
          for await (const event of run)
            if (event.type === "epoch") found.push(event.dev?.loss ?? Number.NaN);
          await classifier.dispose();
          return found;
        };
        return {
          result,
          begun,
          defaultLosses: await losses({}),
          bestLosses: await losses(result.best?.options),
        };
      },
      {
        labels,
        train,
        dev,
        maxLength: MAX_LENGTH,
        trials: TRIALS,
        steps: BUDGET_STEPS,
        killedAfter: KILLED_AFTER,
      },
    );
  } finally {
    await page.close();
  }
}
