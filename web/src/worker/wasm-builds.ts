// Chooses the build of the wasm library for a device and this browser, loads it, and starts its threads.
// Opens no device.

import { hasRelaxedSimd } from "../shared/capabilities.ts";
import { BertletError } from "../shared/errors.ts";
import { fetchLibrary } from "./files.ts";
import { startThreads } from "./threads.ts";
import type { WasmModule } from "./wasm-boundary.ts";

export interface Library {
  wasm: WasmModule;
  memory: WebAssembly.Memory;
  /** CPU threads in use; 1 where more could not be started. */
  threads: number;
}

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
  const thread = new URL("./thread.js", import.meta.url);
  await startThreads(wasm, thread, { script: file(".js").href, memory }, threads);
  return { wasm, memory, threads };
}
