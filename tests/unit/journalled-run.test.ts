// What a run with a journal does at the ends of its workers, on promises, and on workers that never answer.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ErrorCode, ModelInfo } from "../../web/bertlet.d.ts";
import { survive } from "../../web/src/page/journalled-run.ts";
import { RunPlace } from "../../web/src/page/run-place.ts";
import { WorkerCalls } from "../../web/src/page/worker-calls.ts";
import { BertletError } from "../../web/src/shared/errors.ts";
import type { Client } from "../../web/src/shared/worker-client.ts";

/** What each attempt comes to, the first one included: a code, or "done". A step is made before each. */
async function ends(codes: (ErrorCode | "done")[], places = codes.map(String)): Promise<string> {
  let attempts = 0;
  const attempt = async () => {
    const code = codes[attempts++] ?? "done";
    if (code !== "done") throw new BertletError(code, code);
    return "done";
  };
  const place = () => places[attempts - 1] ?? "";
  const end = await survive(attempt, attempt, place).catch((error: BertletError) => error.code);
  return `${end} after ${attempts}`;
}

test("a run goes on after each death, and a second one at the same place ends it", async () => {
  assert.equal(await ends(["worker-crashed", "out-of-memory", "done"], ["1", "2", "3"]), "done after 3");
  assert.equal(
    await ends(["worker-crashed", "worker-crashed", "done"], ["1", "1", "1"]),
    "worker-crashed after 2",
  );
  // The CPU can do what a lost GPU could not.
  assert.equal(await ends(["device-lost", "device-lost", "done"], ["1", "1", "1"]), "done after 3");
});

test("a worker that a busy machine starts late, or releases late, is tried again, and not for ever", async () => {
  const places = Array<string>(5).fill("1");
  assert.equal(await ends(["worker-crashed", "no-worker", "busy", "done"], places), "done after 4");
  assert.equal(
    await ends(["worker-crashed", "no-worker", "no-worker", "no-worker", "done"], places),
    "no-worker after 4",
  );
  // A second death at the same place is still the run's own.
  assert.equal(
    await ends(["worker-crashed", "busy", "worker-crashed", "done"], places),
    "worker-crashed after 3",
  );
});

test("where there is no journal to go on from, the death is told", async () => {
  assert.equal(await ends(["worker-crashed", "unknown-name"]), "worker-crashed after 2");
  assert.equal(await ends(["bad-option"]), "bad-option after 1");
});

test("a run whose worker died before its start was told tells it later, and no run tells it twice", () => {
  const told: unknown[] = [];
  const at = new RunPlace(1);
  const emit = at.watched((event) => told.push(event));
  const later = at.withoutStart(emit);
  for (const step of [0, 1]) {
    later({ type: "start", steps: step } as never);
    later({ type: "start", fold: step } as never);
  }
  assert.deepEqual(told, [
    { type: "start", steps: 0 },
    { type: "start", fold: 0 },
    { type: "start", fold: 1 },
  ]);
});

/** Calls to a worker that has crashed in a run with a journal, while another one starts that never answers. */
async function whileReopening(signal?: AbortSignal) {
  class SilentWorker extends EventTarget {
    postMessage() {}
    terminate() {}
  }
  Object.assign(globalThis, { Worker: SilentWorker });
  const crashed = async () => {
    throw new BertletError("worker-crashed", "it crashed");
  };
  const client = { newId: () => 1, call: crashed, control() {}, cancel() {}, end() {} } as unknown as Client;
  const calls = new WorkerCalls(client, {} as ModelInfo, {});
  const request = {} as never;
  const run = calls.run("finetune", () => ({ hooks: { signal }, requestOf: () => request, journal: "j" }));
  await new Promise((resolve) => setImmediate(resolve));
  return { calls, run };
}

test("a classifier that is disposed while its run moves to another worker says so", async () => {
  const { calls, run } = await whileReopening();
  calls.end();
  await assert.rejects(run.result, { code: "disposed", message: "the classifier is disposed" });
});

test("while a run moves to another worker, its own signal and that of a call are heard", async () => {
  const [own, other] = [new AbortController(), new AbortController()];
  const { calls, run } = await whileReopening(own.signal);
  const call = calls.call("classify", {} as never, { signal: other.signal });
  other.abort();
  await assert.rejects(call, { code: "aborted", message: "classify was aborted" });
  own.abort();
  await assert.rejects(run.result, { code: "aborted", message: "finetune was aborted" });
});
