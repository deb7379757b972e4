// A classifier's worker and the calls to it: one run at a time, info after each change, and another worker where that of a run
// with a journal dies. May not know what a call means.

import type { LoadProgress, ModelInfo, OpenOptions, RowProgress } from "../../bertlet.d.ts";
import { aborted, BertletError } from "../shared/errors.ts";
import type { CallName, Calls, RunEvents, RunName } from "../shared/messages.ts";
import type { CallHooks, Client } from "../shared/worker-client.ts";
import { type GoOn, type JournalId, newJournalId, survive, whenPageMayEnd } from "./journalled-run.ts";
import { reopenWorker } from "./open-worker.ts";
import { frozen } from "./results.ts";
import { checkHasMaskedLm } from "./rows.ts";
import { Run } from "./run.ts";
import { RunPlace } from "./run-place.ts";

export type Opening = Pick<OpenOptions, "assets" | "threads">;

interface SignalHooks {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: RowProgress) => void) | ((progress: LoadProgress) => void) | undefined;
  onEvent?: CallHooks["onEvent"];
  onFetch?: CallHooks["onFetch"];
}

const DISPOSED = () => new BertletError("disposed", "the classifier is disposed", "load it again");

/** Ends the worker once nobody holds the classifier or these calls any more. A call under way holds them. */
const dropped =
  typeof FinalizationRegistry === "function"
    ? new FinalizationRegistry<Client>((client) => client.end(DISPOSED()))
    : undefined;

/** The model's info as it is after each call. The client holds it alone, not the classifier: that can be dropped. */
function watchedInfo(client: Client, info: ModelInfo): { info: ModelInfo } {
  const model = { info: frozen(info) };
  client.onInfo = (changed) => {
    // Only the page knows the reason where a first worker died.
    const { deviceReason, autoReason } = model.info;
    const why = { ...(deviceReason && { deviceReason }), ...(autoReason && { autoReason }) };
    model.info = frozen({ ...changed, ...why });
  };
  return model;
}

export class WorkerCalls {
  #model!: { info: ModelInfo };
  #client!: Client;
  readonly opening: Opening;
  /** The call of a run, from its start until its result has settled. */
  running: RunName | undefined;
  /** Set while another worker is opened for a run whose worker has died. */
  #reopening: Promise<unknown> | undefined;
  readonly #disposing = new AbortController();

  constructor(client: Client, info: ModelInfo, { assets, threads }: Opening) {
    this.opening = { ...(assets && { assets }), ...(threads !== undefined && { threads }) };
    this.#adopt(client, info);
  }

  #adopt(client: Client, info: ModelInfo): void {
    this.#client = client;
    this.#model = watchedInfo(client, info);
    dropped?.unregister(this);
    dropped?.register(this, client, this);
  }

  get info(): ModelInfo {
    return this.#model.info;
  }

  /** Ends the worker, and fails what is under way. */
  end(): void {
    this.#disposing.abort();
    this.#client.end(DISPOSED());
  }

  /** Throws where the model has no masked-LM head. What is disposed is told so first. */
  checkMaskedLm(call: string): void {
    if (this.#disposing.signal.aborted) throw DISPOSED();
    checkHasMaskedLm(call, this.info);
  }

  checkIdle(call: string): void {
    if (this.running === undefined) return;
    throw new BertletError("busy", `${call}: a run is under way`, "wait for its result, or stop it");
  }

  /**
   * `prepare` checks the options, and its `requestOf` the rows. Both happen in the page, before anything
   * starts.
   */
  run<K extends RunName>(
    call: K,
    prepare: () => { hooks: SignalHooks; requestOf: () => Calls[K]["request"]; journal: string | undefined },
  ): Run<RunEvents[K] | Calls[K]["response"], Calls[K]["response"]> {
    const at = new RunPlace(this.#client.newId());
    return new Run(
      async (emit) => {
        const { hooks, requestOf, journal: name } = prepare();
        this.checkIdle(call);
        if (call === "pretrain") this.checkMaskedLm(call);
        const request = requestOf();
        this.running = call;
        try {
          // It settles once the worker has left the run, so that the next call is not "busy".
          const onEvent = at.watched(emit as NonNullable<CallHooks["onEvent"]>);
          const all = { ...hooks, onEvent };
          if (name === undefined) return await this.call(call, request, all, at.id, false);
          const journal = newJournalId(name);
          const begin = () => this.call(call, { ...request, journal }, all, at.id, false);
          return (await this.#survive(begin, journal, at, all)) as Calls[K]["response"];
        } finally {
          this.running = undefined;
        }
      },
      (type) => this.#control(type, at),
    );
  }

  /** The run of the journal that the worker has opened. */
  continued(name: string, { call, run, step, ended }: Calls["resume"]["response"]) {
    const at = new RunPlace(this.#client.newId());
    this.running = call;
    return new Run<RunEvents[RunName] | Calls[RunName]["response"], Calls[RunName]["response"]>(
      async (emit) => {
        try {
          if (!ended) emit({ type: "resumed", call, step, device: this.info.device });
          const hooks = { onEvent: at.watched(emit) };
          const begin = () => this.call("continue", null, hooks, at.id, false);
          return await this.#survive(begin, { name, run }, at, hooks);
        } finally {
          this.running = undefined;
        }
      },
      (type) => this.#control(type, at),
    );
  }

  /** The result of a run with a journal, in another worker where one dies. */
  async #survive(
    begin: () => Promise<Calls["continue"]["response"]>,
    journal: JournalId,
    at: RunPlace,
    hooks: SignalHooks & { onEvent: NonNullable<CallHooks["onEvent"]> },
  ): Promise<Calls["continue"]["response"]> {
    const forget = whenPageMayEnd(() => this.#client.control("keep", at.id));
    const goOn = async ({ cause, device }: GoOn) => {
      const signal = AbortSignal.any([this.#disposing.signal, ...(hooks.signal ? [hooks.signal] : [])]);
      const { threads } = this.opening;
      const request = { ...journal, ...(device && { device }), ...(threads !== undefined && { threads }) };
      const reopening = reopenWorker(request, { ...this.opening, signal });
      this.#reopening = reopening.catch(() => {});
      const [client, { info, call, step }] = await reopening.catch((error) => {
        if (this.#disposing.signal.aborted) throw DISPOSED();
        throw hooks.signal?.aborted ? aborted(this.running ?? "resume", hooks.signal.reason) : error;
      });
      this.#reopening = undefined;
      this.#adopt(client, info);
      at.id = client.newId();
      hooks.onEvent({ type: "resumed", call, step, device: info.device, cause: cause.message });
      const result = this.call(
        "continue",
        null,
        { ...hooks, onEvent: at.withoutStart(hooks.onEvent) },
        at.id,
        false,
      );
      if (at.wanted !== undefined) client.control(at.wanted, at.id);
      return result;
    };
    try {
      return await survive(begin, goOn, () => at.place);
    } finally {
      forget();
    }
  }

  #control(type: "pause" | "resume" | "stop", at: RunPlace): void {
    at.wanted = type === "resume" ? undefined : type;
    this.#client.control(type, at.id);
  }

  async call<K extends CallName>(
    call: K,
    request: Calls[K]["request"],
    { signal, onProgress, onEvent, onFetch }: SignalHooks,
    given?: number,
    rejectNow = true,
  ): Promise<Calls[K]["response"]> {
    // Without a need, nothing is waited for: calls keep their order.
    if (given === undefined && this.#reopening !== undefined) await untilAborted(this.#reopening, signal);
    if (signal?.aborted) throw aborted(call, signal.reason);
    const id = given ?? this.#client.newId();
    const client = this.#client;
    const abort = () => client.cancel(id, call, signal?.reason, rejectNow);
    signal?.addEventListener("abort", abort);
    try {
      const hooks: CallHooks = { onProgress: onProgress as CallHooks["onProgress"], onFetch };
      if (onEvent !== undefined) hooks.onEvent = onEvent;
      return await client.call(call, request, hooks, id);
    } catch (error) {
      throw withReason(error, signal);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }
}

/** The worker does not know why a call was aborted. */
function withReason(error: unknown, signal: AbortSignal | undefined): unknown {
  if (!signal?.aborted || !(error instanceof BertletError) || error.code !== "aborted") return error;
  return new BertletError(error.code, error.message, error.hint, { cause: signal.reason });
}

/** Waits for `work`, which does not fail, at most until the signal is aborted. */
async function untilAborted(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  let hear = () => {};
  const over = new Promise<void>((resolve) => {
    hear = resolve;
  });
  signal?.addEventListener("abort", hear);
  await Promise.race([work, over]);
  signal?.removeEventListener("abort", hear);
}
