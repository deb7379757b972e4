// The worker's end of the protocol: takes messages, serves each call on the session, and responds.
// Distinguishes a call's failure from a crash of the instance. Posts through `post` only.

import type { ModelInfo } from "../../bertlet.d.ts";
import { type Failure, failureOf } from "../shared/errors.ts";
import type { CallName, CallRequest, Calls, SavedText, ToPage, ToWorker } from "../shared/messages.ts";
import { addAdapter, mergeAdapter, saveAdapter, setLabels, useAdapter } from "./adapters.ts";
import { calibrate } from "./calibrate.ts";
import { calibrator } from "./choose-device.ts";
import { crossValidate } from "./cross-validate.ts";
import { finetune } from "./finetune.ts";
import { classify, embed, evaluate, fillMask } from "./infer.ts";
import { inspect } from "./inspect.ts";
import { create, load } from "./open.ts";
import { plan } from "./plan.ts";
import { pretrain } from "./pretrain.ts";
import { preview } from "./preview.ts";
import { fetcherOf } from "./remote-fetch.ts";
import { search } from "./search.ts";
import { Job, RunJob, type Session } from "./session.ts";
import { tokenize } from "./tokenize.ts";
import type { LoadLibrary } from "./wasm-builds.ts";

export type Post = (message: ToPage, transfer?: Transferable[]) => void;

/** A trap counts as out of memory where less than this is left. */
const HEADROOM_BYTES = 256 * 1024 * 1024;
const WASM_BYTES = 2 ** 32;
const PAGE_BYTES = 65_536;
/** Calls that can be paused and stopped. */
const RUNS: readonly CallName[] = ["finetune", "pretrain", "crossValidate", "search"];

export class WorkerHost {
  readonly #loadLibrary: LoadLibrary;
  readonly #post: Post;
  readonly #jobs = new Map<number, Job>();
  #session: Session | undefined;
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
    if (this.#session?.info.device !== "wasm") this.die(failure);
  }

  /** Tells the page, once, that this worker cannot go on. */
  die(failure: Failure): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#session?.abandon(failure);
    this.#post({ type: "fatal", failure });
  }

  /** Ends the worker after an error without a code, which is a panic or a trap. */
  crash(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof RangeError || this.#memoryIsFull()) {
      this.die({
        code: "out-of-memory",
        message: `WebAssembly ran out of memory: ${message}`,
        hint: "use a smaller batchSize or maxLength, or a smaller model",
      });
      return;
    }
    this.die({
      code: "worker-crashed",
      message: `the worker crashed: ${message}`,
      hint: "load the checkpoint again",
    });
  }

  async #serve(request: CallRequest): Promise<void> {
    const { id, call } = request;
    const before = this.#session?.info;
    const job = RUNS.includes(call) ? new RunJob(call) : new Job(call);
    this.#jobs.set(id, job);
    try {
      const response = await this.#do(request, job);
      this.#tellInfo(before);
      if (!this.#dead) this.#post(...response);
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
    }
  }

  /** Sends the model's info ahead of the response, where the call changed it. */
  #tellInfo(before: ModelInfo | undefined): void {
    const info = this.#session?.info;
    if (before === undefined || info === undefined || info === before || this.#dead) return;
    this.#post({ type: "info", info });
  }

  async #do(request: CallRequest, job: Job): Promise<Parameters<Post>> {
    const { id } = request;
    const onProgress = (progress: Extract<ToPage, { type: "progress" }>["progress"]) => {
      if (!this.#dead) this.#post({ type: "progress", id, progress });
    };
    const emit = (event: Extract<ToPage, { type: "event" }>["event"]) => {
      if (!this.#dead) this.#post({ type: "event", id, event });
    };
    const opening = {
      onProgress,
      onMemory: (memory: WebAssembly.Memory) => {
        this.#memory = memory;
      },
      onFailure: (failure: Failure) => this.#deviceFailed(failure),
      calibrate: calibrator(id, this.#post),
    };
    if (request.call === "load") {
      const fetch = fetcherOf(request.request.access, id, this.#post);
      this.#session = await load(this.#loadLibrary, request.request, { ...opening, fetch });
      return [responseTo("load", id, this.#session.info)];
    }
    if (request.call === "create") {
      this.#session = await create(this.#loadLibrary, request.request, opening);
      return [responseTo("create", id, this.#session.info)];
    }
    if (request.call === "preview") {
      const fetch = fetcherOf(request.request.access, id, this.#post);
      return [responseTo("preview", id, await preview(request.request, fetch))];
    }
    if (request.call === "calibrate") {
      return [
        responseTo("calibrate", id, await calibrate(this.#loadLibrary, request.request, opening.onFailure)),
      ];
    }
    const session = this.#session as Session; // the page has no classifier before the response to "load"
    switch (request.call) {
      case "classify": {
        const scores = await classify(session, request.request, job, onProgress);
        return [responseTo("classify", id, { scores }), [scores.buffer]];
      }
      case "embed": {
        const vectors = await embed(session, request.request, job, onProgress);
        return [responseTo("embed", id, { vectors }), [vectors.buffer]];
      }
      case "tokenize": {
        const rows = await session.turn(() => tokenize(session, request.request.texts, job, onProgress));
        return [responseTo("tokenize", id, { rows })];
      }
      case "evaluate":
        return [responseTo("evaluate", id, await evaluate(session, request.request, job, onProgress))];
      case "save": {
        const saved = await session.turn(() => save(session, request.request));
        return [responseTo("save", id, saved), [saved.weights.buffer]];
      }
      case "fillMask": {
        const masks = await session.turn(() => fillMask(session, request.request, job));
        return [responseTo("fillMask", id, { masks })];
      }
      case "addAdapter": {
        const fetch = fetcherOf(request.request.access, id, this.#post);
        const added = await addAdapter(session, request.request, { onProgress, fetch });
        return [responseTo("addAdapter", id, added)];
      }
      case "useAdapter":
        return [responseTo("useAdapter", id, await session.turn(() => useAdapter(session, request.request)))];
      case "mergeAdapter":
        return [responseTo("mergeAdapter", id, await session.turn(() => mergeAdapter(session)))];
      case "setLabels":
        return [responseTo("setLabels", id, await session.turn(() => setLabels(session, request.request)))];
      case "saveAdapter": {
        const saved = await session.turn(() => saveAdapter(session, request.request));
        return [responseTo("saveAdapter", id, saved), [saved.weights.buffer]];
      }
      case "plan": {
        const found = await session.turn(() => plan(session, request.request, job, onProgress));
        return [responseTo("plan", id, found)];
      }
      case "inspect":
        return [responseTo("inspect", id, await inspect(session, request.request, job, onProgress))];
      case "finetune": {
        const end = await finetune(session, request.request, job as RunJob, emit, onProgress);
        return [responseTo("finetune", id, end)];
      }
      case "pretrain": {
        const end = await pretrain(session, request.request, job as RunJob, emit, onProgress);
        return [responseTo("pretrain", id, end)];
      }
      case "crossValidate": {
        const found = await crossValidate(session, request.request, job as RunJob, emit, onProgress);
        return [responseTo("crossValidate", id, found)];
      }
      case "search":
        return [
          responseTo("search", id, await search(session, request.request, job as RunJob, emit, onProgress)),
        ];
    }
  }

  #memoryIsFull(): boolean {
    const memory = this.#memory;
    if (memory === undefined) return false;
    if (memory.buffer.byteLength > WASM_BYTES - HEADROOM_BYTES) return true;
    try {
      // The instance is lost anyway. Whether its memory can grow tells why.
      memory.grow(HEADROOM_BYTES / PAGE_BYTES);
      return false;
    } catch {
      return true;
    }
  }
}

async function save(
  { engine }: Session,
  { dtype, as }: Calls["save"]["request"],
): Promise<Calls["save"]["response"]> {
  const weights = await engine.save(as, dtype);
  const text: SavedText = {
    config: engine.savedConfig(as, dtype),
    tokenizer: engine.savedTokenizer(),
    tokenizerConfig: engine.savedTokenizerConfig(),
  };
  const modelingCode = engine.savedModelingCode(as);
  if (modelingCode !== undefined) text.modelingCode = modelingCode;
  return { ...text, weights };
}

function responseTo<K extends CallName>(call: K, id: number, response: Calls[K]["response"]): ToPage {
  return { type: "response", call, id, response } as ToPage;
}
