// Script of a worker's own worker, which is one of two things: a CPU thread, which joins the thread pool of an engine
// (crate/src/wasm/threads.rs), or a watcher, which answers the page's pings for as long as the worker lives.

import { crashOf } from "../../shared/crash.ts";
import type { LifelineMessage } from "../../shared/lifeline.ts";
import { holdLock } from "./hold-lock.ts";
import type { ThreadTask } from "./thread-task.ts";
import type { ThreadModule } from "./threads.ts";
import { watcherOf } from "./watcher.ts";

/**
 * The builds with threads. Imported when asked for: WebKit gives what a service worker answers to a worker's own worker only
 * so. Parcel, which misses such a file, is left with one thread.
 */
const BUILDS: Record<string, () => Promise<ThreadModule>> = {
  cpu_threads: () => import("./wasm/cpu_threads.js"),
  cpu_threads_plain: () => import("./wasm/cpu_threads_plain.js"),
};

self.addEventListener("message", async ({ data }: MessageEvent<ThreadTask>) => {
  const { lifeline } = data;
  const say = (message: LifelineMessage) => lifeline.postMessage(message);
  if ("watches" in data) {
    lifeline.onmessage = () => say({ answers: true });
    say({ answers: true });
    postMessage({ ready: true });
    return;
  }
  const { build, module, memory, lock, script } = data;
  try {
    const wasm = await (BUILDS[build] as () => Promise<ThreadModule>)();
    wasm.initSync({ module, memory });
    if (await holdLock(lock)) say({ lock });
    else {
      const { port, lives } = watcherOf({ url: new URL(script), options: { type: "module" } });
      if (await lives) lifeline.postMessage({ watcher: port } satisfies LifelineMessage, [port]);
    }
    postMessage({ ready: true });
    wasm.runThread();
  } catch (error) {
    // Its worker may wait for this thread, and hear nothing, so that the page is told as well.
    say({ failed: crashOf(error, memory) });
    postMessage({ failed: String(error) });
  }
});
