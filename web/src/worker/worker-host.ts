// The worker's end of the protocol: takes messages, has each call served, and responds. Distinguishes a call's failure from a
// crash of the instance. Posts through `post` only.

import type { ModelInfo } from "../../bertlet.d.ts";
import { crashOf } from "../shared/crash.ts";
import { type Failure, failureOf } from "../shared/errors.ts";
import type { CallRequest, ToPage, ToWorker } from "../shared/messages.ts";
import { PooledStates } from "./answers/pooled-states.ts";
import { type Held, type Hooks, isRead, isRun, movedWith, serve } from "./calls.ts";
import { fetcherOf } from "./downloads/remote-fetch.ts";
import { calibrator } from "./engine/choose-device.ts";
import type { LoadLibrary } from "./engine/wasm-builds.ts";
import { Job, RunJob } from "./session.ts";

export type Post = (message: ToPage, transfer?: Transferable[]) => void;

export class WorkerHost {
  readonly #loadLibrary: LoadLibrary;
  readonly #post: Post;
  readonly #jobs = new Map<number, Job>();
  readonly #held: Held = {
    session: undefined,
    reopened: undefined,
    adding: Promise.resolve(),
    states: new PooledStates(),
  };
  #memory: WebAssembly.Memory | undefined;
  #dead = false;

  constructor(loadLibrary: LoadLibrary, post: Post) {
    this.#loadLibrary = loadLibrary;
    this.#post = post;
  }

  /** Receives every message but "hello". */
  receive(message: Exclude<ToWorker, { type: "hello" }>): void {
    switch (message.type) {
      case "request":
        void this.#serve(message);
        return;
      case "cancel":
        this.#jobs.get(message.id)?.cancel();
        return;
      default: {
        const job = this.#jobs.get(message.id);
        if (job instanceof RunJob) job[message.type]();
      }
    }
  }

  /** Ends the worker with its GPU, unless the model is computed on the CPU. */
  #deviceFailed(failure: Failure): void {
    if (this.#held.session?.info.device !== "wasm") this.die(failure);
  }

  /** Tells the page, once, that this worker cannot go on. */
  die(failure: Failure): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#held.session?.abandon(failure);
    this.#post({ type: "fatal", failure });
  }

  /** Ends the worker after an error without a code, which is a panic or a trap. */
  crash(error: unknown): void {
    this.die(crashOf(error, this.#memory));
  }

  async #serve(request: CallRequest): Promise<void> {
    const { id, call } = request;
    const before = this.#held.session?.info;
    const job = isRun(call) ? new RunJob(call) : new Job(call);
    this.#jobs.set(id, job);
    const settled = isRead(call) ? undefined : this.#held.states.changing();
    try {
      const response = await serve(request, this.#hooksOf(id, job));
      this.#tellInfo(before);
      if (this.#dead) return;
      this.#post({ type: "response", call, id, response } as ToPage, movedWith(call, response));
    } catch (error) {
      if (this.#dead) return;
      this.#tellInfo(before);
      const failure = failureOf(error);
      // Nothing can go on after a device loss.
      if (failure === undefined) this.crash(error);
      else if (failure.code === "device-lost") this.die(failure);
      else this.#post({ type: "failed", id, failure });
    } finally {
      this.#jobs.delete(id);
      settled?.();
    }
  }

  /** Sends the model's info ahead of the response, where the call changed it. */
  #tellInfo(before: ModelInfo | undefined): void {
    const info = this.#held.session?.info;
    if (before === undefined || info === undefined || info === before || this.#dead) return;
    this.#post({ type: "info", info });
  }

  #hooksOf(id: number, job: Job): Hooks {
    const onProgress: Hooks["onProgress"] = (progress) => {
      if (!this.#dead) this.#post({ type: "progress", id, progress });
    };
    const opening: Hooks["opening"] = {
      onProgress,
      onMemory: (memory) => {
        this.#memory = memory;
      },
      onFailure: (failure) => this.#deviceFailed(failure),
      calibrate: calibrator(id, this.#post),
    };
    return {
      held: this.#held,
      job,
      loadLibrary: this.#loadLibrary,
      opening,
      fetcher: (access) => fetcherOf(access, id, this.#post),
      onProgress,
      emit: (event) => {
        if (!this.#dead) this.#post({ type: "event", id, event });
      },
    };
  }
}
