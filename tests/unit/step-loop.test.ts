// When the step loop has a run's state kept around its last step, and how it goes on from such a state: on a run of two epochs
// of two steps.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PretrainRequest } from "../../web/src/shared/messages.ts";
import type { Journal } from "../../web/src/worker/journal/journal.ts";
import type { EpochSums } from "../../web/src/worker/journal/progress.ts";
import type { RunKeeper } from "../../web/src/worker/journal/run-keeper.ts";
import { pretrain } from "../../web/src/worker/runs/pretrain.ts";
import { StepLoop } from "../../web/src/worker/runs/step-loop.ts";
import { RunJob, type Session } from "../../web/src/worker/session.ts";

const LIMIT = 4;

interface Asked {
  /** The epoch that ends the run early. */
  last?: number;
  evaluates?: boolean;
  goesOn?: boolean;
  from?: { step: number; epoch: Partial<EpochSums> };
}

/** What is kept of a run, as "step when", with what is owed; and why it ended, after so many steps and evaluations. */
async function keptOf({ last, evaluates = true, goesOn = false, from }: Asked) {
  let step = from?.step ?? 0;
  let evaluations = 0;
  const kept: string[] = [];
  const sums = { rows: 0, loss: 0, tokens: 0, paddedTokens: 0, milliseconds: 0 };
  const trainStep = async () => {
    step += 1;
    const epochEnd = step % 2 === 0;
    return { step, epoch: Math.ceil(step / 2), epochEnd, loss: 1, rows: 1, tokens: 1, paddedTokens: 0 };
  };
  const session = {
    turn: async <T>(work: () => T) => work(),
    engine: { trainStep },
  } as unknown as Session;
  const keeper = {
    restore: async () => from && { step: from.step, epoch: { ...sums, ...from.epoch }, elapsedMs: 0 },
    keep: async (step: number, { owed, early }: EpochSums, _: number, when: string) => {
      kept.push(`${step} ${when}${owed ? " owed" : ""}${early ? " early" : ""}`);
    },
  } as unknown as RunKeeper;
  const loop = new StepLoop<object>(session, new RunJob("finetune"), () => {}, 0, keeper);
  const evaluation = {
    evaluate: async () => {
      evaluations += 1;
      return {};
    },
    continues: (epoch: number) => epoch !== last,
  };
  const reason = await loop.run(LIMIT, evaluates ? evaluation : undefined, goesOn);
  return { kept, ended: [reason, loop.steps, evaluations] };
}

test("a run that goes straight to its end keeps no last state", async () => {
  const { kept, ended } = await keptOf({ evaluates: false });
  assert.deepEqual(kept, ["1 step", "2 epoch", "3 step"]);
  assert.deepEqual(ended, ["finished", 4, 0]);
});

test("the last step's state is kept before the evaluations that are still to come", async () => {
  assert.deepEqual((await keptOf({})).kept, ["1 step", "2 epoch", "3 step", "4 epoch owed"]);
  const { kept } = await keptOf({ goesOn: true });
  assert.deepEqual(kept, ["1 step", "2 epoch", "3 step", "4 epoch owed", "4 now"]);
  assert.deepEqual((await keptOf({ evaluates: false, goesOn: true })).kept.at(-1), "4 now");
});

test("a run that ends early keeps that it has, and goes on with what follows alone", async () => {
  const early = { last: 1, goesOn: true };
  assert.deepEqual(await keptOf(early), { kept: ["1 step", "2 now early"], ended: ["early-stopping", 2, 1] });
  const again = await keptOf({ ...early, from: { step: 2, epoch: { early: true } } });
  assert.deepEqual(again, { kept: [], ended: ["early-stopping", 2, 0] });
  assert.deepEqual((await keptOf({ last: 1 })).kept, ["1 step"]);
});

test("a run goes on from its last step with what is owed, and keeps no state anew before it", async () => {
  const from = { step: LIMIT, epoch: { owed: 2 } };
  assert.deepEqual(await keptOf({ from }), { kept: [], ended: ["finished", 4, 1] });
  assert.deepEqual(await keptOf({ from: { step: LIMIT, epoch: {} }, goesOn: true }), {
    kept: [],
    ended: ["finished", 4, 0],
  });
});

test("a run of masked tokens that is stopped again in its last evaluation still owes it", async () => {
  const rows = {
    length: 1000,
    truncated: 0,
    lengths: () => new Uint32Array(1000).fill(3),
    append: () => {},
    free: () => {},
  };
  const engine = {
    encode: () => rows,
    beginPretraining: () => ({ steps: LIMIT, trainedParameters: 1, rows: 1 }),
    resumeRun: async () => {},
    endTraining: () => {},
    maskedLoss: async () => ({ loss: 1, maskedTokens: 1 }),
  };
  class RunValues {
    push = () => {};
  }
  const turn = async <T>(work: () => T) => work();
  const session = { engine, wasm: { RunValues }, info: {}, turn, refresh: () => {} } as unknown as Session;
  const numbers = { step: LIMIT, gradientScale: 1, decay: 1, moments: [], triples: 0 };
  const epoch = { rows: 0, loss: 0, tokens: 0, paddedTokens: 0, milliseconds: 0 };
  const slot = { head: { elapsedMs: 1, progress: { numbers, epoch, parts: 0 } }, pieces: [] };
  const job = new RunJob("pretrain");
  let evaluations = 0;
  const request = { train: ["a"], dev: ["b"], recipe: { epochs: 2 } } as PretrainRequest;
  const onProgress = ({ stage, loaded, total }: { stage: string; loaded: number; total: number }) => {
    if (stage !== "dev") return;
    if (evaluations === 1) job.stop();
    if (loaded === total) evaluations += 1;
  };
  const journal = { slot } as unknown as Journal;
  const { reason, steps, dev } = await pretrain(session, request, job, () => {}, onProgress, journal);
  assert.deepEqual([reason, steps, dev], ["stopped", LIMIT, undefined]);
});
