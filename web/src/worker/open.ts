// Load and create: gives a session with the wasm library, an open device and a model on it. Fetches through
// files.ts only.

import type { AutoReason, ModelInfo } from "../../bertlet.d.ts";
import { findWebgpu, mostThreads } from "../shared/capabilities.ts";
import { LOAD } from "../shared/defaults.ts";
import { deviceOf, sentenceOf } from "../shared/device-reasons.ts";
import { BertletError, type Failure, failureOf } from "../shared/errors.ts";
import type { CreateRequest, DeviceRequest, LoadRequest, Shape } from "../shared/loading-requests.ts";
import { DownloadCache } from "./downloads/cache.ts";
import { Digests } from "./downloads/digests.ts";
import { type Calibrate, chooseDevice } from "./engine/choose-device.ts";
import { openEngine } from "./engine/gpu-devices.ts";
import { fitTiles } from "./engine/tiles.ts";
import { tokenizerSource } from "./engine/tokenizers.ts";
import type { EngineLoadOptions, TokenizerReader, WasmEngine, WasmModule } from "./engine/wasm-boundary.ts";
import type { LoadLibrary } from "./engine/wasm-builds.ts";
import {
  type CheckpointBytes,
  type OnProgress,
  openCheckpoint,
  type Reading,
  readCheckpoint,
  readConfig,
} from "./files/files.ts";
import type { KeptModel } from "./keeping/model.ts";
import { scopeIn } from "./saved-scope.ts";
import { infoOf, type RememberedInfo, Session } from "./session.ts";

interface Opened {
  wasm: WasmModule;
  memory: WebAssembly.Memory;
  engine: WasmEngine;
  /** The most that the memory can grow to. */
  memoryBytes: number;
  device: Pick<ModelInfo, "device" | "threads" | "adapter" | "deviceReason" | "autoReason">;
}

/** Who hears of what, while a model is opened and afterwards. */
interface Opening {
  onProgress: OnProgress;
  calibrate: Calibrate;
  onMemory: (memory: WebAssembly.Memory) => void;
  onFailure: (failure: Failure) => void;
}

export async function load(
  loadLibrary: LoadLibrary,
  request: LoadRequest,
  opening: Opening & Reading,
): Promise<Session> {
  const { onProgress } = opening;
  const cache = request.cache ? await DownloadCache.open() : undefined;
  const digests = request.sha256 && new Digests(request.sha256);
  const reading: Reading = { ...opening, cache, digests };
  const source = openCheckpoint(request.checkpoint);
  const arriving = readConfig(source, reading);
  const arrivingEngine = open(loadLibrary, request, arriving, opening);
  // Where the tokenizer needs a wasm file of its own, it comes while the weights do.
  const readers: Promise<Uint8Array | TokenizerReader>[] = [];
  const onTokenizer = (tokenizer: Uint8Array) => {
    const source = arrivingEngine.then(({ wasm }) => tokenizerSource(wasm, tokenizer));
    source.catch(() => {});
    readers.push(source);
  };
  const [opened, checkpoint] = await Promise.all([
    arrivingEngine,
    readCheckpoint(source, arriving, reading, onTokenizer),
  ]);
  digests?.checkAllRead();
  const { config, tokenizer, weights } = checkpoint;
  const [reader = tokenizer] = await Promise.all(readers);
  onProgress({ stage: "model", loaded: 0, total: 1 });
  await opened.engine.load(config, reader, weights, engineOptions(request, checkpoint));
  onProgress({ stage: "model", loaded: 1, total: 1 });
  const checkpointBytes = config.byteLength + tokenizer.byteLength + weights.byteLength;
  // What the engine refuses is no model to keep.
  await cache?.finish(request.checkpoint);
  const session = sessionOf(opened, checkpointBytes);
  restoreScope(session, config);
  if (cache !== undefined) session.info = { ...session.info, cached: !cache.failed };
  return session;
}

/** A model as it was kept, with its adapters, on a device that is chosen anew. */
export async function openKept(
  loadLibrary: LoadLibrary,
  request: DeviceRequest,
  { manifest, tokenizer, weights, adapters }: KeptModel,
  opening: Opening,
): Promise<Session> {
  const { onProgress } = opening;
  const config = new TextEncoder().encode(manifest.config);
  const opened = await open(loadLibrary, request, Promise.resolve(config), opening);
  const { engine } = opened;
  onProgress({ stage: "model", loaded: 0, total: 1 });
  const options = { ...manifest.options, tokenizerConfig: manifest.tokenizerConfig, seed: LOAD.seed };
  await engine.load(config, await tokenizerSource(opened.wasm, tokenizer), weights, options);
  for (const adapter of adapters) engine.addAdapter(adapter.name, adapter.config, adapter.weights);
  if (manifest.activeAdapter !== undefined) engine.useAdapter(manifest.activeAdapter);
  onProgress({ stage: "model", loaded: 1, total: 1 });
  const { weightBytes, ...info } = manifest.info;
  const isOnCpu = opened.device.device === "wasm" && weightBytes !== undefined;
  const session = sessionOf(opened, weights.byteLength, isOnCpu ? { ...info, weightBytes } : info);
  restoreScope(session, config, true);
  return session;
}

/** A scope is of states that were pooled as config.json says, and of the task that the head was trained for. */
function restoreScope(session: Session, config: Uint8Array, isKept = false): void {
  const { hiddenSize, pooling, newHead } = session.info;
  const found = scopeIn(config, hiddenSize);
  // A model that was kept is as it was, with the adapter that was on, whose pooling may be another.
  if (found === undefined || (!isKept && (newHead || found.pooling !== pooling))) return;
  const { pooling: _, ...scope } = found;
  session.refresh(scope);
}

export async function create(
  loadLibrary: LoadLibrary,
  request: CreateRequest,
  opening: Opening,
): Promise<Session> {
  const { onProgress } = opening;
  const opened = await open(loadLibrary, request, Promise.resolve(configOf(request.shape)), opening);
  onProgress({ stage: "model", loaded: 0, total: 1 });
  opened.engine.create(request.texts, request.shape);
  onProgress({ stage: "model", loaded: 1, total: 1 });
  return sessionOf(opened, 0);
}

/** `bytes` are those of the files that were read. `remembered` is of a model that was kept. */
function sessionOf(opened: Opened, bytes: number, remembered?: RememberedInfo): Session {
  const { wasm, memory, engine, memoryBytes, device } = opened;
  const info = infoOf(engine, { ...device, checkpointBytes: bytes }, remembered);
  // The files' bytes are free again after loading.
  const restingBytes = info.device === "wasm" ? memory.buffer.byteLength - bytes : info.weightBytes;
  return new Session(wasm, engine, info, restingBytes, memoryBytes, remembered);
}

/** The part of config.json that the choice of a device needs. */
function configOf({ vocabSize, layers, hiddenSize, heads, intermediateSize, maxLength }: Shape): Uint8Array {
  const config = {
    model_type: "bert",
    vocab_size: vocabSize,
    num_hidden_layers: layers,
    hidden_size: hiddenSize,
    num_attention_heads: heads,
    intermediate_size: intermediateSize ?? 4 * hiddenSize,
    max_position_embeddings: maxLength,
  };
  return new TextEncoder().encode(JSON.stringify(config));
}

function engineOptions(
  { labels, problemType, pooling, maxLength, dtype, maskedLm, seed }: LoadRequest,
  checkpoint: CheckpointBytes,
): EngineLoadOptions {
  const options: EngineLoadOptions = { maskedLm, seed };
  if (labels !== undefined) options.labels = labels;
  if (problemType !== undefined) options.problemType = problemType;
  if (pooling !== undefined) options.pooling = pooling;
  if (maxLength !== undefined) options.maxLength = maxLength;
  if (dtype !== undefined) options.dtype = dtype;
  if (Object.keys(checkpoint.sentenceTransformers).length > 0) {
    options.sentenceTransformers = checkpoint.sentenceTransformers;
  }
  if (checkpoint.tokenizerConfig !== undefined) options.tokenizerConfig = checkpoint.tokenizerConfig;
  return options;
}

async function open(
  loadLibrary: LoadLibrary,
  { device: wanted, threads = mostThreads(), memoryBytes }: DeviceRequest,
  config: Promise<Uint8Array>,
  { onProgress, onMemory, onFailure, calibrate }: Opening,
): Promise<Opened> {
  const openOn = async (device: "webgpu" | "wasm"): Promise<Opened> => {
    onProgress({ stage: "library", loaded: 0, total: 1 });
    const library = await loadLibrary(device, threads, memoryBytes);
    onProgress({ stage: "library", loaded: 1, total: 1 });
    onMemory(library.memory);
    onProgress({ stage: "device", loaded: 0, total: 1 });
    const engine = await openEngine(library.wasm, device, onFailure);
    onProgress({ stage: "device", loaded: 1, total: 1 });
    const { threads: found, ...rest } = library;
    return { ...rest, engine, device: { device, threads: found } };
  };
  if (wanted === "wasm") return openOn("wasm");
  const webgpu = await findWebgpu();
  const withAdapter = async (): Promise<Opened> => {
    const opened = await openOn("webgpu");
    await fitTiles(opened.engine, webgpu.adapter);
    return webgpu.adapter === undefined
      ? opened
      : { ...opened, device: { ...opened.device, adapter: webgpu.adapter } };
  };
  if (wanted === "webgpu") {
    if (webgpu.available) return withAdapter();
    throw new BertletError("no-webgpu", `WebGPU: ${webgpu.reason}`, 'choose the device "wasm", or "auto"');
  }
  const because = ({ device, ...opened }: Opened, autoReason: AutoReason): Opened => {
    return { ...opened, device: { ...device, autoReason, deviceReason: sentenceOf(autoReason) } };
  };
  if (webgpu.autoReason === undefined) onProgress({ stage: "device", loaded: 0, total: 1 });
  const reason = await chooseDevice(webgpu, config, threads, calibrate, memoryBytes);
  if (deviceOf(reason) === "wasm") return because(await openOn("wasm"), reason);
  try {
    return because(await withAdapter(), reason);
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    return because(await openOn("wasm"), { code: "webgpu-failed", detail: failure.message });
  }
}
