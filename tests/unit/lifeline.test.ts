// Ends of workers and threads, without a browser: what a lifeline tells, and what a crash is told as.

import assert from "node:assert/strict";
import { test } from "node:test";
import { crashOf } from "../../web/src/shared/crash.ts";
import type { BertletError } from "../../web/src/shared/errors.ts";
import { type LifelineMessage, watchLifeline } from "../../web/src/shared/lifeline.ts";

function watched() {
  const { port1, port2 } = new MessageChannel();
  const over = new AbortController();
  const ended = new Promise<BertletError | undefined>((resolve) =>
    watchLifeline(port1, over.signal, (error) => {
      over.abort();
      resolve(error);
    }),
  );
  return { holder: port2, say: (message: LifelineMessage) => port2.postMessage(message), over, ended };
}
const soon = <T>(promise: Promise<T>) =>
  Promise.race([promise, new Promise<string>((resolve) => setTimeout(resolve, 300, "none"))]);

test("a thread that fails says why", async () => {
  const { say, ended } = watched();
  say({ answers: false });
  say({ failed: { code: "out-of-memory", message: "full" } });
  assert.equal((await ended)?.code, "out-of-memory");
});

test("a closed port is an end, unless its holder never lived", async () => {
  const lived = watched();
  lived.say({ answers: false });
  await new Promise((resolve) => setTimeout(resolve, 50));
  lived.holder.close();
  assert.equal(await soon(lived.ended), undefined);
  const never = watched();
  never.holder.close();
  assert.equal(await soon(never.ended), "none");
});

test("pings without an answer are an end, within 10 seconds", async (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const { say, holder, over, ended } = watched();
  const answer = () => say({ answers: true });
  holder.addEventListener("message", answer);
  holder.start();
  say({ answers: true });
  const tick = async () => {
    context.mock.timers.tick(1500);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  await tick();
  for (let ping = 0; ping < 10; ping++) await tick();
  assert.equal(over.signal.aborted, false);
  holder.removeEventListener("message", answer);
  for (let ping = 0; ping < 4; ping++) await tick();
  assert.equal(await soon(ended), undefined);
});

test("what ran out of memory is told as such, whoever says it", () => {
  const full = new WebAssembly.Memory({ initial: 1, maximum: 2 });
  const free = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
  const cases: [unknown, WebAssembly.Memory | undefined, string][] = [
    [new Error("panic: panicked at raw_vec/mod.rs:28:5:\ncapacity overflow"), free, "out-of-memory"],
    [new Error("memory allocation of 4096 bytes failed"), free, "out-of-memory"],
    [new RangeError("WebAssembly.Memory.grow(): Maximum memory size exceeded"), undefined, "out-of-memory"],
    [new RangeError("Array buffer allocation failed"), undefined, "out-of-memory"],
    ["InternalError: allocation size overflow", undefined, "out-of-memory"],
    [new WebAssembly.RuntimeError("unreachable"), full, "out-of-memory"],
    [new WebAssembly.RuntimeError("unreachable"), free, "worker-crashed"],
    [new RangeError("Maximum call stack size exceeded"), free, "worker-crashed"],
    [new Error("panic: index out of bounds: the len is 3"), free, "worker-crashed"],
  ];
  for (const [error, memory, code] of cases) assert.equal(crashOf(error, memory).code, code, String(error));
});
