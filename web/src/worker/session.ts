// The worker's engine with its model, and the turns of the calls that share it. May not know what the calls
// do.

import type { ModelInfo } from "../../bertlet.d.ts";
import { aborted, failureOf } from "../shared/errors.ts";
import type { FinetuneRequest } from "../shared/messages.ts";
import type { EngineInfo, WasmEngine, WasmModule } from "./engine/wasm-boundary.ts";
import { receiptOf, type Scope } from "./saved-scope.ts";

/** What a saved folder says otherwise than the model that was saved, or does not say. */
export type RememberedInfo = Pick<
  ModelInfo,
  | "architecture"
  | "parameters"
  | "normalizes"
  | "newHead"
  | "newTensors"
  | "unusedTensors"
  | "checkpointBytes"
> &
  Partial<Pick<ModelInfo, "weightBytes">>;

export class Session {
  readonly wasm: WasmModule;
  readonly engine: WasmEngine;
  /** The model's info, as the page sees it. `refresh` renews it. */
  info: ModelInfo;
  /** The fine-tuning run under way, if there is one; before its steps, its head may be trained first. */
  running: FinetuneRequest | "head first" | undefined;
  /** The sums over the steps of its epoch so far; `owed` once that has no more. Of no meaning without a run. */
  epoch?: { rows: number; loss: number; owed?: number };
  /** Whether a run changes the encoder now, so that it is not the one of the scope any more. */
  encoderMoves = false;
  /** Approximate memory of the loaded model on its device, in bytes. */
  readonly restingBytes: number;
  /** The most that wasm's memory can grow to, in bytes. */
  readonly memoryBytes: number;
  #scope: Scope | undefined;
  /** Of a model that was kept: what its files do not say. */
  #remembered: RememberedInfo | undefined;
  /** A panic or trap of wasm, if there was one. Nothing of the instance may be called after it. */
  #crash: { error: unknown } | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    wasm: WasmModule,
    engine: WasmEngine,
    info: ModelInfo,
    restingBytes: number,
    memoryBytes: number,
    remembered?: RememberedInfo,
  ) {
    this.wasm = wasm;
    this.engine = engine;
    this.info = info;
    this.restingBytes = restingBytes;
    this.memoryBytes = memoryBytes;
    this.#remembered = remembered;
  }

  /** What texts of the model's kinds are like, until the encoder changes. */
  get scope(): Scope | undefined {
    return this.encoderMoves ? undefined : this.#scope;
  }

  /**
   * Renews the info from the engine, after each change of the model. To be called within a turn. Where the encoder is as it was,
   * `scope` is the session's own.
   */
  refresh(scope?: Scope): void {
    this.#scope = scope;
    this.info = infoOf(this.engine, this.info, this.#remembered);
    if (scope !== undefined) this.info.scope = receiptOf(scope);
  }

  /** Whether no run has trained the head of the model that was kept, on which its adapters stand. */
  get keptNewHead(): boolean {
    return this.#remembered?.newHead === true;
  }

  /** What `recall` takes back. */
  get remembered(): RememberedInfo | undefined {
    return this.#remembered;
  }

  recall(remembered: RememberedInfo | undefined): void {
    this.#remembered = remembered;
  }

  /** The sizes of a model that was kept are no longer its own. */
  forgetSizes(): void {
    if (this.#remembered === undefined) return;
    const { parameters } = this.engine.info();
    const { weightBytes: _, ...rest } = this.#remembered;
    this.#remembered = { ...rest, parameters };
  }

  /** The head of a model that was kept has been trained since. */
  forgetNewHead(): void {
    if (this.#remembered !== undefined) this.#remembered = { ...this.#remembered, newHead: false };
  }

  get crashed(): boolean {
    return this.#crash !== undefined;
  }

  /** Makes every later turn fail with `error`. */
  abandon(error: unknown): void {
    this.#crash ??= { error };
  }

  /** Runs `work` with exclusive use of the engine, after all turns requested before. */
  turn<T>(work: () => Promise<T> | T): Promise<T> {
    const turn = this.#last.then(async () => {
      if (this.#crash !== undefined) throw this.#crash.error;
      try {
        return await work();
      } catch (error) {
        if (!leavesEngineUsable(error)) this.abandon(error);
        throw error;
      }
    });
    this.#last = turn.catch(() => {});
    return turn;
  }
}

/** The model's info: the engine's part, and the rest as given. */
export function infoOf(
  engine: WasmEngine,
  besides: Omit<ModelInfo, keyof EngineInfo | "adapters" | "activeAdapter" | "scope">,
  remembered?: RememberedInfo,
): ModelInfo {
  const { names, active } = engine.adapters();
  // The engine leaves out what the model lacks.
  const { activeAdapter: _, scope: __, adapterSize: ___, threshold: ____, ...rest } = besides as ModelInfo;
  const own = engine.info();
  const info = { ...rest, ...own, adapters: names, ...remembered };
  // An adapter has a head of its own.
  info.newHead = own.newHead || (remembered?.newHead === true && active === undefined);
  return active === undefined ? info : { ...info, activeAdapter: active };
}

/** Whether the engine can go on after `error`: a failure with a code, or a stop. */
export function leavesEngineUsable(error: unknown): boolean {
  return failureOf(error) !== undefined || error instanceof Stopped;
}

/** Runs `work` on what wasm holds, as rows, then frees it, unless wasm crashed. */
export async function thenFree<H extends { free(): void }, T>(
  held: H,
  work: (held: H) => Promise<T>,
): Promise<T> {
  let result: T;
  try {
    result = await work(held);
  } catch (error) {
    if (leavesEngineUsable(error)) held.free();
    throw error;
  }
  held.free();
  return result;
}

/**
 * Runs `work`, then restores the earlier weights, however it ends. `restore` does so in between. The work
 * takes its own turns.
 */
export async function withWeightsRestored<T>(
  session: Session,
  work: (restore: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const { weights, scope, remembered } = await session.turn(() => {
    return { weights: session.engine.snapshot(), scope: session.scope, remembered: session.remembered };
  });
  const restore = () =>
    session.turn(() => {
      session.engine.restore(weights);
      session.recall(remembered);
      session.refresh(scope);
    });
  try {
    return await work(restore);
  } finally {
    if (!session.crashed) {
      await restore();
      weights.free();
    }
  }
}

/** Thrown by the `check` of a stopped run. */
export class Stopped extends Error {}

/** One call, which can be cancelled. */
export class Job {
  readonly name: string;
  #cancelled = false;

  constructor(name: string) {
    this.name = name;
  }

  cancel(): void {
    this.#cancelled = true;
  }

  /** Throws where the call was cancelled. */
  check(): void {
    if (this.#cancelled) throw aborted(this.name);
  }
}

/** A run, which can also be paused and stopped. */
export class RunJob extends Job {
  #keepAsked = false;
  #paused = false;
  #stopped = false;
  #wake: (() => void) | undefined;

  override cancel(): void {
    super.cancel();
    this.#wake?.();
  }

  override check(): void {
    super.check();
    if (this.#stopped) throw new Stopped();
  }

  pause(): void {
    this.#paused = true;
    this.#keepAsked = true;
  }

  /** Has the run's state kept before its next step, as where the page may end at any moment. */
  keep(): void {
    this.#keepAsked = true;
  }

  /** Whether that was asked for since this was called last. */
  keepsNow(): boolean {
    const asked = this.#keepAsked;
    this.#keepAsked = false;
    return asked;
  }

  resume(): void {
    this.#paused = false;
    this.#wake?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  /** Waits while the run is paused. Returns the milliseconds waited. */
  async waitWhilePaused(): Promise<number> {
    const startedAt = performance.now();
    while (this.#paused) {
      this.check();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    this.check();
    return performance.now() - startedAt;
  }
}
