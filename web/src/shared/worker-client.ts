// The page's end of a worker: sends calls and settles their promises, also when the worker dies. May not know
// what the calls mean.

import type { LoadProgress, ModelInfo, RowProgress } from "../../bertlet.d.ts";
import { version } from "../../package.json";
import { aborted, BertletError, otherVersion } from "./errors.ts";
import { watchLifeline, watchLock } from "./lifeline.ts";
import type { FetchRequest } from "./loading-requests.ts";
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
  /** Fetches a file of the call by the page's function. `signal` is aborted when the worker ends. */
  onFetch?: ((request: FetchRequest, signal: AbortSignal) => void) | undefined;
  onCalibrate?: (asked: Extract<ToPage, { type: "calibrate" }>) => void;
}

interface Pending {
  call: CallName;
  resolve(response: unknown): void;
  reject(error: BertletError): void;
  hooks: CallHooks;
}

export class Client {
  /** Called when a call has changed the model's info, before its response. */
  onInfo: ((info: ModelInfo) => void) | undefined;
  readonly #worker: WorkerPort;
  readonly #pending = new Map<number, Pending>();
  readonly #watch = new AbortController();
  readonly #lock = `bertlet-${crypto.randomUUID?.() ?? Math.random()}`;
  #nextId = 1;
  /** The error that ended this client, if it has ended. */
  #end: BertletError | undefined;
  #alive = false;
  #settleStarted: () => void = () => {};
  /** Settles with the worker's first message, or its end. */
  readonly started = new Promise<void>((resolve) => {
    this.#settleStarted = resolve;
  });

  /** `explain` says, maybe given a reason, why a worker failed that has sent no message. */
  constructor(worker: WorkerPort, explain?: (reason: string) => Promise<BertletError>) {
    this.#worker = worker;
    worker.addEventListener("message", (event) => this.#receive((event as MessageEvent<ToPage>).data));
    worker.addEventListener("messageerror", () => this.#crash("a message from it could not be read"));
    worker.addEventListener("error", (event) => {
      event.preventDefault?.();
      const { message } = event as ErrorEvent;
      // An event without a message: the script could not be fetched or run.
      if (message || this.#alive || explain === undefined) this.#crash(message || "it could not be started");
      else void explain("").then((error) => this.end(error));
    });
    worker.postMessage({ type: "hello", version, lock: this.#lock });
  }

  /** A new id, for `call`, `cancel` and `control`. */
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
        // The request holds a file that cannot be cloned, such as a detached buffer.
        this.#pending.delete(id);
        reject(new BertletError("fetch-failed", `a file could not be handed to the worker: ${error}`));
      }
    });
  }

  /**
   * Tells the worker to end a call. With `now`, the call's promise rejects without waiting for the worker.
   */
  cancel(id: number, what: string, reason: unknown, now: boolean): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#worker.postMessage({ type: "cancel", id });
    if (!now) return;
    this.#pending.delete(id);
    pending.reject(aborted(what, reason));
  }

  control(type: "pause" | "resume" | "stop" | "keep", id: number): void {
    if (this.#pending.has(id)) this.#worker.postMessage({ type, id });
  }

  /** Ends the worker; every pending call rejects with `error`, every later one with `disposed`. */
  end(error: BertletError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#settleStarted();
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

  #crash(message: string): void {
    const hint = "load the checkpoint again";
    this.end(new BertletError("worker-crashed", `the worker crashed: ${message}`, hint));
  }

  #receive(message: ToPage): void {
    this.#alive = true;
    this.#settleStarted();
    switch (message.type) {
      case "ready":
        if (message.version !== version) this.end(otherVersion("the page", version, message.version));
        return;
      case "locked":
        watchLock(this.#lock, this.#watch.signal, () => this.#crash("it ended"));
        return;
      case "lifeline":
        watchLifeline(message.port, this.#watch.signal, (error) =>
          error === undefined ? this.#crash("it or one of its threads ended") : this.end(error),
        );
        return;
      case "fetch":
        this.#pending.get(message.id)?.hooks.onFetch?.(message, this.#watch.signal);
        return;
      case "calibrate":
        this.#pending.get(message.id)?.hooks.onCalibrate?.(message);
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
}
