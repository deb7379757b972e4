// A fine-tuning run on the CPU in Chromium: its events, its controls (stop, abort, pause), its seed, and
// divergence.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EndEvent, FinetuneEvent } from "../../../web/bertlet.d.ts";
import { type Stage, suite } from "../../support/browser.ts";
import { parseSafetensors, trainingRows } from "../../support/checkpoints.ts";

const MODEL = "data/checkpoints/sequence_classification_f32/";
/** A few rows of every label. */
const few = trainingRows().rows.filter((_, i) => i % 4 === 0);

function eventsOf<T extends FinetuneEvent["type"]>(events: FinetuneEvent[], type: T) {
  return events.filter((event): event is Extract<FinetuneEvent, { type: T }> => event.type === type);
}

suite("the events of a run", (stage) => {
  test("are its start, steps, epochs and end", async () => {
    const { events, result } = await stage.page.evaluate(
      async ({ model, few }) => {
        const classifier = await window.bertlet.Classifier.load(model, { device: "wasm", maxLength: 8 });
        const data = { train: few, dev: few.slice(0, 3), test: few.slice(3) };
        const run = classifier.finetune(data, { epochs: 2, batchSize: 4, dropout: 0.1 });
        const events: FinetuneEvent[] = [];
        for await (const event of run) events.push(event);
        const result = await run.result;
        await classifier.dispose();
        return { events, result };
      },
      { model: MODEL, few },
    );
    assert.deepEqual(
      events.map(({ type }) => type),
      ["start", "step", "step", "epoch", "step", "step", "epoch", "end"],
    );
    const [start] = eventsOf(events, "start");
    assert.deepEqual([start?.steps, start?.epochs, start?.trainRows, start?.devRows], [4, 2, 6, 3]);
    assert.ok((start?.truncatedRows ?? 0) > 0, "8 tokens cut some rows");
    const steps = eventsOf(events, "step");
    assert.deepEqual(
      steps.map(({ step, epoch }) => [step, epoch]),
      [
        [1, 1],
        [2, 1],
        [3, 2],
        [4, 2],
      ],
    );
    for (const { loss, gradNorm, rows, tokens, paddedTokens, milliseconds } of steps) {
      assert.ok(loss > 0 && gradNorm > 0 && milliseconds > 0 && tokens > rows && tokens <= rows * 8);
      assert.equal((tokens + paddedTokens) % rows, 0, "rows of one length");
    }
    for (const epoch of [steps.slice(0, 2), steps.slice(2)]) {
      assert.deepEqual(epoch.map(({ rows }) => rows).sort(), [2, 4]);
    }
    const epochs = eventsOf(events, "epoch");
    const mean = steps.slice(0, 2).reduce((sum, { loss, rows }) => sum + loss * rows, 0) / 6;
    assert.ok(Math.abs((epochs[0]?.trainLoss ?? 0) - mean) < 1e-9);
    assert.ok(epochs.every(({ paddedShare }) => paddedShare >= 0 && paddedShare < 1));
    assert.ok(epochs.every(({ dev }) => dev?.confusion.flat().reduce((a, b) => a + b) === 3));
    assert.deepEqual(result, events.at(-1));
    assert.equal(result.reason, "finished");
    assert.equal(
      result.test?.confusion.flat().reduce((a, b) => a + b),
      3,
    );
  });
});

/** A run on the CPU that calls `act` at each step: how it ended, and whether the model works on. */
async function runWith(
  stage: Stage,
  act: (run: import("../../../web/bertlet.d.ts").FinetuneRun, step: number, abort: () => void) => void,
): Promise<{ end: EndEvent | string; steps: number; again: string; changed: boolean }> {
  return await stage.page.evaluate(
    async ({ model, few, act }) => {
      const classifier = await window.bertlet.Classifier.load(model, { device: "wasm" });
      const before = await classifier.classify("the box was bad");
      const abort = new AbortController();
      const data = { train: few, dev: few, test: few };
      const run = classifier.finetune(data, {
        epochs: 1000,
        warmupRatio: 0,
        batchSize: 2,
        learningRate: 1e-3,
        signal: abort.signal,
      });
      const call = new Function(`return (${act})`)();
      let steps = 0;
      call(run, 0, () => abort.abort());
      try {
        for await (const event of run) {
          if (event.type !== "step") continue;
          steps = event.step;
          call(run, steps, () => abort.abort());
        }
      } catch {} // also what result rejects with
      const end = await run.result.catch((error) => error.code as string);
      const again = await classifier.finetune({ train: few }, { epochs: 1 }).result;
      const after = await classifier.classify("the box was bad");
      await classifier.dispose();
      return { end, steps, again: again.reason, changed: after.score !== before.score };
    },
    { model: MODEL, few, act: act.toString() },
  );
}

suite("the controls of a run", (stage) => {
  test("stop, whenever it comes, ends it with the weights so far", async () => {
    for (const act of [
      (run: { stop(): void }) => run.stop(),
      (run: { stop(): void }, step: number) => step === 1 && run.stop(),
      (run: { stop(): void }, step: number) => step === 3 && run.stop(), // an epoch's end: dev is next
      (run: { stop(): void; pause(): void }, step: number) => {
        if (step === 5) {
          run.pause();
          setTimeout(() => run.stop(), 100);
        }
      },
    ]) {
      const { end, again, changed } = await runWith(stage, act);
      assert.ok(typeof end === "object", `${end}`);
      assert.equal(end.reason, "stopped");
      assert.equal(end.test, undefined);
      assert.ok(end.steps < 3000, `${end.steps}`);
      assert.deepEqual([again, changed], ["finished", true]);
    }
  });

  test("abort, whenever it comes, rejects the result and leaves the model usable", async () => {
    for (const act of [
      (_run: unknown, _step: number, abort: () => void) => abort(),
      (_run: unknown, step: number, abort: () => void) => step === 1 && abort(),
      (_run: unknown, step: number, abort: () => void) => step === 3 && abort(),
      (run: { pause(): void }, step: number, abort: () => void) => {
        if (step === 5) {
          run.pause();
          setTimeout(abort, 100);
        }
      },
    ]) {
      const { end, steps, again } = await runWith(stage, act);
      assert.equal(end, "aborted");
      assert.ok(steps < 3000, `${steps}`);
      assert.equal(again, "finished");
    }
  });

  test("pause holds it, with other calls served, and its time is not counted", async () => {
    const { held, later, served, end, milliseconds } = await stage.page.evaluate(
      async ({ model, few }) => {
        const classifier = await window.bertlet.Classifier.load(model, { device: "wasm" });
        const run = classifier.finetune({ train: few }, { epochs: 1000, batchSize: 3 });
        const begun = performance.now();
        let steps = 0;
        let goesOn = () => {};
        const over = (async () => {
          for await (const event of run) {
            if (event.type === "step") steps = event.step;
            goesOn();
          }
        })();
        run.pause();
        // The worker, which does as it is told in turn, has the pause once it answers. Its steps came before.
        const served = await classifier.classify("late");
        await new Promise((resolve) => setTimeout(resolve));
        const held = steps;
        await new Promise((resolve) => setTimeout(resolve, 1500));
        const later = steps;
        run.resume();
        const next = new Promise<void>((resolve) => {
          goesOn = resolve;
        });
        await Promise.race([next, over]);
        run.stop();
        await over;
        const end = await run.result;
        const milliseconds = performance.now() - begun;
        await classifier.dispose();
        return { held, later, served, end, milliseconds };
      },
      { model: MODEL, few },
    );
    assert.equal(later, held);
    assert.ok(served.score > 0);
    assert.equal(end.reason, "stopped");
    assert.ok(end.steps > held && end.steps < 2000, `${held}, then ${end.steps}`);
    assert.ok(end.milliseconds < milliseconds - 1000, `${end.milliseconds} of ${milliseconds} ms`);
  });
});

suite("chance", (stage) => {
  test("is the seed's: the same losses twice, bit for bit, and others with another seed", async () => {
    const losses = await stage.page.evaluate(
      async ({ model, few }) => {
        const run = async (seed: number) => {
          const classifier = await window.bertlet.Classifier.load(model, {
            device: "wasm",
            labels: [...new Set(few.map(({ label }) => label)), "other"],
            seed,
          });
          const losses: number[] = [];
          const run = classifier.finetune({ train: few }, { epochs: 3, batchSize: 2, seed, dropout: 0.1 });
          for await (const event of run) if (event.type === "step") losses.push(event.loss);
          await classifier.dispose();
          return losses;
        };
        return [await run(7), await run(7), await run(8)];
      },
      { model: MODEL, few },
    );
    assert.equal(losses[0]?.length, 9);
    assert.deepEqual(losses[0], losses[1]);
    assert.notDeepEqual(losses[0], losses[2]);
  });

  test("a run that diverges says so and keeps finite weights", async () => {
    const { end, weights } = await stage.page.evaluate(
      async ({ model, few }) => {
        const classifier = await window.bertlet.Classifier.load(model, { device: "wasm" });
        // With beta2 = 0, parameters without a gradient in this batch are divided by almost zero.
        const options = { epochs: 50, batchSize: 2, learningRate: 1, adamBeta2: 0, adamEpsilon: 1e-30 };
        const end = await classifier.finetune({ train: few, test: few }, options).result;
        const saved = (await classifier.save())["model.safetensors"];
        await classifier.dispose();
        return { end, weights: window.encodeBytes(new Uint8Array(await saved.arrayBuffer())) };
      },
      { model: MODEL, few },
    );
    assert.equal(end.reason, "diverged");
    assert.equal(end.test, undefined);
    const { data } = parseSafetensors(Buffer.from(weights, "base64"));
    assert.ok(data.length > 100_000);
    for (let at = 0; at < data.length; at += 4)
      assert.ok(Number.isFinite(data.readFloatLE(at)), `byte ${at}`);
  });
});
