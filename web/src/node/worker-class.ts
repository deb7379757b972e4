// Puts a browser's Worker on Node's global scope, unless there is one: a thread that runs worker-scope.ts first.

import { availableParallelism } from "node:os";
import { Worker as Thread, type Transferable } from "node:worker_threads";
import { MOST_THREADS } from "../shared/capabilities.ts";

class NodeWorker extends EventTarget {
  static readonly mostThreads = Math.min(availableParallelism(), MOST_THREADS);
  readonly #thread: Thread;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;

  constructor(script: URL | string) {
    super();
    this.#thread = new Thread(new URL("./node-worker.js", import.meta.url), { workerData: String(script) });
    this.addEventListener("message", (event) => this.onmessage?.(event as MessageEvent));
    this.addEventListener("error", (event) => this.onerror?.(event));
    this.#thread.on("message", (data) => this.dispatchEvent(new MessageEvent("message", { data })));
    this.#thread.on("messageerror", () => this.dispatchEvent(new MessageEvent("messageerror")));
    this.#thread.on("error", ({ message }) => this.#failed(message));
    // A page learns of it by a lock that its worker holds.
    this.#thread.on("exit", () => this.#failed("its thread ended"));
  }

  #failed(message: string): void {
    this.dispatchEvent(Object.assign(new Event("error", { cancelable: true }), { message }));
  }

  postMessage(message: unknown, transfer?: Transferable[]): void {
    this.#thread.postMessage(message, transfer);
  }

  terminate(): void {
    void this.#thread.terminate();
  }
}

/** Deno and Bun have a Worker of their own. */
export const hasOwnWorker = globalThis.Worker !== undefined;

(globalThis as { Worker: unknown }).Worker ??= NodeWorker;
