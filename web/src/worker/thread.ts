// One thread of the CPU: a worker's script that joins the pool of an engine (crate/wasm/threads.rs), and does nothing else.

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
