// Script of a worker that is one CPU thread: joins the thread pool of an engine (crate/src/wasm/threads.rs),
// nothing else.

import type { SharedInstance, ThreadModule } from "./threads.ts";
import * as cpuThreads from "./wasm/cpu_threads.js";

/** The builds with threads. Imported at once, since Parcel finds no file that a worker's worker imports later. */
const BUILDS: Record<string, ThreadModule> = { cpu_threads: cpuThreads };

self.addEventListener("message", ({ data }: MessageEvent<SharedInstance>) => {
  try {
    const wasm = BUILDS[data.build] as ThreadModule;
    wasm.initSync({ module: data.module, memory: data.memory });
    postMessage({ ready: true });
    wasm.runThread();
  } catch (error) {
    postMessage({ failed: String(error) });
  }
});
