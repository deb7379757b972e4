// Chooses the build of the wasm library for a device and this browser, loads it, and starts its threads.
// Opens no device.

import { blockedBy, hintFor, reasonOf } from "../shared/blocked.ts";
import { hasRelaxedSimd } from "../shared/capabilities.ts";
import { BertletError } from "../shared/errors.ts";
import { fetchLibrary } from "./fetch-file.ts";
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
  const { wasm, memory, script } = await openWasm<WasmModule>(name);
  const thread = new URL("./thread.js", import.meta.url);
  await startThreads(wasm, thread, { script, memory }, threads);
  return { wasm, memory, threads };
}

/** Fetches and instantiates a build by its name: its exports, its memory, and the URL of its JavaScript. */
export async function openWasm<M extends Pick<WasmModule, "default">>(
  name: string,
): Promise<{ wasm: M; memory: WebAssembly.Memory; script: string }> {
  const file = (end: string) => new URL(`./wasm/${name}${end}`, import.meta.url);
  const binary = await fetchLibrary(file("_bg.wasm"));
  const sinceMs = performance.now();
  const wasm: M = await import(file(".js").href).catch(async (error) => {
    const blocked = await blockedBy(sinceMs, ({ directive }) => /^(script|worker)-src/.test(directive));
    throw new BertletError(
      "fetch-failed",
      `wasm/${name}.js: it could not be loaded: ${blocked === undefined ? error : reasonOf(blocked)}`,
      blocked === undefined
        ? "the folder wasm/ must lie beside bertlet.js, and its files ending in .js come as text/javascript"
        : hintFor("script-src", "'self'", "worker.js"),
    );
  });
  const { memory } = await wasm.default({ module_or_path: binary }).catch(explainCompile);
  return { wasm, memory, script: file(".js").href };
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
