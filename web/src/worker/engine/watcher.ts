// Starts a watcher: a worker that does nothing but answer the page's pings, and ends with the one that started it, which may
// be too busy to answer. It runs thread.js.

import { startWorker, type WorkerScript } from "../../shared/start-worker.ts";
import type { ThreadTask } from "./thread-task.ts";

/** Longest time until a watcher answers. */
const LIMIT_MS = 2000;
/** References that keep them alive: Firefox collects an unreferenced worker. */
const running: Worker[] = [];

/** A watcher, the page's end of its lifeline, and whether it lives, once that is known. */
export function watcherOf(script: WorkerScript): { port: MessagePort; lives: Promise<boolean> } {
  const { port1, port2 } = new MessageChannel();
  const worker = startWorker(script);
  const lives = new Promise<boolean>((resolve) => {
    worker.addEventListener("message", ({ data }) => resolve("ready" in data));
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      resolve(false);
    });
    setTimeout(resolve, LIMIT_MS, false);
  });
  worker.postMessage({ watches: true, lifeline: port2 } satisfies ThreadTask, [port2]);
  running.push(worker);
  return { port: port1, lives };
}
