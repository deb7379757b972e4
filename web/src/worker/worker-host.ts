// The worker's end of the protocol: takes messages, does each call on the session, answers.
// Tells failures of a call from the death of the instance. May not post by itself, nor touch the page.

import type { ModelInfo } from "../../bertlet.d.ts";
import { type Failure, failureOf } from "../shared/errors.ts";
import type { Ask, CallName, Calls, SavedText, ToPage, ToWorker } from "../shared/messages.ts";
import { addAdapter, mergeAdapter, saveAdapter, setLabels, useAdapter } from "./adapters.ts";
import { calibrate } from "./calibrate.ts";
import { crossValidate } from "./cross-validate.ts";
import { finetune } from "./finetune.ts";
import { classify, embed, evaluate, fillMask } from "./infer.ts";
import { inspect } from "./inspect.ts";
import { create, load } from "./open.ts";
import { plan } from "./plan.ts";
import { pretrain } from "./pretrain.ts";
import { search } from "./search.ts";
import { Job, RunJob, type Session } from "./session.ts";
import type { LoadLibrary } from "./wasm-builds.ts";

export type Post = (message: ToPage, transfer?: Transferable[]) => void;

/** A trap with less memory than this left is taken for memory running out. */
const HEADROOM_BYTES = 256 * 1024 * 1024;
const WASM_BYTES = 2 ** 32;
const PAGE_BYTES = 65_536;
/** Calls that can be held and ended. */
const RUNS: readonly CallName[] = ["finetune", "pretrain", "crossValidate", "search"];

export class EngineHost {
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

  /** Everything but "hello". */
  receive(message: Exclude<ToWorker, { type: "hello" }>): void {
    switch (message.type) {
      case "ask":
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

  /** Whether the loaded model computes on the CPU, so that the fate of a GPU device no longer matters. */
  get onCpu(): boolean {
    return this.#session?.info.device === "wasm";
  }

  /** Says once that this worker is of no more use. */
  die(failure: Failure): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#session?.abandon(failure);
    this.#post({ type: "fatal", failure });
  }

  /** `error` as what it means where wasm threw it without a code. */
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

  async #serve(ask: Ask): Promise<void> {
    const { id, call } = ask;
    const before = this.#session?.info;
    const job = RUNS.includes(call) ? new RunJob(call) : new Job(call);
    this.#jobs.set(id, job);
    try {
      const answer = await this.#do(ask, job);
      this.#tellInfo(before);
      if (!this.#dead) this.#post(...answer);
    } catch (error) {
      if (this.#dead) return;
      this.#tellInfo(before);
      const failure = failureOf(error);
      // A device that is found lost in the middle of the work leaves nothing to go on with.
      if (failure === undefined) this.crash(error);
      else if (failure.code === "device-lost") this.die(failure);
      else this.#post({ type: "failed", id, failure });
    } finally {
      this.#jobs.delete(id);
    }
  }

  /** Tells what a call made of the model's info, ahead of its answer. */
  #tellInfo(before: ModelInfo | undefined): void {
    const info = this.#session?.info;
    if (before === undefined || info === undefined || info === before || this.#dead) return;
    this.#post({ type: "info", info });
  }

  async #do(ask: Ask, job: Job): Promise<Parameters<Post>> {
    const { id } = ask;
    const onProgress = (progress: Extract<ToPage, { type: "progress" }>["progress"]) => {
      if (!this.#dead) this.#post({ type: "progress", id, progress });
    };
    const emit = (event: Extract<ToPage, { type: "event" }>["event"]) => {
      if (!this.#dead) this.#post({ type: "event", id, event });
    };
    const onMemory = (memory: WebAssembly.Memory) => {
      this.#memory = memory;
    };
    if (ask.call === "load") {
      this.#session = await load(this.#loadLibrary, ask.ask, onProgress, onMemory);
      return [answerTo("load", id, this.#session.info)];
    }
    if (ask.call === "create") {
      this.#session = await create(this.#loadLibrary, ask.ask, onProgress, onMemory);
      return [answerTo("create", id, this.#session.info)];
    }
    if (ask.call === "calibrate") {
      return [answerTo("calibrate", id, await calibrate(this.#loadLibrary, ask.ask))];
    }
    const session = this.#session as Session; // the page has no classifier before "load" is answered
    switch (ask.call) {
      case "classify": {
        const scores = await classify(session, ask.ask, job, onProgress);
        return [answerTo("classify", id, { scores }), [scores.buffer]];
      }
      case "embed": {
        const vectors = await embed(session, ask.ask, job, onProgress);
        return [answerTo("embed", id, { vectors }), [vectors.buffer]];
      }
      case "evaluate":
        return [answerTo("evaluate", id, await evaluate(session, ask.ask, job, onProgress))];
      case "save": {
        const saved = await session.turn(() => save(session, ask.ask));
        return [answerTo("save", id, saved), [saved.weights.buffer]];
      }
      case "fillMask": {
        const masks = await session.turn(() => fillMask(session, ask.ask, job));
        return [answerTo("fillMask", id, { masks })];
      }
      case "addAdapter":
        return [answerTo("addAdapter", id, await addAdapter(session, ask.ask, onProgress))];
      case "useAdapter":
        return [answerTo("useAdapter", id, await session.turn(() => useAdapter(session, ask.ask)))];
      case "mergeAdapter":
        return [answerTo("mergeAdapter", id, await session.turn(() => mergeAdapter(session)))];
      case "setLabels":
        return [answerTo("setLabels", id, await session.turn(() => setLabels(session, ask.ask)))];
      case "saveAdapter": {
        const saved = await session.turn(() => saveAdapter(session, ask.ask));
        return [answerTo("saveAdapter", id, saved), [saved.weights.buffer]];
      }
      case "plan": {
        const found = await session.turn(() => plan(session, ask.ask, job, onProgress));
        return [answerTo("plan", id, found)];
      }
      case "inspect":
        return [answerTo("inspect", id, await inspect(session, ask.ask, job, onProgress))];
      case "finetune": {
        const end = await finetune(session, ask.ask, job as RunJob, emit, onProgress);
        return [answerTo("finetune", id, end)];
      }
      case "pretrain": {
        const end = await pretrain(session, ask.ask, job as RunJob, emit, onProgress);
        return [answerTo("pretrain", id, end)];
      }
      case "crossValidate": {
        const found = await crossValidate(session, ask.ask, job as RunJob, emit, onProgress);
        return [answerTo("crossValidate", id, found)];
      }
      case "search":
        return [answerTo("search", id, await search(session, ask.ask, job as RunJob, emit, onProgress))];
    }
  }

  #memoryIsFull(): boolean {
    const memory = this.#memory;
    if (memory === undefined) return false;
    if (memory.buffer.byteLength > WASM_BYTES - HEADROOM_BYTES) return true;
    try {
      // The instance is lost anyway; whether it could have grown tells why.
      memory.grow(HEADROOM_BYTES / PAGE_BYTES);
      return false;
    } catch {
      return true;
    }
  }
}

async function save(
  { engine }: Session,
  { dtype, as }: Calls["save"]["ask"],
): Promise<Calls["save"]["answer"]> {
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

function answerTo<K extends CallName>(call: K, id: number, answer: Calls[K]["answer"]): ToPage {
  return { type: "answer", call, id, answer } as ToPage;
}
