// Script of a worker that is one CPU thread: joins the thread pool of an engine (crate/src/wasm/threads.rs),
// nothing else.

import type { SharedInstance, ThreadModule } from "./threads.ts";
import * as cpuThreads from "./wasm/cpu_threads.js";

/**
 * The builds with threads. The one that most browsers take is imported at once, since Parcel finds no file that a worker's
 * worker imports later.
 */
const BUILDS: Record<string, () => Promise<ThreadModule>> = {
  cpu_threads: async () => cpuThreads,
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
