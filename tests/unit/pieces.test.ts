// What is larger than a piece: a model that is kept, and a run's state in a journal, come back whole, and one wrong bit is seen.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunState, WeightsFile } from "../../web/src/worker/engine/wasm-boundary.ts";
import type { Journal } from "../../web/src/worker/journal/journal.ts";
import { RunKeeper } from "../../web/src/worker/journal/run-keeper.ts";
import { readSlot, type Slot, type SlotHead, writeSlot } from "../../web/src/worker/journal/slots.ts";
import {
  type Manifest,
  partName,
  readManifest,
  readModel,
  writeModel,
} from "../../web/src/worker/keeping/model.ts";
import { PIECE_BYTES } from "../../web/src/worker/pieces.ts";
import type { BestEpoch } from "../../web/src/worker/runs/best-epoch.ts";
import type { Session } from "../../web/src/worker/session.ts";
import type { Piece } from "../../web/src/worker/storage/digest.ts";
import { MemoryStore } from "../../web/src/worker/storage/memory.ts";
import { writeRecord } from "../../web/src/worker/storage/records.ts";
import { hasCode } from "../support/fake-classifier.ts";

/** What wasm holds, which gives at most `most` at once, as at the end of each tensor. */
function held<T extends Uint8Array | Float32Array>(all: T) {
  return {
    read: async (at: number, into: T) => {
      const piece = all.subarray(at, at + into.length);
      into.set(piece);
      return piece.length;
    },
    free: () => {},
  };
}

function numbers(count: number, seed: number): Float32Array<ArrayBuffer> {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  });
}

function sessionOf(weights: Uint8Array): Session {
  const file: WeightsFile = { size: weights.length, ...held(weights) };
  const engine = {
    adapters: () => ({ names: [] }),
    useAdapter: () => {},
    info: () => ({ dtype: "f32", labels: ["a"] }),
    save: () => file,
    savedTokenizer: () => "{}",
    savedConfig: () => "{}",
    savedTokenizerConfig: () => "{}",
  };
  const info = { architecture: "BertModel", newTensors: [], unusedTensors: [], checkpointBytes: 1 };
  return { engine, info, scope: undefined } as unknown as Session;
}

test("a kept model of several pieces is whole, and one wrong bit of any is told", async () => {
  const store = new MemoryStore();
  const weights = new Uint8Array(numbers(PIECE_BYTES / 2, 1).buffer, 0, 2 * PIECE_BYTES - 5);
  await writeModel(sessionOf(weights), store, "m");
  assert.deepEqual(Buffer.from((await readModel(store, "m")).weights), Buffer.from(weights));
  const name = partName("m", "weights");
  for (const at of [0, PIECE_BYTES + 7, weights.length - 1]) {
    const wrong = weights.slice();
    wrong[at] = (wrong[at] as number) ^ 1;
    await store.write(name, [wrong]);
    await assert.rejects(
      readModel(store, "m"),
      hasCode("bad-weights", /damaged: its weights has the SHA-256/),
    );
  }
  await store.write(name, [weights.subarray(1)]);
  await assert.rejects(readModel(store, "m"), hasCode("bad-weights", /bytes, of/));
  await store.write(name, [weights]);
  // Those of before had one piece, which stood by itself.
  const manifest = (await readManifest(store, "m")) as Manifest;
  manifest.parts.tokenizer = [manifest.parts.tokenizer].flat()[0] as Piece;
  await writeRecord(store, partName("m"), manifest);
  await readModel(store, "m");
});

test("a run's state and its best epoch's come back as they were, each from its own pieces", async () => {
  const values = PIECE_BYTES / 4;
  const all = { run: numbers(2 * values + 3, 1), best: numbers(values, 2) };
  const stateOf = (which: keyof typeof all): RunState => ({
    length: all[which].length,
    numbers: () => ({ step: which === "run" ? 7 : 3, gradientScale: 1, decay: 1, moments: [], triples: 0 }),
    ...held(all[which]),
  });
  const best = {
    weights: stateOf("best"),
    state: () => ({ epoch: 1, loss: 1, waited: 0, numbers: stateOf("best").numbers() }),
    restoreState: () => {},
  } as unknown as BestEpoch;
  const resumed: { step: number; values: Float32Array }[] = [];
  class RunValues {
    pieces: Float32Array[] = [];
    push = (piece: Float32Array) => this.pieces.push(piece);
  }
  const session = {
    turn: async <T>(work: () => T) => work(),
    wasm: { RunValues },
    engine: {
      runState: () => stateOf("run"),
      resumeRun: async ({ step }: { step: number }, { pieces }: RunValues) => {
        const bytes = Buffer.concat(pieces.map((piece) => Buffer.from(piece.buffer.slice(0))));
        resumed.push({ step, values: new Float32Array(new Uint8Array(bytes).buffer) });
      },
    },
  } as unknown as Session;
  const store = new MemoryStore();
  const journal = {
    slot: undefined,
    save: (head: SlotHead, pieces: AsyncIterable<Float32Array>) =>
      writeSlot(store, "slot", { ...head, version: 1 }, pieces),
  } as unknown as Journal;
  const keeper = new RunKeeper(journal, session, 10, best, ({ type }) => assert.fail(type));
  await keeper.keep(7, { rows: 0, loss: 0, tokens: 0, paddedTokens: 0, milliseconds: 0 }, 1, "now");
  journal.slot = (await readSlot(store, "slot")) as Slot;
  assert.equal((await keeper.restore())?.step, 7);
  assert.deepEqual(
    resumed.map(({ step }) => step),
    [3, 7],
  );
  for (const [at, which] of (["best", "run"] as const).entries()) {
    assert.deepEqual(Buffer.from(resumed[at]?.values.buffer as ArrayBuffer), Buffer.from(all[which].buffer));
  }
});
