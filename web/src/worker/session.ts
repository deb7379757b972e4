// The worker's loaded engine and the turns of the calls that share it. May not know what the calls do.

import type { ModelInfo } from "../../bertlet.d.ts";
import { aborted, failureOf } from "../shared/errors.ts";
import type { Encoding, EngineInfo, WasmEngine, WasmModule } from "./wasm-boundary.ts";

export class Session {
  readonly wasm: WasmModule;
  readonly engine: WasmEngine;
  /** What is told of the model; `refresh` makes it anew. */
  info: ModelInfo;
  /** What the loaded model holds where it computes, about: nothing tells it exactly. */
  readonly restingBytes: number;
  /** What wasm has thrown that is not a coded failure, if it has: nothing of it may be called again. */
  #crash: { error: unknown } | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(wasm: WasmModule, engine: WasmEngine, info: ModelInfo, restingBytes: number) {
    this.wasm = wasm;
    this.engine = engine;
    this.info = info;
    this.restingBytes = restingBytes;
  }

  /** Takes over what the engine's own calls changed. To be called within a turn. */
  refresh(): void {
    this.info = infoOf(this.engine, this.info);
  }

  get crashed(): boolean {
    return this.#crash !== undefined;
  }

  /** Lets no later turn begin. */
  abandon(error: unknown): void {
    this.#crash ??= { error };
  }

  /** Does `work` with the engine to itself: after the turns asked for before, and before the later ones. */
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

/** What the engine knows of its model, with what is known of it besides. */
export function infoOf(
  engine: WasmEngine,
  besides: Omit<ModelInfo, keyof EngineInfo | "adapters" | "activeAdapter">,
): ModelInfo {
  const { names, active } = engine.adapters();
  const { activeAdapter: _, ...rest } = besides as ModelInfo;
  const info = { ...rest, ...engine.info(), adapters: names };
  return active === undefined ? info : { ...info, activeAdapter: active };
}

/** Whether the engine is none the worse for `error`: it has a code, or is an interruption of ours. */
export function leavesEngineUsable(error: unknown): boolean {
  return failureOf(error) !== undefined || error instanceof Stopped;
}

/** What `work` gives; the rows are freed, unless wasm crashed and they went with it. */
export async function withEncoding<T>(rows: Encoding, work: (rows: Encoding) => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await work(rows);
  } catch (error) {
    if (leavesEngineUsable(error)) rows.free();
    throw error;
  }
  rows.free();
  return result;
}

/**
 * What `work` gives; the weights are then those of before, however it ends. `restore` gives them back in between. Every
 * part of the work takes its own turns.
 */
export async function withWeightsRestored<T>(
  session: Session,
  work: (restore: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const weights = await session.turn(() => session.engine.snapshot());
  const restore = () =>
    session.turn(() => {
      session.engine.restore(weights);
      session.refresh();
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

/** Thrown by a stopped run's `check` to leave the work at hand. */
export class Stopped extends Error {}

/** One call, as far as it can be interrupted. */
export class Job {
  readonly name: string;
  #cancelled = false;

  constructor(name: string) {
    this.name = name;
  }

  cancel(): void {
    this.#cancelled = true;
  }

  /** Throws where the work is not to go on. */
  check(): void {
    if (this.#cancelled) throw aborted(this.name);
  }
}

/** A run can be held and ended too. */
export class RunJob extends Job {
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
  }

  resume(): void {
    this.#paused = false;
    this.#wake?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  /** Waits while the run is paused; gives the milliseconds waited. */
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

/** Lets messages in: a turn of the event loop, which unlike a timer is not held back to 4 ms. */
export function yieldToMessages(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
