// Takes a load call; gives a session: the wasm library, an opened device and a checkpoint on it.
// Decides between WebGPU and the CPU; does not fetch by itself.

import type { ModelInfo } from "../bertlet.d.ts";
import type { Engine, EngineLoadOptions, WasmModule } from "./boundary.ts";
import { BertletError, failureOf } from "./errors.ts";
import { findWebgpu, mostThreads } from "./features.ts";
import { type CheckpointBytes, type OnProgress, readCheckpoint } from "./files.ts";
import type { LoadLibrary } from "./library.ts";
import type { LoadAsk } from "./protocol.ts";
import { infoOf, Session } from "./session.ts";

interface Opened {
  wasm: WasmModule;
  memory: WebAssembly.Memory;
  engine: Engine;
  device: Pick<ModelInfo, "device" | "threads" | "adapter" | "deviceReason">;
}

type OnMemory = (memory: WebAssembly.Memory) => void;

export async function load(
  loadLibrary: LoadLibrary,
  ask: LoadAsk,
  onProgress: OnProgress,
  onMemory: OnMemory,
): Promise<Session> {
  const [{ wasm, memory, engine, device }, checkpoint] = await Promise.all([
    open(loadLibrary, ask, onProgress, onMemory),
    readCheckpoint(ask.checkpoint, onProgress),
  ]);
  onProgress({ stage: "model", loaded: 0, total: 1 });
  const { config, tokenizer, weights } = checkpoint;
  await engine.load(config, tokenizer, weights, engineOptions(ask, checkpoint));
  onProgress({ stage: "model", loaded: 1, total: 1 });
  const checkpointBytes = config.byteLength + tokenizer.byteLength + weights.byteLength;
  const info = infoOf(engine, { ...device, checkpointBytes });
  // Once loaded, the files' bytes are free again.
  const restingBytes =
    info.device === "wasm" ? memory.buffer.byteLength - info.checkpointBytes : info.parameters * 4;
  return new Session(wasm, engine, info, restingBytes);
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
  loadLibrary: LoadLibrary,
  { device: asked, threads = mostThreads() }: LoadAsk,
  onProgress: OnProgress,
  onMemory: OnMemory,
): Promise<Opened> {
  const openOn = async (device: "webgpu" | "wasm"): Promise<Opened> => {
    onProgress({ stage: "library", loaded: 0, total: 1 });
    const library = await loadLibrary(device, threads);
    onProgress({ stage: "library", loaded: 1, total: 1 });
    onMemory(library.memory);
    onProgress({ stage: "device", loaded: 0, total: 1 });
    const engine = await library.wasm.Engine.open(device);
    onProgress({ stage: "device", loaded: 1, total: 1 });
    const { wasm, memory } = library;
    return { wasm, memory, engine, device: { device, threads: library.threads } };
  };
  if (asked === "wasm") return openOn("wasm");
  const { available, adapter, reason } = await findWebgpu();
  if (asked === "webgpu" && !available) {
    throw new BertletError("no-webgpu", `WebGPU: ${reason}`, 'choose the device "wasm", or "auto"');
  }
  let deviceReason = reason;
  if (asked === "webgpu" || reason === undefined) {
    try {
      const opened = await openOn("webgpu");
      return adapter === undefined ? opened : { ...opened, device: { ...opened.device, adapter } };
    } catch (error) {
      const failure = failureOf(error);
      if (asked === "webgpu" || failure === undefined) throw error;
      deviceReason = failure.message;
    }
  }
  const opened = await openOn("wasm");
  return deviceReason === undefined ? opened : { ...opened, device: { ...opened.device, deviceReason } };
}
