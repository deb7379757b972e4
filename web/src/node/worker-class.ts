// A browser's Worker for Node.js: a thread that runs worker-scope.ts first. It is on the global scope too, unless another library
// has put its own there.

import { availableParallelism } from "node:os";
import { Worker as Thread, type Transferable } from "node:worker_threads";
import { MOST_THREADS } from "../shared/capabilities.ts";
import { NODE_WORKER, type Unstarted } from "../shared/start-worker.ts";

class NodeWorker extends EventTarget {
  static readonly mostThreads = Math.min(availableParallelism(), MOST_THREADS);
  readonly #thread: Thread;
  /** Whether the thread has sent a message, or has said that it cannot start. */
  #heard = false;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;

  constructor(script: URL | string) {
    super();
    this.#thread = new Thread(new URL("./node-worker.js", import.meta.url), { workerData: String(script) });
    this.addEventListener("message", (event) => this.onmessage?.(event as MessageEvent));
    this.addEventListener("error", (event) => this.onerror?.(event));
    this.#thread.on("message", (data) => this.#hear(data));
    this.#thread.on("messageerror", () => this.dispatchEvent(new MessageEvent("messageerror")));
    this.#thread.on("error", ({ message }) =>
      this.#heard
        ? this.#failed(message)
        : this.#hear({ type: "unstarted", reason: message } satisfies Unstarted),
    );
    // A page learns of it by a lock that its worker holds.
    this.#thread.on("exit", () => this.#failed("its thread ended"));
  }

  #hear(data: unknown): void {
    this.#heard = true;
    this.dispatchEvent(new MessageEvent("message", { data }));
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
export const hasOwnWorker = "Deno" in globalThis || "Bun" in globalThis;

if (!hasOwnWorker) {
  Object.assign(globalThis, { [NODE_WORKER]: NodeWorker });
  (globalThis as { Worker: unknown }).Worker ??= NodeWorker;
}
