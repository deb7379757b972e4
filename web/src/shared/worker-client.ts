// The page's end of a worker: sends calls, settles each one's promise, and makes sure that none is left
// hanging when the worker dies. May not know what the calls mean.

import type { LoadProgress, ModelInfo, RowProgress } from "../../bertlet.d.ts";
import { aborted, BertletError } from "./errors.ts";
import type { CallName, CallRequest, Calls, RunEvents, RunName, ToPage, ToWorker } from "./messages.ts";

/** What the client needs of a Worker. */
export interface WorkerPort {
  postMessage(message: ToWorker): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
  terminate(): void;
}

export interface CallHooks {
  onProgress?: ((progress: LoadProgress | RowProgress) => void) | undefined;
  onEvent?: (event: RunEvents[RunName]) => void;
}

interface Pending {
  call: CallName;
  resolve(response: unknown): void;
  reject(error: BertletError): void;
  hooks: CallHooks;
}

export function startWorker(): Worker {
  try {
    return new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "bertlet" });
  } catch (error) {
    throw new BertletError(
      "worker-crashed",
      `the worker could not be started: ${error}`,
      "bertlet.js and worker.js must come from the page's own origin",
    );
  }
}

export class Client {
  /** Called when a call has changed the model's info, before it is answered. */
  onInfo: ((info: ModelInfo) => void) | undefined;
  readonly #worker: WorkerPort;
  readonly #pending = new Map<number, Pending>();
  readonly #watch = new AbortController();
  readonly #lock = `bertlet-${crypto.randomUUID?.() ?? Math.random()}`;
  #nextId = 1;
  /** What ended this client, once it has ended. */
  #end: BertletError | undefined;

  constructor(worker: WorkerPort) {
    this.#worker = worker;
    worker.addEventListener("message", (event) => this.#receive((event as MessageEvent<ToPage>).data));
    worker.addEventListener("messageerror", () => this.#crash("a message from it could not be read"));
    worker.addEventListener("error", (event) => {
      event.preventDefault?.();
      const { message } = event as ErrorEvent;
      // Without a message the script itself could not be fetched or run.
      if (message) this.#crash(message);
      else this.#crash("it could not be started", "worker.js must lie in the same folder as bertlet.js");
    });
    worker.postMessage({ type: "hello", lock: this.#lock });
  }

  /** The id for `call`, which `cancel` and `control` take too. */
  newId(): number {
    return this.#nextId++;
  }

  call<K extends CallName>(
    call: K,
    request: Calls[K]["request"],
    hooks: CallHooks = {},
    id: number = this.newId(),
  ): Promise<Calls[K]["response"]> {
    if (this.#end !== undefined) return Promise.reject(this.#disposed());
    return new Promise<Calls[K]["response"]>((resolve, reject) => {
      this.#pending.set(id, { call, resolve: resolve as (response: unknown) => void, reject, hooks });
      try {
        this.#worker.postMessage({ type: "request", call, id, request } as CallRequest);
      } catch (error) {
        // A file that cannot be cloned, such as one over a detached buffer.
        this.#pending.delete(id);
        reject(new BertletError("fetch-failed", `a file could not be handed to the worker: ${error}`));
      }
    });
  }

  /** Tells the worker to end a call; where `now`, its promise rejects without waiting for the answer. */
  cancel(id: number, what: string, reason: unknown, now: boolean): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#worker.postMessage({ type: "cancel", id });
    if (!now) return;
    this.#pending.delete(id);
    pending.reject(aborted(what, reason));
  }

  control(type: "pause" | "resume" | "stop", id: number): void {
    if (this.#pending.has(id)) this.#worker.postMessage({ type, id });
  }

  /** Ends the worker; every pending call rejects with `error`, every later one with `disposed`. */
  end(error: BertletError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#watch.abort();
    this.#worker.terminate();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(error);
  }

  #disposed(): BertletError {
    const end = this.#end as BertletError;
    if (end.code === "disposed") return new BertletError("disposed", end.message, end.hint);
    return new BertletError("disposed", `the classifier is disposed: ${end.message}`, "load it again");
  }

  #crash(message: string, hint = "load the checkpoint again"): void {
    this.end(new BertletError("worker-crashed", `the worker crashed: ${message}`, hint));
  }

  #receive(message: ToPage): void {
    switch (message.type) {
      case "ready":
        this.#watchLock();
        return;
      case "response":
        this.#take(message.id)?.resolve(message.response);
        return;
      case "failed":
        this.#take(message.id)?.reject(BertletError.from(message.failure));
        return;
      case "progress":
        this.#pending.get(message.id)?.hooks.onProgress?.(message.progress);
        return;
      case "info":
        this.onInfo?.(message.info);
        return;
      case "event":
        this.#pending.get(message.id)?.hooks.onEvent?.(message.event);
        return;
      case "fatal":
        this.end(BertletError.from(message.failure));
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  /** No event tells that a worker closed itself or was killed, but its lock is let go, whatever ends it. */
  #watchLock(): void {
    if (typeof navigator === "undefined" || navigator.locks === undefined) return;
    navigator.locks
      .request(this.#lock, { signal: this.#watch.signal }, () => this.#crash("it ended"))
      .catch(
        () => {}, // aborted by end()
      );
  }
}
