// Chooses the build of the wasm library for a device and this browser, loads it, and starts its threads.
// Opens no device.

import { blockedBy, hintFor, reasonOf } from "../../shared/blocked.ts";
import { hasRelaxedSimd } from "../../shared/capabilities.ts";
import { BertletError } from "../../shared/errors.ts";
import { isElsewhere } from "../../shared/start-worker.ts";
import { fetchLibrary } from "../downloads/fetch-file.ts";
import { type OnThread, sharedMemory, startThreads } from "./threads.ts";
import type { TokenizersModule, WasmModule } from "./wasm-boundary.ts";

export interface Library {
  wasm: WasmModule;
  memory: WebAssembly.Memory;
  /** The most that the memory can grow to. */
  memoryBytes: number;
  /** CPU threads in use; 1 where more could not be started. */
  threads: number;
}

/** `memoryBytes` is the most that the CPU may have. */
export type LoadLibrary = (
  device: "webgpu" | "wasm",
  threads: number,
  memoryBytes: number,
) => Promise<Library>;

/**
 * The files of each build, a line each. Written out, since bundlers find a file by these very words; its type is in
 * wasm-files.d.ts.
 */
const BUILDS = {
  cpu: {
    script: () => import("./wasm/cpu.js"),
    binary: () => new URL("./wasm/cpu_bg.wasm", import.meta.url),
  },
  cpu_relaxed: {
    script: () => import("./wasm/cpu_relaxed.js"),
    binary: () => new URL("./wasm/cpu_relaxed_bg.wasm", import.meta.url),
  },
  cpu_threads: {
    script: () => import("./wasm/cpu_threads.js"),
    binary: () => new URL("./wasm/cpu_threads_bg.wasm", import.meta.url),
  },
  cpu_threads_plain: {
    script: () => import("./wasm/cpu_threads_plain.js"),
    binary: () => new URL("./wasm/cpu_threads_plain_bg.wasm", import.meta.url),
  },
  webgpu: {
    script: () => import("./wasm/webgpu.js"),
    binary: () => new URL("./wasm/webgpu_bg.wasm", import.meta.url),
  },
  /** Tokenizers beyond BERT's WordPiece. */
  tokenizers: {
    script: () => import("./wasm/tokenizers.js"),
    binary: () => new URL("./wasm/tokenizers_bg.wasm", import.meta.url),
  },
};

interface BuildFiles<M> {
  script(): Promise<M>;
  binary(): URL;
}
type Build = Exclude<keyof typeof BUILDS, "tokenizers">;
type ModuleOf<N> = N extends "tokenizers" ? TokenizersModule : WasmModule;

export async function loadLibrary(
  device: "webgpu" | "wasm",
  threads: number,
  memoryBytes: number,
  onThread: OnThread,
): Promise<Library> {
  if (device === "webgpu") return instantiate("webgpu", 1, memoryBytes, onThread);
  let relaxed = hasRelaxedSimd();
  let wanted = threads;
  for (;;) {
    try {
      return await instantiate(cpuBuild(wanted > 1, relaxed), wanted, memoryBytes, onThread);
    } catch (error) {
      const unusable = error instanceof UnusableLibrary;
      if (error instanceof BertletError && !unusable) throw error;
      if (relaxed && unusable && error.cause instanceof WebAssembly.CompileError) {
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
function cpuBuild(threads: boolean, relaxed: boolean): Build {
  if (threads) return relaxed ? "cpu_threads" : "cpu_threads_plain";
  return relaxed ? "cpu_relaxed" : "cpu";
}

async function instantiate(
  name: Build,
  threads: number,
  mostBytes: number,
  onThread: OnThread,
): Promise<Library> {
  const shared = threads > 1 ? sharedMemory(mostBytes) : undefined;
  const { wasm, memory } = await openWasm(name, shared?.memory);
  const started = await startThreads(wasm, { build: name, memory }, threads, onThread);
  return { wasm, memory, memoryBytes: shared?.memoryBytes ?? mostBytes, threads: started };
}

/** Fetches and instantiates a build by its name, on a memory if one is given: its exports and its memory. */
export async function openWasm<N extends keyof typeof BUILDS>(
  name: N,
  shared?: WebAssembly.Memory,
): Promise<{ wasm: ModuleOf<N>; memory: WebAssembly.Memory }> {
  const { script, binary }: BuildFiles<ModuleOf<N>> = BUILDS[name];
  const binaryUrl = binary();
  const response = await fetchLibrary(binaryUrl, name);
  const sinceMs = performance.now();
  const wasm = await script().catch(async (error) => {
    const blocked = await blockedBy(sinceMs, ({ directive }) => /^(script|worker)-src/.test(directive));
    throw new BertletError(
      "fetch-failed",
      `wasm/${name}.js: it could not be loaded: ${blocked === undefined ? error : reasonOf(blocked)}`,
      blocked === undefined
        ? "the folder wasm/ must lie beside worker.js, and its files ending in .js come as text/javascript"
        : hintFor("script-src", isElsewhere(binaryUrl) ? binaryUrl.origin : "'self'", "worker.js"),
    );
  });
  const own = shared && { memory: shared };
  const { memory } = await wasm
    .default({ module_or_path: response, ...own })
    .catch((error) => explainCompile(name, error));
  return { wasm, memory };
}

/** A binary that came, and that this browser cannot use. Another build may do. */
class UnusableLibrary extends BertletError {
  constructor(name: string, cause: unknown) {
    super(
      "fetch-failed",
      `wasm/${name}_bg.wasm: it cannot be used: ${cause}`,
      "it may be cut off, or of another version: serve the folder wasm/ as it was built beside worker.js, and reload the page",
      { cause },
    );
  }
}

/** A policy may forbid WebAssembly, whose error names it in each browser's own words. */
function explainCompile(name: string, error: unknown): never {
  if (!/content.security.policy|\bCSP\b|unsafe-eval/i.test(String(error))) {
    // A RangeError tells of memory.
    throw error instanceof RangeError ? error : new UnusableLibrary(name, error);
  }
  throw new BertletError(
    "no-wasm",
    `the Content-Security-Policy forbids WebAssembly: ${error}`,
    hintFor("script-src", "'wasm-unsafe-eval'", "worker.js"),
  );
}
