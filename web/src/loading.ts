// Takes a load call; gives a session: the wasm library, an opened device and a checkpoint on it.
// Decides between WebGPU and the CPU; does not fetch by itself.

import type { ModelInfo } from "../bertlet.d.ts";
import type { Engine, EngineLoadOptions, WasmModule } from "./boundary.ts";
import { BertletError, failureOf } from "./errors.ts";
import { findWebgpu } from "./features.ts";
import { type CheckpointBytes, fetchLibrary, type OnProgress, readCheckpoint } from "./files.ts";
import type { LoadAsk } from "./protocol.ts";
import { Session } from "./session.ts";

interface Opened {
  engine: Engine;
  device: { device: "webgpu" | "wasm"; adapter?: string; deviceReason?: string };
}

export async function load(
  wasm: WasmModule,
  ask: LoadAsk,
  onProgress: OnProgress,
  onMemory: (memory: WebAssembly.Memory) => void,
): Promise<Session> {
  const [{ engine, device }, checkpoint] = await Promise.all([
    open(wasm, ask.device, onProgress, onMemory),
    readCheckpoint(ask.checkpoint, onProgress),
  ]);
  onProgress({ stage: "model", loaded: 0, total: 1 });
  const { config, tokenizer, weights } = checkpoint;
  await engine.load(config, tokenizer, weights, engineOptions(ask, checkpoint));
  onProgress({ stage: "model", loaded: 1, total: 1 });
  const info: ModelInfo = {
    ...device,
    threads: 1,
    ...engine.info(),
    checkpointBytes: config.byteLength + tokenizer.byteLength + weights.byteLength,
  };
  return new Session(wasm, engine, info);
}

function engineOptions(
  { labels, pooling, maxLength, seed }: LoadAsk,
  checkpoint: CheckpointBytes,
): EngineLoadOptions {
  const options: EngineLoadOptions = { seed };
  if (labels !== undefined) options.labels = labels;
  if (pooling !== undefined) options.pooling = pooling;
  if (maxLength !== undefined) options.maxLength = maxLength;
  if (checkpoint.tokenizerConfig !== undefined) options.tokenizerConfig = checkpoint.tokenizerConfig;
  return options;
}

async function open(
  wasm: WasmModule,
  asked: LoadAsk["device"],
  onProgress: OnProgress,
  onMemory: (memory: WebAssembly.Memory) => void,
): Promise<Opened> {
  onProgress({ stage: "library", loaded: 0, total: 1 });
  const library = await fetchLibrary(new URL("./bertlet_wasm_bg.wasm", import.meta.url));
  const { memory } = await wasm.default({ module_or_path: library });
  onProgress({ stage: "library", loaded: 1, total: 1 });
  onMemory(memory);
  onProgress({ stage: "device", loaded: 0, total: 1 });
  const opened = await openDevice(wasm, asked);
  onProgress({ stage: "device", loaded: 1, total: 1 });
  return opened;
}

async function openDevice(wasm: WasmModule, asked: LoadAsk["device"]): Promise<Opened> {
  if (asked === "wasm") return { engine: await wasm.Engine.open("wasm"), device: { device: "wasm" } };
  const { available, adapter, reason } = await findWebgpu();
  if (asked === "webgpu") {
    if (!available) {
      throw new BertletError("no-webgpu", `WebGPU: ${reason}`, 'choose the device "wasm", or "auto"');
    }
    return openWebgpu(wasm, adapter);
  }
  let deviceReason = reason;
  if (reason === undefined) {
    try {
      return await openWebgpu(wasm, adapter);
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      deviceReason = failure.message;
    }
  }
  const device = { device: "wasm", ...(deviceReason === undefined ? {} : { deviceReason }) } as const;
  return { engine: await wasm.Engine.open("wasm"), device };
}

async function openWebgpu(wasm: WasmModule, adapter: string | undefined): Promise<Opened> {
  const engine = await wasm.Engine.open("webgpu");
  return { engine, device: { device: "webgpu", ...(adapter === undefined ? {} : { adapter }) } };
}
