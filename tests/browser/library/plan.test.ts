// The estimates of `plan` against a run's measurements, in Chromium on the CPU: bytes of wasm memory, and
// minutes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { FinetuneOptions, FinetunePlan, LabelledText } from "../../../web/bertlet.d.ts";
import { checkpoint, LABELS } from "../../bench/model/checkpoint.ts";
import { randomWeights, type Shape, SPECIAL } from "../../bench/model/shape.ts";
import { type Stage, suite } from "../../support/browser.ts";
import { root, send } from "../../support/serve.ts";

const SHAPE: Shape = {
  name: "T",
  layers: 4,
  hidden: 192,
  heads: 6,
  intermediate: 768,
  vocab: 8000,
  positions: 128,
  classes: 2,
  batch: 8,
  seqLen: 64,
};

/**
 * Keeps the worker's wasm memory as a global, so that a test can read its size; wasm memory never shrinks.
 */
const KEEP_MEMORY = `for (const name of ["instantiate", "instantiateStreaming"]) {
  const whole = WebAssembly[name];
  WebAssembly[name] = async (...given) => {
    const made = await whole(...given);
    globalThis.memory = (made.instance ?? made).exports.memory;
    return made;
  };
}`;

/** Rows of 3 to `most` tokens. */
function rows(count: number, most: number): LabelledText[] {
  return Array.from({ length: count }, (_, row) => {
    const words = Array.from({ length: 1 + ((row * 7919) % (most - 2)) }, (_, k) => {
      return `w${SPECIAL.length + ((row * 7919 + k * 104_729) % (SHAPE.vocab - SPECIAL.length))}`;
    });
    return { text: words.join(" "), label: LABELS[row % LABELS.length] as string };
  });
}

function answerWithModel({ site }: Stage): void {
  const { config, tokenizer, weights } = checkpoint(SHAPE, randomWeights(SHAPE));
  const files = { "config.json": config, "vocab.txt": tokenizer, "model.safetensors": weights };
  for (const [name, bytes] of Object.entries(files)) {
    site.answer(`random/${name}`, (response) => send(response, 200, ".bin", Buffer.from(bytes)));
  }
  const worker = readFileSync(join(root, "web/dist/worker.js"), "utf8");
  site.answer("worker.js", (response) => send(response, 200, ".js", `${KEEP_MEMORY}\n${worker}`));
}

interface Measured {
  plan: FinetunePlan;
  /** Duration of the run after the plan. */
  minutes: number;
  steps: number;
  tokens: number;
  /** Size of wasm memory after a run without a plan, on a fresh model. */
  peakBytes: number;
}

async function measure(
  { page }: Stage,
  data: { train: LabelledText[]; dev?: LabelledText[] },
  options: FinetuneOptions,
): Promise<Measured> {
  const run = async (planned: boolean) => {
    const others = page.workers();
    const found = await page.evaluate(
      async ({ data, options, planned }) => {
        const one = await window.bertlet.Classifier.load("random/", { device: "wasm", threads: 1 });
        window.kept.one = one;
        const plan = planned ? await one.plan(data, options) : undefined;
        const begun = performance.now();
        let tokens = 0;
        const run = one.finetune(data, options);
        for await (const event of run) if (event.type === "step") tokens += event.tokens + event.paddedTokens;
        const { steps } = await run.result;
        return { plan, steps, tokens, minutes: (performance.now() - begun) / 60_000 };
      },
      { data, options, planned },
    );
    const worker = page.workers().find((worker) => !others.includes(worker));
    const peakBytes = await worker?.evaluate(
      () => (globalThis as unknown as { memory: WebAssembly.Memory }).memory.buffer.byteLength,
    );
    await page.evaluate(() => window.kept.one?.dispose());
    return { ...found, peakBytes: peakBytes as number };
  };
  const { peakBytes } = await run(false);
  const { plan, ...rest } = await run(true);
  return { ...rest, plan: plan as FinetunePlan, peakBytes };
}

suite("a plan", (stage) => {
  const cases: [string, { train: LabelledText[]; dev?: LabelledText[] }, FinetuneOptions][] = [
    ["of large batches", { train: rows(96, 128) }, { batchSize: 32, epochs: 1 }],
    ["of long rows, with dev", { train: rows(64, 128), dev: rows(40, 128) }, { epochs: 1 }],
    ["of short rows", { train: rows(200, 24) }, { batchSize: 4, epochs: 2 }],
  ];
  for (const [name, data, options] of cases) {
    test(`${name} foretells memory and minutes`, async () => {
      answerWithModel(stage);
      let { plan, ...measured } = await measure(stage, data, options);
      const ratio = () => (plan.minutes ?? Number.NaN) / measured.minutes;
      const holds = () => ratio() > 0.5 && ratio() < 2;
      // Between the estimate and the run, a busy machine may have become faster or slower: one of three must hold.
      for (let again = 0; again < 2 && !holds(); again++)
        ({ plan, ...measured } = await measure(stage, data, options));
      const of = (foretold: number, found: number) =>
        `foretold ${foretold.toFixed(2)}, measured ${found.toFixed(2)}, ${(foretold / found).toFixed(2)} times`;
      const bytes = of(plan.peakBytes / 2 ** 20, measured.peakBytes / 2 ** 20);
      const minutes = of(plan.minutes ?? Number.NaN, measured.minutes);
      console.log(`${name}: MiB ${bytes}; minutes ${minutes}`);
      assert.equal(plan.fits, true);
      assert.equal(plan.steps, measured.steps);
      assert.ok(Math.abs(plan.tokens / measured.tokens - 1) < 0.05, of(plan.tokens, measured.tokens));
      assert.ok(Math.abs(plan.peakBytes / measured.peakBytes - 1) < 0.2, bytes);
      // The machine of the tests may be busy: this is wider than what is promised for an idle one.
      assert.ok(holds(), minutes);
    });
  }

  test("that does not fit proposes one that does", async () => {
    answerWithModel(stage);
    const { plan, again, failure } = await stage.page.evaluate(
      async ({ train }) => {
        const options = { device: "wasm", threads: 1 } as const;
        const one = await window.bertlet.Classifier.load("random/", options);
        const plan = await one.plan({ train }, { batchSize: 1024 });
        const again = await one.plan({ train }, { batchSize: plan.proposal?.batchSize ?? 1024 });
        const failure = await window.failure(() => one.plan({ train }, { epochs: 0.5 }));
        await one.dispose();
        return { plan, again, failure };
      },
      { train: rows(1024, 128) },
    );
    assert.equal(plan.fits, false);
    assert.equal(plan.minutes, undefined);
    assert.ok(plan.peakBytes > (plan.limitBytes ?? Number.POSITIVE_INFINITY));
    assert.match(plan.proposal?.why ?? "", /GiB/);
    assert.equal(again.fits, true);
    assert.ok((again.minutes ?? 0) > 0);
    assert.equal(failure?.code, "bad-option");
  });
});
