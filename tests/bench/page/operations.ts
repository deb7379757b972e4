// A worker that times operations: bertlet's, one at a time through the wasm boundary, and a bare shader's
// product. The driver calls `globalThis.operations` in it; nothing is posted.

import { type Pool, startThreads } from "../../../web/src/worker/engine/threads.ts";
import { median } from "../tables/markdown.ts";
import { shaderMilliseconds } from "./bare-shader.ts";
import type { Variant } from "./contender.ts";

interface OperationTime {
  forwardMs: number;
  forwardBackwardMs: number;
}

/** What it uses of crate/src/wasm. */
interface Wasm extends Pool {
  default(input: { module_or_path: Promise<Response> }): Promise<{ memory: WebAssembly.Memory }>;
  WasmEngine: {
    open(
      device: string,
      onFailure: (failure: { message: string }) => void,
    ): Promise<{
      timeOperation(operation: string, sizes: number[], repeats: number): Promise<OperationTime>;
    }>;
  };
}

export interface Milliseconds {
  forward: number;
  /** Forward and backward. */
  both: number;
}

export interface Operations {
  open(variant: Variant): Promise<void>;
  /** The middle one of three means, each over as many repetitions as fit into a third of `budgetMs`. */
  time(operation: string, sizes: number[], budgetMs: number): Promise<Milliseconds>;
  shader(m: number, k: number, n: number, budgetMs: number): Promise<number>;
}

declare global {
  var operations: Operations;
}

const ROUNDS = 3;
const MOST_REPEATS = 100;
/** A device that has reported an error goes on answering, with times that mean nothing. */
const errors: string[] = [];
let engine: Awaited<ReturnType<Wasm["WasmEngine"]["open"]>> | undefined;

function checkDevice(): void {
  if (errors[0] !== undefined) throw new Error(`the GPU device reported an error: ${errors[0]}`);
}

globalThis.operations = {
  async open({ device, threads = 1 }) {
    const name = device === "webgpu" ? "webgpu" : threads > 1 ? "cpu_threads" : "cpu_relaxed";
    const file = (end: string) => new URL(`./wasm/${name}${end}`, location.href).href;
    const wasm: Wasm = await import(file(".js"));
    const { memory } = await wasm.default({ module_or_path: fetch(file("_bg.wasm")) });
    const started = await startThreads(wasm, { build: name, memory }, threads, () => {});
    if (started !== threads) throw new Error(`expected ${threads} threads, found ${started}`);
    engine = await wasm.WasmEngine.open(device, ({ message }) => errors.push(message));
  },

  async time(operation, sizes, budgetMs) {
    if (engine === undefined) throw new Error("no engine is open");
    const { forwardMs: forward, forwardBackwardMs: both } = await engine.timeOperation(operation, sizes, 1);
    checkDevice();
    const repeats = repeatsFor(forward + both, budgetMs);
    // Once is enough of what takes that long.
    if (forward + both > budgetMs) return { forward, both };
    const found: Milliseconds[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const { forwardMs: forward, forwardBackwardMs: both } = await engine.timeOperation(
        operation,
        sizes,
        repeats,
      );
      found.push({ forward, both });
    }
    checkDevice();
    return {
      forward: median(found.map(({ forward }) => forward)),
      both: median(found.map(({ both }) => both)),
    };
  },

  async shader(m, k, n, budgetMs) {
    const once = await shaderMilliseconds(m, k, n, 1);
    const repeats = repeatsFor(once, budgetMs);
    const found: number[] = [];
    for (let round = 0; round < ROUNDS; round++) found.push(await shaderMilliseconds(m, k, n, repeats));
    checkDevice();
    return median(found);
  },
};

function repeatsFor(onceMs: number, budgetMs: number): number {
  return Math.max(1, Math.min(MOST_REPEATS, Math.floor(budgetMs / ROUNDS / Math.max(onceMs, 0.01))));
}
