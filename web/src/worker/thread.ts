// Script of a worker that is one CPU thread: joins the thread pool of an engine (crate/src/wasm/threads.rs),
// nothing else.

import type { SharedInstance, ThreadModule } from "./threads.ts";

/** The builds with threads. Written out, as in wasm-builds.ts. */
const SCRIPTS: Record<string, () => Promise<ThreadModule>> = {
  cpu_threads: () => import("./wasm/cpu_threads.js"),
};

self.addEventListener("message", async ({ data }: MessageEvent<SharedInstance>) => {
  try {
    const wasm = await (SCRIPTS[data.build] as () => Promise<ThreadModule>)();
    wasm.initSync({ module: data.module, memory: data.memory });
    postMessage({ ready: true });
    wasm.runThread();
  } catch (error) {
    postMessage({ failed: String(error) });
  }
});
