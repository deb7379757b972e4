// Script of a worker that is one CPU thread: joins the thread pool of an engine (crate/src/wasm/threads.rs),
// nothing else.

import type { SharedInstance, ThreadModule } from "./threads.ts";

self.addEventListener("message", async ({ data }: MessageEvent<SharedInstance>) => {
  try {
    const wasm: ThreadModule = await import(data.script);
    wasm.initSync({ module: data.module, memory: data.memory });
    postMessage({ ready: true });
    wasm.runThread();
  } catch (error) {
    postMessage({ failed: String(error) });
  }
});
