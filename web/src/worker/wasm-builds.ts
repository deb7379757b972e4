// Chooses the build of the wasm library for a device and this browser, loads it, and starts its threads.
// Opens no device.

import { blockedBy, hintFor, reasonOf } from "../shared/blocked.ts";
import { hasRelaxedSimd } from "../shared/capabilities.ts";
import { BertletError } from "../shared/errors.ts";
import { fetchLibrary } from "./fetch-file.ts";
import { sharedMemory, startThreads } from "./threads.ts";
import type { WasmModule } from "./wasm-boundary.ts";

export interface Library {
  wasm: WasmModule;
  memory: WebAssembly.Memory;
  /** The most that the memory can grow to. */
  memoryBytes: number;
  /** CPU threads in use; 1 where more could not be started. */
  threads: number;
}

export type LoadLibrary = typeof loadLibrary;

/** `memoryBytes` is the most that the CPU may have. */
export async function loadLibrary(
  device: "webgpu" | "wasm",
  threads: number,
  memoryBytes: number,
): Promise<Library> {
  if (device === "webgpu") return instantiate("webgpu", 1, memoryBytes);
  let relaxed = hasRelaxedSimd();
  let wanted = threads;
  for (;;) {
    try {
      return await instantiate(cpuBuild(wanted > 1, relaxed), wanted, memoryBytes);
    } catch (error) {
      if (error instanceof BertletError) throw error;
      if (relaxed && error instanceof WebAssembly.CompileError) {
        relaxed = false;
        console.warn(
          `bertlet: this browser compiles only a part of relaxed SIMD, so it is left out: ${error}`,
        );
      } else if (wanted > 1) {
        wanted = 1;
        console.warn(`bertlet: no threads, so one does all the work: ${error}`);
      } else throw error;
    }
  }
}

/** Safari has threads, but no relaxed SIMD. */
function cpuBuild(threads: boolean, relaxed: boolean): string {
  if (threads) return relaxed ? "cpu_threads" : "cpu_threads_plain";
  return relaxed ? "cpu_relaxed" : "cpu";
}

async function instantiate(name: string, threads: number, mostBytes: number): Promise<Library> {
  const shared = threads > 1 ? sharedMemory(mostBytes) : undefined;
  const file = (end: string) => new URL(`./wasm/${name}${end}`, import.meta.url);
  const binary = await fetchLibrary(file("_bg.wasm"));
  const sinceMs = performance.now();
  const wasm: WasmModule = await import(file(".js").href).catch(async (error) => {
    const blocked = await blockedBy(sinceMs, ({ directive }) => /^(script|worker)-src/.test(directive));
    throw new BertletError(
      "fetch-failed",
      `wasm/${name}.js: it could not be loaded: ${blocked === undefined ? error : reasonOf(blocked)}`,
      blocked === undefined
        ? "the folder wasm/ must lie beside bertlet.js, and its files ending in .js come as text/javascript"
        : hintFor("script-src", "'self'", "worker.js"),
    );
  });
  const own = shared && { memory: shared.memory };
  const { memory } = await wasm.default({ module_or_path: binary, ...own }).catch(explainCompile);
  const thread = new URL("./thread.js", import.meta.url);
  const started = await startThreads(wasm, thread, { script: file(".js").href, memory }, threads);
  return { wasm, memory, memoryBytes: shared?.memoryBytes ?? mostBytes, threads: started };
}

/** A policy may forbid WebAssembly, whose error names it in each browser's own words. */
function explainCompile(error: unknown): never {
  if (!/content.security.policy|\bCSP\b|unsafe-eval/i.test(String(error))) throw error;
  throw new BertletError(
    "no-wasm",
    `the Content-Security-Policy forbids WebAssembly: ${error}`,
    hintFor("script-src", "'wasm-unsafe-eval'", "worker.js"),
  );
}
