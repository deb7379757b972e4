// Makes a thread of Node look like a browser's worker to the script that it is started for: its messages, fetch of
// files, and WebGPU, where the npm package "webgpu" is installed. Nothing outside the thread changes.

import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parentPort, type Transferable, workerData } from "node:worker_threads";
import { findGpu } from "./gpu.ts";
import "./worker-class.ts";

const fetchRemote = globalThis.fetch;

async function fetchFile(input: URL | string | Request, options?: RequestInit): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input);
  if (url.protocol !== "file:") return fetchRemote(input, options);
  try {
    const bytes = await readFile(url);
    const type = url.pathname.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
    const headers = { "content-length": String(bytes.length), "content-type": type };
    return new Response(bytes, { headers });
  } catch (error) {
    return new Response(null, { status: 404, statusText: String(error) });
  }
}

const events = new EventTarget();
Object.assign(globalThis, {
  self: globalThis,
  // wgpu tells by it that it runs in a worker.
  WorkerGlobalScope: class WorkerGlobalScope {},
  crossOriginIsolated: true,
  fetch: fetchFile,
  addEventListener: events.addEventListener.bind(events),
  postMessage: (message: unknown, transfer?: Transferable[]) => parentPort?.postMessage(message, transfer),
});
Object.defineProperty(globalThis, "navigator", {
  value: {
    gpu: await findGpu(),
    hardwareConcurrency: availableParallelism(),
    // Node.js has locks from version 24 on, and then the page waits for the worker's. Before, the thread's end is heard of by
    // its exit.
    locks: globalThis.navigator?.locks ?? {
      // The last argument, after the name and maybe options.
      request: async (...given: unknown[]) => (given.at(-1) as (lock: object) => unknown)({}),
    },
  },
  configurable: true,
});
// Messages that come before the script listens wait.
await import(workerData);
parentPort?.on("message", (data) => events.dispatchEvent(new MessageEvent("message", { data })));
