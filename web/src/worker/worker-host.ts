// The worker's end of the protocol: takes messages, serves each call on the session, and responds.
// Distinguishes a call's failure from a crash of the instance. Posts through `post` only.

import type { ModelInfo } from "../../bertlet.d.ts";
import { crashOf } from "../shared/crash.ts";
import { type Failure, failureOf } from "../shared/errors.ts";
import type { CallName, CallRequest, Calls, SavedText, ToPage, ToWorker } from "../shared/messages.ts";
import { addAdapter, mergeAdapter, saveAdapter, setLabels, useAdapter } from "./adapters.ts";
import { explain } from "./answers/explain.ts";
import { classify, embed, evaluate, fillMask } from "./answers/infer.ts";
import { inspect } from "./answers/inspect.ts";
import { PooledStates } from "./answers/pooled-states.ts";
import { fitScope } from "./answers/scope.ts";
import { suggest } from "./answers/suggest.ts";
import { tokenize } from "./answers/tokenize.ts";
import { clearCache, isCached } from "./downloads/cache.ts";
import { fetcherOf } from "./downloads/remote-fetch.ts";
import { calibrate } from "./engine/calibrate.ts";
import { calibrator } from "./engine/choose-device.ts";
import type { LoadLibrary } from "./engine/wasm-builds.ts";
import { preview } from "./files/preview.ts";
import { deleteJournal, Journal, listJournals, type Reopened } from "./journal/journal.ts";
import { forget, keep, listKept, readKept } from "./keeping/named.ts";
import { saveOnnx } from "./onnx/save-onnx.ts";
import { create, load, openKept } from "./open.ts";
import { wholeFile } from "./pieces.ts";
import { planned } from "./runs/auto-recipe.ts";
import { distill } from "./runs/distill.ts";
import { scaleByTemperature } from "./runs/fit-temperature.ts";
import { learn } from "./runs/learn.ts";
import { prune } from "./runs/prune.ts";
import { quantize } from "./runs/quantize.ts";
import { goOn, runCall } from "./runs/runs.ts";
import { withScope } from "./saved-scope.ts";
import { Job, RunJob, type Session } from "./session.ts";
import { takeAway } from "./take-away/take-away.ts";

export type Post = (message: ToPage, transfer?: Transferable[]) => void;

/** Calls that can be paused and stopped. */
const RUNS: readonly CallName[] = [
  "finetune",
  "distill",
  "learn",
  "pretrain",
  "crossValidate",
  "search",
  "continue",
];

/** Calls that leave every state of the model as it is. */
const READS: readonly CallName[] = [
  ...([
    "classify",
    "embed",
    "explain",
    "suggest",
    "tokenize",
    "evaluate",
    "inspect",
    "plan",
    "fillMask",
  ] as const),
  ...(["fitScope", "calibrate", "keep", "save", "saveOnnx", "saveAdapter", "addAdapter"] as const),
];

export class WorkerHost {
  readonly #loadLibrary: LoadLibrary;
  readonly #post: Post;
  readonly #jobs = new Map<number, Job>();
  readonly #states = new PooledStates();
  #session: Session | undefined;
  /** The journal that "continue" goes on from. */
  #reopened: Reopened | undefined;
  #memory: WebAssembly.Memory | undefined;
  /** Settles once the adapters whose files are read are added. A run, which takes its snapshots, waits for them. */
  #added: Promise<unknown> = Promise.resolve();
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
    this.die(crashOf(error, this.#memory));
  }

  async #serve(request: CallRequest): Promise<void> {
    const { id, call } = request;
    const before = this.#session?.info;
    const job = RUNS.includes(call) ? new RunJob(call) : new Job(call);
    this.#jobs.set(id, job);
    const settled = READS.includes(call) ? undefined : this.#states.changing();
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
      settled?.();
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
    if (request.call === "open") {
      const kept = await readKept(request.request.name);
      this.#session = await openKept(this.#loadLibrary, request.request, kept, opening);
      return [responseTo("open", id, this.#session.info)];
    }
    if (request.call === "resume") {
      const reopened = await Journal.reopen(request.request.name, request.request.run);
      const { journal, start, model } = reopened;
      const device = request.request.device ?? start.device;
      this.#session = await openKept(this.#loadLibrary, { ...request.request, device }, model, opening);
      this.#reopened = reopened;
      const step = journal.slot?.head.step ?? 0;
      const { info } = this.#session;
      const { call, run, ended } = start;
      return [responseTo("resume", id, { info, call, step, run, ended: ended !== undefined })];
    }
    if (request.call === "listJournals") return [responseTo("listJournals", id, await listJournals())];
    if (request.call === "deleteJournal") {
      await deleteJournal(request.request.name);
      return [responseTo("deleteJournal", id, null)];
    }
    if (request.call === "list") return [responseTo("list", id, await listKept())];
    if (request.call === "isCached") {
      return [responseTo("isCached", id, await isCached(request.request.checkpoint))];
    }
    if (request.call === "clearCache") {
      await clearCache(request.request.checkpoint);
      return [responseTo("clearCache", id, null)];
    }
    if (request.call === "forget") {
      await forget(request.request.name);
      return [responseTo("forget", id, null)];
    }
    if (request.call === "preview") {
      const fetch = fetcherOf(request.request.access, id, this.#post);
      return [responseTo("preview", id, await preview(request.request, fetch))];
    }
    if (request.call === "timeDevice") {
      return [
        responseTo("timeDevice", id, await calibrate(this.#loadLibrary, request.request, opening.onFailure)),
      ];
    }
    if (job instanceof RunJob) await this.#added;
    const session = this.#session as Session; // the page has no classifier before the response to "load"
    switch (request.call) {
      case "classify": {
        const found = await classify(session, request.request, job, onProgress);
        return [responseTo("classify", id, found), [found.scores.buffer]];
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
      case "fitScope": {
        const scope = await session.turn(() => fitScope(session, request.request, job, onProgress));
        return [responseTo("fitScope", id, scope)];
      }
      case "suggest": {
        const found = await session.turn(() => suggest(session, request.request, job, onProgress));
        return [responseTo("suggest", id, found)];
      }
      case "calibrate": {
        const receipt = await session.turn(() =>
          scaleByTemperature(session, request.request, job, onProgress),
        );
        return [responseTo("calibrate", id, receipt)];
      }
      case "learn": {
        const end = await learn(session, request.request, job as RunJob, emit, onProgress);
        return [responseTo("learn", id, end)];
      }
      case "explain":
        return [
          responseTo("explain", id, await explain(session, this.#states, request.request, job, onProgress)),
        ];
      case "quantize":
        return [responseTo("quantize", id, await quantize(session, request.request, job, onProgress))];
      case "save": {
        const saved = await session.turn(() => save(session, request.request));
        return [responseTo("save", id, saved), [saved.weights.buffer]];
      }
      case "saveOnnx": {
        const saved = await saveOnnx(session, request.request);
        return [responseTo("saveOnnx", id, saved), [saved.model.buffer]];
      }
      case "keep": {
        const bytes = await session.turn(() => keep(session, request.request.name));
        return [responseTo("keep", id, { bytes })];
      }
      case "fillMask": {
        const masks = await session.turn(() => fillMask(session, request.request, job));
        return [responseTo("fillMask", id, { masks })];
      }
      case "addAdapter": {
        const fetch = fetcherOf(request.request.access, id, this.#post);
        const added = addAdapter(session, request.request, { onProgress, fetch });
        this.#added = Promise.allSettled([this.#added, added]);
        return [responseTo("addAdapter", id, await added)];
      }
      case "useAdapter":
        return [responseTo("useAdapter", id, await session.turn(() => useAdapter(session, request.request)))];
      case "mergeAdapter":
        return [responseTo("mergeAdapter", id, await session.turn(() => mergeAdapter(session)))];
      case "setLabels":
        return [responseTo("setLabels", id, await session.turn(() => setLabels(session, request.request)))];
      case "prune": {
        const receipt = await session.turn(() => prune(session, request.request, job, onProgress));
        return [responseTo("prune", id, receipt)];
      }
      case "distill": {
        const end = await distill(session, request.request, job as RunJob, emit, onProgress);
        return [responseTo("distill", id, end)];
      }
      case "saveAdapter": {
        const saved = await session.turn(() => saveAdapter(session, request.request));
        return [responseTo("saveAdapter", id, saved), [saved.weights.buffer]];
      }
      case "plan": {
        const found = await session.turn(() => planned(session, request.request, job, onProgress));
        return [responseTo("plan", id, found)];
      }
      case "takeAway":
        return [responseTo("takeAway", id, await takeAway(session, request.request, { job, onProgress }))];
      case "inspect":
        return [responseTo("inspect", id, await inspect(session, request.request, job, onProgress))];
      case "continue": {
        const reopened = this.#reopened as Reopened; // the page has no such run before the response to "resume"
        const end = await goOn(session, reopened, { job: job as RunJob, emit, onProgress });
        return [responseTo("continue", id, end)];
      }
      default: {
        const end = await runCall(session, request, { job: job as RunJob, emit, onProgress });
        return [responseTo(request.call, id, end as Calls[typeof request.call]["response"])];
      }
    }
  }
}

async function save(
  { engine, scope }: Session,
  { dtype, as }: Calls["save"]["request"],
): Promise<Calls["save"]["response"]> {
  const weights = await wholeFile(engine.save(as, dtype));
  const text: SavedText = {
    config:
      as === "masked-lm" ? engine.savedConfig(as, dtype) : withScope(engine.savedConfig(as, dtype), scope),
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
