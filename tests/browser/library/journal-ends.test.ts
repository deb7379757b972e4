// What a run with a journal comes to wherever it was stopped: the end, and the events, of one that was left alone; and
// what a list of journals says of it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { FinetuneOptions } from "../../../web/bertlet.d.ts";
import { openPage, shareBrowser } from "../../support/browser.ts";
import { type Site, serve } from "../../support/serve.ts";

type Model = import("../../../web/bertlet.d.ts").Classifier;
type Events = Record<string, unknown>[];

declare global {
  interface Window {
    /** Rows of two labels. */
    rows: { text: string; label: string }[];
    load(checkpoint?: string): Promise<Model>;
    /** The run's events but its steps, without times. */
    eventsOf(run: AsyncIterable<unknown>, onStep?: (step: number) => void): Promise<Events>;
    forgetJournals(): Promise<void>;
  }
}

describe("a journal", () => {
  const share = shareBrowser({ webgpu: false });
  let site: Site;
  let page: Page;

  before(async () => {
    site = await serve();
    page = await openPage(await share.browser(), site);
    await page.evaluate(() => {
      const { Classifier } = window.bertlet;
      window.rows = Array.from({ length: 24 }, (_, i) => ({
        text: `the box number ${i} ${i % 3 ? "was late again" : "came"}`,
        label: ["delivery", "other"][i % 2] as string,
      }));
      window.load = (checkpoint = "sequence_classification_f32") =>
        Classifier.load(`data/checkpoints/${checkpoint}/`, {
          device: "wasm",
          labels: ["delivery", "other"],
          maskedLm: checkpoint.startsWith("pretraining"),
        });
      window.eventsOf = async (run, onStep) => {
        const events: Events = [];
        for await (const event of run as AsyncIterable<Record<string, unknown>>) {
          const { milliseconds: _, ...rest } = event;
          if (event.type === "step") onStep?.(event.step as number);
          else events.push(rest);
        }
        return events;
      };
      window.forgetJournals = async () => {
        for (const { name } of await Classifier.listJournals()) await Classifier.deleteJournal(name);
      };
    });
  });
  after(async () => {
    await site?.close();
    await share.release();
  });

  const CASES: Record<string, [options: FinetuneOptions, stopAt: number]> = {
    "the best epoch's": [{ epochs: 3, learningRate: 3e-2, restoreBest: true }, 4],
    "the last epoch's": [{ epochs: 3, learningRate: 5e-3 }, 12],
    "one that ends it early": [{ epochs: 8, learningRate: 5e-2, earlyStopping: { patience: 1 } }, 8],
    "one of masked tokens": [{ epochs: 3, learningRate: 1e-2 }, 12],
  };
  for (const [title, [options, stopAt]] of Object.entries(CASES)) {
    test(`of a run that was stopped in an evaluation, ${title}, makes that evaluation`, async () => {
      const { alone, stopped, resumed } = await page.evaluate(
        async ([options, stopAt, masked]) => {
          const train = window.rows.slice(0, 16);
          // Batches enough that a stop comes before the last one.
          const dev = Array.from({ length: masked ? 200 : 40 }, () => window.rows.slice(16)).flat();
          const textsOf = (rows: typeof train) => rows.map(({ text }) => text);
          const end = async (
            classifier: Model,
            run: AsyncIterable<unknown>,
            onStep?: (step: number) => void,
          ) => {
            const events = await window.eventsOf(run, onStep);
            const logits = masked
              ? await classifier.fillMask("the [MASK] is late")
              : await classifier.classify("late");
            await classifier.dispose();
            return { events, logits };
          };
          const begin = async (journal?: string) => {
            const classifier = await window.load(masked ? "pretraining_f32" : undefined);
            let step = 0;
            const given = {
              batchSize: 4,
              ...options,
              ...(journal !== undefined && { journal }),
              onProgress: ({ stage }: { stage: string }) => {
                if (journal !== undefined && stage === "dev" && step === stopAt) run.stop();
              },
            };
            const run = masked
              ? classifier.pretrain({ train: textsOf(train), dev: textsOf(dev) }, given)
              : classifier.finetune({ train, dev }, given);
            return end(classifier, run, (made) => {
              step = made;
            });
          };
          const [alone, stopped] = [await begin(), await begin("stopped")];
          const { classifier, run } = await window.bertlet.Classifier.resume("stopped");
          const resumed = await end(classifier, run);
          await window.forgetJournals();
          return { alone, stopped, resumed };
        },
        [options, stopAt, title.endsWith("tokens")] as const,
      );
      const last = stopped.events.filter(({ type }) => type === "epoch").at(-1);
      assert.deepEqual([stopped.events.at(-1)?.reason, last?.dev], ["stopped", undefined]);
      assert.deepEqual(resumed.logits, alone.logits);
      const epochs = alone.events.filter(({ type }) => type !== "start");
      const from = stopAt / 4 - 1;
      const found = resumed.events.filter(({ type }) => type !== "start" && type !== "resumed");
      assert.deepEqual(found, epochs.slice(from));
    });
  }

  const LATE: Record<string, [options: FinetuneOptions, stage: string]> = {
    "its test rows": [{ epochs: 2, learningRate: 5e-3, restoreBest: true }, "test"],
    "its test rows, which it came to early": [
      { epochs: 8, learningRate: 5e-2, earlyStopping: { patience: 1 } },
      "test",
    ],
    "its head": [{ epochs: 1, method: "contrastive" }, "infer"],
  };
  for (const [title, [options, stage]] of Object.entries(LATE)) {
    test(`of a run that was stopped after its last step has that step, and goes on with ${title}`, async () => {
      const { alone, stopped, step, resumed } = await page.evaluate(
        async ([options, stage]) => {
          const train = window.rows.slice(0, 16);
          const rest = window.rows.slice(16);
          // Batches enough that a stop comes before the last one.
          const test = Array.from({ length: 40 }, () => rest).flat();
          const end = async (classifier: Model, run: AsyncIterable<unknown>) => {
            let steps = 0;
            const events = await window.eventsOf(run, () => {
              steps += 1;
            });
            const logits = await classifier.classify("late");
            await classifier.dispose();
            return { events, logits, steps };
          };
          const begin = async (journal?: string) => {
            const classifier = await window.load();
            const dev = "earlyStopping" in options || "restoreBest" in options ? { dev: rest } : {};
            const own = stage === "test" ? { train, test } : { train: [...train, ...test] };
            const given = {
              batchSize: 4,
              ...options,
              ...(journal !== undefined && { journal }),
              onProgress: (progress: { stage: string }) => {
                if (journal !== undefined && progress.stage === stage) run.stop();
              },
            };
            const run = classifier.finetune({ ...own, ...dev }, given);
            return end(classifier, run);
          };
          const [alone, stopped] = [await begin(), await begin("late")];
          const [journal] = await window.bertlet.Classifier.listJournals();
          const { classifier, run } = await window.bertlet.Classifier.resume("late");
          const resumed = await end(classifier, run);
          await window.forgetJournals();
          return { alone, stopped, step: journal?.damaged ? undefined : journal?.step, resumed };
        },
        [options, stage] as const,
      );
      const last = stopped.events.at(-1);
      assert.deepEqual([last?.reason, last?.steps], ["stopped", step]);
      assert.equal(stopped.steps, alone.steps);
      assert.deepEqual([resumed.steps, resumed.logits], [0, alone.logits]);
      assert.deepEqual(resumed.events.at(-1), alone.events.at(-1));
    });
  }

  test("keeps what the automatic recipe chose, and tells it again", async () => {
    const [first, again] = await page.evaluate(async () => {
      const classifier = await window.load();
      const run = classifier.finetune({ train: window.rows }, { recipe: "auto", journal: "auto" });
      const recipes: unknown[] = [];
      for await (const event of run) {
        if (event.type === "start") recipes.push(event.recipe);
        if (event.type === "step") run.stop();
      }
      await classifier.dispose();
      const opened = await window.bertlet.Classifier.resume("auto");
      for await (const event of opened.run) {
        if (event.type === "start" && "recipe" in event) recipes.push(event.recipe);
        if (event.type === "step") opened.run.stop();
      }
      await opened.classifier.dispose();
      await window.forgetJournals();
      return recipes;
    });
    assert.ok(first !== undefined);
    assert.deepEqual(again, first);
  });

  test("of an ended run of runs is listed with the steps that it made", async () => {
    const { listed, made } = await page.evaluate(async () => {
      const classifier = await window.load();
      let folds = 0;
      const validation = classifier.crossValidate(window.rows, {
        folds: 2,
        epochs: 1,
        batchSize: 4,
        journal: "folds",
      });
      for await (const event of validation) if (event.type === "step") folds += 1;
      const [train, dev] = [window.rows.slice(0, 16), window.rows.slice(16)];
      const options = { trials: 2, epochs: 1, batchSize: 4, budget: { steps: 8 }, journal: "trials" };
      const { steps } = await classifier.search({ train, dev }, options).result;
      const listed = await window.bertlet.Classifier.listJournals();
      await window.forgetJournals();
      await classifier.dispose();
      return {
        listed: listed.map((each) => !each.damaged && [each.name, each.step, each.steps === undefined]),
        made: { folds, steps },
      };
    });
    assert.ok(made.folds > 0 && made.steps > 0);
    assert.deepEqual(listed, [
      ["trials", made.steps, true],
      ["folds", made.folds, true],
    ]);
  });
});
