// Fine-tuning in Chromium on both devices: losses and gradient norms against torch, then saving and loading.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FinetuneEvent } from "../../../web/bertlet.d.ts";
import { suite } from "../../support/browser.ts";
import { difference } from "../../support/checkpoints.ts";
import { LOSS_TOLERANCE, STEPS, torchRun } from "../../support/torch-run.ts";

/**
 * Runs without shuffling. A GPU stores the second checkpoint's matrices as 16-bit floats until they are
 * trained.
 */
const RUNS = [
  { name: "in_order", bytes: 4 },
  { name: "halves", bytes: 2 },
] as const;

function eventsOf<T extends FinetuneEvent["type"]>(events: FinetuneEvent[], type: T) {
  return events.filter((event): event is Extract<FinetuneEvent, { type: T }> => event.type === type);
}

suite.each("a fine-tuning run", (stage, device) => {
  for (const { name, bytes } of RUNS) {
    test(`makes torch's ${STEPS[device]} losses (${name}), then saves and loads as the same model`, async () => {
      const { checkpoint, maxLength, train, options, steps: all } = torchRun(name);
      const steps = all.slice(0, STEPS[device]);
      const { events, before, after, files, info } = await stage.page.evaluate(
        async ({ model, device, maxLength, train, options, count }) => {
          const classifier = await window.bertlet.Classifier.load(model, { device, maxLength });
          const { info } = classifier;
          const events: FinetuneEvent[] = [];
          const run = classifier.finetune({ train }, options);
          for await (const event of run) {
            if (event.type !== "step" || event.step <= count) events.push(event);
            if (event.type === "step" && event.step === count) run.stop();
          }
          const texts = train.slice(0, 4).map(({ text }) => text);
          const before = await classifier.classify(texts);
          const saved = await classifier.save();
          await classifier.dispose();
          const again = await window.bertlet.Classifier.load(
            {
              config: saved["config.json"],
              tokenizer: saved["tokenizer.json"],
              weights: saved["model.safetensors"],
            },
            { device, maxLength },
          );
          const after = await again.classify(texts);
          await again.dispose();
          return { events, before, after, files: Object.keys(saved).sort(), info };
        },
        {
          model: `data/checkpoints/${checkpoint}/`,
          device,
          maxLength,
          train,
          options,
          count: steps.length,
        },
      );
      const found = eventsOf(events, "step");
      assert.equal(found.length, steps.length);
      const worst = difference(
        found.map(({ loss }) => loss),
        steps.map(({ loss }) => loss),
      );
      assert.ok(worst <= LOSS_TOLERANCE, `the losses differ by ${worst}`);
      const rates = difference(
        found.map(({ learningRate }) => learningRate),
        steps.map(({ learning_rate }) => learning_rate),
      );
      assert.ok(rates <= 1e-9, `the learning rates differ by ${rates}`);
      for (const [i, { gradNorm }] of found.entries()) {
        const expected = steps[i]?.grad_norm ?? Number.NaN;
        assert.ok(
          Math.abs(gradNorm - expected) <= 5e-3 * expected,
          `step ${i + 1}: ${gradNorm}, ${expected}`,
        );
      }
      const kept = info.weightBytes / info.parameters;
      assert.ok(Math.abs(kept - (device === "webgpu" ? bytes : 4)) < 0.1, `${kept} bytes a number`);
      assert.deepEqual(after, before);
      const names = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"];
      assert.deepEqual(files, names);
    });
  }
});
