// Starts threads of the CPU: workers on the memory of one wasm instance. The worker that calls is the first of them.

import { withTimeout } from "./timeout.ts";

/** What a thread needs to join an instance. */
export interface SharedInstance {
  /** URL of the build's JavaScript. */
  script: string;
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
}

/** What the build with threads has for it. */
export interface ThreadModule {
  initSync(shared: { module: WebAssembly.Module; memory: WebAssembly.Memory }): unknown;
  runThread(): void;
}

/** What a thread says. */
type ThreadMessage = { ready: true } | { failed: string };

/** Threads that have not answered by then never will: a page's policy may forbid them without an error. */
const LIMIT_MS = 20_000;
/** Firefox collects a worker that nobody holds, at work or not. */
const runningWorkers: Worker[] = [];

/** The engine's side of the build with threads; the others lack both. */
export interface Pool {
  sharedModule?(): WebAssembly.Module;
  /** Makes the calling worker the first of so many threads; the others are ready. */
  startThreads?(threads: number): void;
}

/**
 * Gives an instance that can have threads so many, the calling worker and others that run `url`, thread.js; answers once all
 * are ready. Where one fails, none is left.
 */
export async function startThreads(
  wasm: Pool,
  url: URL,
  instance: Omit<SharedInstance, "module">,
  threads: number,
): Promise<void> {
  const module = wasm.sharedModule?.();
  if (module === undefined) return;
  const shared = { ...instance, module };
  const workers = Array.from({ length: threads - 1 }, () => new Worker(url, { type: "module" }));
  try {
    const all = Promise.all(workers.map((worker) => ready(worker, shared)));
    await withTimeout(LIMIT_MS, all, new Error(`no response in ${LIMIT_MS / 1000} s`));
    wasm.startThreads?.(threads);
    runningWorkers.push(...workers);
  } catch (error) {
    for (const worker of workers) worker.terminate();
    throw error;
  }
}

function ready(worker: Worker, shared: SharedInstance): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<ThreadMessage>) => {
      if ("ready" in data) resolve();
      else reject(new Error(data.failed));
    });
    worker.addEventListener("error", ({ message }) =>
      reject(new Error(message || "thread.js did not start")),
    );
    worker.postMessage(shared);
  });
}
