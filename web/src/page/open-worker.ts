// Takes the checked options of load and create; gives a worker with a model on it. Where WebGPU takes the
// worker down, the device "auto" starts another one on the CPU.

import type { CreateOptions, LoadOptions, LoadProgress, ModelInfo, RowProgress } from "../../bertlet.d.ts";
import { hasSimd, memoryLimit } from "../shared/capabilities.ts";
import { CREATE, LOAD } from "../shared/defaults.ts";
import { sentenceOf } from "../shared/device-reasons.ts";
import { aborted, BertletError } from "../shared/errors.ts";
import type { Calls, CreateRequest, LoadRequest, Shape } from "../shared/messages.ts";
import { startClient } from "../shared/start-worker.ts";
import type { CallHooks, Client } from "../shared/worker-client.ts";
import { checkpointOf } from "./source.ts";

export function loadRequestOf(source: unknown, checked: LoadOptions): LoadRequest {
  const request: LoadRequest = {
    checkpoint: checkpointOf(source, checked),
    device: checked.device ?? LOAD.device,
    memoryBytes: memoryLimit(),
    maskedLm: checked.maskedLm ?? LOAD.maskedLm,
    seed: checked.seed ?? LOAD.seed,
  };
  if (checked.threads !== undefined) request.threads = checked.threads;
  if (checked.labels !== undefined) request.labels = checked.labels.map((label) => label.toWellFormed());
  if (checked.problemType !== undefined) request.problemType = checked.problemType;
  if (checked.pooling !== undefined) request.pooling = checked.pooling;
  if (checked.maxLength !== undefined) request.maxLength = checked.maxLength;
  return request;
}

export function createRequestOf(texts: string[], checked: Omit<CreateOptions, "texts">): CreateRequest {
  const { intermediateSize, labels } = checked;
  const shape: Shape = {
    vocabSize: checked.vocabSize ?? CREATE.vocabSize,
    layers: checked.layers ?? CREATE.layers,
    hiddenSize: checked.hiddenSize ?? CREATE.hiddenSize,
    heads: checked.heads ?? CREATE.heads,
    maxLength: checked.maxLength ?? CREATE.maxLength,
    seed: checked.seed ?? CREATE.seed,
  };
  if (intermediateSize !== undefined) shape.intermediateSize = intermediateSize;
  if (labels !== undefined) shape.labels = labels.map((label) => label.toWellFormed());
  const device = checked.device ?? CREATE.device;
  const request: CreateRequest = { texts, shape, device, memoryBytes: memoryLimit() };
  if (checked.threads !== undefined) request.threads = checked.threads;
  return request;
}

export async function openWorker<K extends "load" | "create">(
  call: K,
  request: Calls[K]["request"],
  checked: Pick<LoadOptions, "onProgress" | "signal">,
): Promise<[Client, ModelInfo]> {
  if (!hasSimd()) {
    throw new BertletError("no-wasm", "this browser has no WebAssembly with SIMD", "use a current browser");
  }
  let openingDevice = false;
  const onProgress = (progress: LoadProgress | RowProgress) => {
    if (progress.stage === "device") openingDevice = progress.loaded === 0;
    checked.onProgress?.(progress as LoadProgress);
  };
  try {
    return await start(call, request, checked.signal, onProgress);
  } catch (error) {
    // A driver that takes the worker down while WebGPU is tried is one more reason for the CPU.
    const died = error instanceof BertletError && ["worker-crashed", "device-lost"].includes(error.code);
    if (!(request.device === "auto" && openingDevice && died)) throw error;
    const [client, info] = await start(call, { ...request, device: "wasm" }, checked.signal, onProgress);
    const autoReason = { code: "webgpu-failed", detail: error.message } as const;
    return [client, { ...info, autoReason, deviceReason: sentenceOf(autoReason) }];
  }
}

/** Starts a worker and makes the call in it. A call that fails or is aborted ends the worker. */
async function start<K extends "load" | "create">(
  call: K,
  request: Calls[K]["request"],
  signal: AbortSignal | undefined,
  onProgress: NonNullable<CallHooks["onProgress"]>,
): Promise<[Client, ModelInfo]> {
  if (signal?.aborted) throw aborted(call, signal.reason);
  const client = startClient();
  const abort = () => client.end(aborted(call, signal?.reason));
  signal?.addEventListener("abort", abort);
  try {
    return [client, await client.call(call, request, { onProgress })];
  } catch (error) {
    client.end(error as BertletError);
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
