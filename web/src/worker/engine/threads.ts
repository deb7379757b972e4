// Starts CPU threads: workers on the memory of one wasm instance. The calling worker is the first thread.

import { scriptOf, startWorker, type Unstarted, type WorkerScript } from "../../shared/start-worker.ts";
import { withTimeout } from "../../shared/timeout.ts";
import type { SharedInstance, ThreadTask } from "./thread-task.ts";
import { watcherOf } from "./watcher.ts";

/** Gives the page its end of a thread's lifeline. */
export type OnThread = (lifeline: MessagePort) => void;

/** The exports that a thread calls, in the build with threads. */
export interface ThreadModule {
  initSync(shared: { module: WebAssembly.Module; memory: WebAssembly.Memory }): unknown;
  runThread(): void;
}

const PAGE_BYTES = 65_536;
/** At the start, in pages: a little more than the build's own data. */
const FIRST_PAGES = 64;
/** Largest sizes to try, in bytes. A phone refuses to set aside 4 GiB. */
const SIZES = [2 ** 32, 2 ** 31, 2 ** 30, 2 ** 29];

/** Memory for threads to share, which can grow to as much as the browser sets aside, and to `mostBytes` at most. */
export function sharedMemory(mostBytes: number): { memory: WebAssembly.Memory; memoryBytes: number } {
  let refusal: unknown;
  for (const memoryBytes of [mostBytes, ...SIZES.filter((size) => size < mostBytes)]) {
    try {
      const maximum = memoryBytes / PAGE_BYTES;
      return { memory: new WebAssembly.Memory({ initial: FIRST_PAGES, maximum, shared: true }), memoryBytes };
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

/** A message of a thread. */
type ThreadMessage = { ready: true } | { failed: string } | Unstarted;

/** Limit for the threads' answer. A page's policy may forbid workers without an error. */
const LIMIT_MS = 20_000;
/** References that keep the workers alive: Firefox collects an unreferenced worker, even at work. */
const runningWorkers: Worker[] = [];

/** The exports that start threads. Only the build with threads has them. */
export interface Pool {
  sharedModule?(): WebAssembly.Module;
  /** Makes the calling worker the first thread of a pool. The other threads are ready. */
  startThreads?(threads: number): void;
}

/**
 * Starts a pool of threads on an instance that can have one: the calling worker, and others that run
 * thread.js. Resolves, with the number of threads, once all are ready. Where one fails, all are ended, and the
 * caller is alone: another build would have to be fetched, which a page without a network cannot.
 */
export async function startThreads(
  wasm: Pool,
  instance: Omit<SharedInstance, "module">,
  threads: number,
  onThread: OnThread,
): Promise<number> {
  const module = wasm.sharedModule?.();
  if (module === undefined) return 1;
  const shared = { ...instance, module };
  const script = threadScript();
  const workers = Array.from({ length: threads - 1 }, () => startWorker(script));
  const lifelines: MessagePort[] = [];
  try {
    const all = Promise.all(
      workers.map((worker) => {
        const { port1, port2 } = new MessageChannel();
        lifelines.push(port1);
        return ready(worker, shared, port2, script);
      }),
    );
    await withTimeout(LIMIT_MS, all, new Error(`no response in ${LIMIT_MS / 1000} s`));
  } catch (error) {
    for (const worker of workers) worker.terminate();
    console.warn(`bertlet: no threads, so one does all the work: ${error}`);
    wasm.startThreads?.(1);
    return 1;
  }
  runningWorkers.push(...workers);
  // Before any work: a worker that waits for a thread that has ended says nothing more.
  for (const lifeline of lifelines) onThread(lifeline);
  wasm.startThreads?.(threads);
  return threads;
}

function threadScript() {
  return scriptOf(() => new Worker(new URL("./thread.js", import.meta.url), { type: "module" }));
}

/** Starts this worker's watcher. Where it does not start, there is no answer, and the page sends no ping. */
export function startWatcher(): MessagePort {
  return watcherOf(threadScript()).port;
}

function ready(
  worker: Worker,
  shared: SharedInstance,
  lifeline: MessagePort,
  { url }: WorkerScript,
): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<ThreadMessage>) => {
      if ("ready" in data) resolve();
      else reject(new Error("failed" in data ? data.failed : data.reason));
    });
    worker.addEventListener("error", ({ message }) =>
      reject(new Error(message || "thread.js did not start")),
    );
    const lock = `bertlet-thread-${crypto.randomUUID?.() ?? Math.random()}`;
    worker.postMessage({ ...shared, lock, lifeline, script: url.href } satisfies ThreadTask, [lifeline]);
  });
}
