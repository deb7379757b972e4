// Script of a worker that is one CPU thread: joins the thread pool of an engine (crate/src/wasm/threads.rs),
// nothing else.

import type { SharedInstance, ThreadModule } from "./threads.ts";

/**
 * The builds with threads. Imported when asked for: WebKit gives what a service worker answers to a worker's own worker only
 * so. Parcel, which misses such a file, is left with one thread.
 */
const BUILDS: Record<string, () => Promise<ThreadModule>> = {
  cpu_threads: () => import("./wasm/cpu_threads.js"),
  cpu_threads_plain: () => import("./wasm/cpu_threads_plain.js"),
};

self.addEventListener("message", async ({ data }: MessageEvent<SharedInstance>) => {
  try {
    const wasm = await (BUILDS[data.build] as () => Promise<ThreadModule>)();
    wasm.initSync({ module: data.module, memory: data.memory });
    postMessage({ ready: true });
    wasm.runThread();
  } catch (error) {
    postMessage({ failed: String(error) });
  }
});
