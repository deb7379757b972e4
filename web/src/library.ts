// Chooses among the builds of the wasm library the one for a device and this browser, loads it and starts its threads.
// Opens no device.

import type { WasmModule } from "./boundary.ts";
import { BertletError } from "./errors.ts";
import { hasRelaxedSimd } from "./features.ts";
import { fetchLibrary } from "./files.ts";

export interface Library {
  wasm: WasmModule;
  memory: WebAssembly.Memory;
  /** CPU threads at work; 1 where more were asked for and could not be started. */
  threads: number;
}

/** Threads that have not answered by then never will: a page's policy may forbid them without an error. */
const THREADS_MS = 20_000;

export type LoadLibrary = typeof loadLibrary;

export async function loadLibrary(device: "webgpu" | "wasm", threads: number): Promise<Library> {
  if (device === "webgpu") return instantiate("webgpu", 1);
  if (threads > 1) {
    try {
      return await instantiate("cpu_threads", threads);
    } catch (error) {
      if (error instanceof BertletError) throw error;
      console.warn(`bertlet: no threads, so one does all the work: ${error}`);
    }
  }
  return instantiate(hasRelaxedSimd() ? "cpu_relaxed" : "cpu", 1);
}

async function instantiate(name: string, threads: number): Promise<Library> {
  const file = (end: string) => new URL(`./wasm/${name}${end}`, import.meta.url);
  const binary = await fetchLibrary(file("_bg.wasm"));
  const wasm: WasmModule = await import(file(".js").href).catch((error) => {
    throw new BertletError("fetch-failed", `wasm/${name}.js: it could not be loaded: ${error}`);
  });
  const { memory } = await wasm.default({ module_or_path: binary });
  const late = new Error(`no answer in ${THREADS_MS / 1000} s`);
  if (threads > 1) await within(THREADS_MS, wasm.initThreadPool?.(threads), late);
  return { wasm, memory, threads };
}

/** What `promise` gives; `late` is thrown where that takes longer. */
export async function within<T>(milliseconds: number, promise: T, late: Error): Promise<Awaited<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), milliseconds);
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
