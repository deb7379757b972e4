// Takes the checked options of load and create; gives a worker with a model on it. Where WebGPU takes the
// worker down, the device "auto" starts another one on the CPU.

import type {
  CreateOptions,
  LoadOptions,
  LoadProgress,
  ModelInfo,
  OpenOptions,
  PreviewOptions,
  RowProgress,
  SourcePreview,
} from "../../bertlet.d.ts";
import { hasSimd, memoryLimit } from "../shared/capabilities.ts";
import { CREATE, LOAD } from "../shared/defaults.ts";
import { sentenceOf } from "../shared/device-reasons.ts";
import { aborted, BertletError } from "../shared/errors.ts";
import type { CheckpointRequest, CreateRequest, LoadRequest, Shape } from "../shared/loading-requests.ts";
import type { Calibrated, CallName, Calls } from "../shared/messages.ts";
import type { CallHooks, Client } from "../shared/worker-client.ts";
import { accessOf } from "./access.ts";
import { fetchHook } from "./serve-fetch.ts";
import { checkpointOf, folderUrl, hubModelOf } from "./source.ts";
import { startClient } from "./start-client.ts";

const MEASURED = new BertletError("disposed", "the measurement is over");

export function loadRequestOf(source: unknown, checked: LoadOptions): LoadRequest {
  const checkpoint = checkpointOf(source, checked);
  const request: LoadRequest = {
    checkpoint,
    access: accessOf("load", checkpoint, checked),
    cache: checked.cache ?? LOAD.cache,
    device: checked.device ?? LOAD.device,
    memoryBytes: memoryLimit(),
    maskedLm: checked.maskedLm ?? LOAD.maskedLm,
    seed: checked.seed ?? LOAD.seed,
  };
  if (checked.cache === true) checkCacheable(checkpoint);
  if (checked.sha256 !== undefined) request.sha256 = { ...checked.sha256 };
  if (checked.threads !== undefined) request.threads = checked.threads;
  if (checked.labels !== undefined) request.labels = checked.labels.map((label) => label.toWellFormed());
  if (checked.problemType !== undefined) request.problemType = checked.problemType;
  if (checked.pooling !== undefined) request.pooling = checked.pooling;
  if (checked.maxLength !== undefined) request.maxLength = checked.maxLength;
  if (checked.dtype !== undefined) request.dtype = checked.dtype;
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

export function openRequestOf(name: string, { device, threads }: OpenOptions): Calls["open"]["request"] {
  const request = { name, device: device ?? LOAD.device, memoryBytes: memoryLimit() };
  return threads === undefined ? request : { ...request, threads };
}

type Opening = Pick<LoadOptions, "onProgress" | "signal" | "assets" | "fetch">;

export async function openWorker<K extends "load" | "create" | "open">(
  call: K,
  request: Calls[K]["request"],
  checked: Opening,
): Promise<[Client, ModelInfo]> {
  if (!hasSimd()) {
    throw new BertletError("no-wasm", "this browser has no WebAssembly with SIMD", "use a current browser");
  }
  const assets = checked.assets && folderUrl(`${call}: option assets`, checked.assets);
  let openingDevice = false;
  const onProgress = (progress: LoadProgress | RowProgress) => {
    if (progress.stage === "device") openingDevice = progress.loaded === 0;
    checked.onProgress?.(progress as LoadProgress);
  };
  const opening = { ...checked, assets, onProgress };
  try {
    return await start(call, request, opening);
  } catch (error) {
    // A driver that takes the worker down while WebGPU is tried is one more reason for the CPU.
    const died = error instanceof BertletError && ["worker-crashed", "device-lost"].includes(error.code);
    if (!(request.device === "auto" && openingDevice && died)) throw error;
    const [client, info] = await start(call, { ...request, device: "wasm" }, opening);
    const autoReason = { code: "webgpu-failed", detail: error.message } as const;
    return [client, { ...info, autoReason, deviceReason: sentenceOf(autoReason) }];
  }
}

/** A worker with the model of a journal, whose run "continue" then goes on with. A lost GPU's work goes to the CPU. */
export async function reopenWorker(
  request: Omit<Calls["resume"]["request"], "memoryBytes">,
  checked: Opening,
): Promise<[Client, Calls["resume"]["response"]]> {
  const opening = {
    ...checked,
    assets: checked.assets && folderUrl("resume: option assets", checked.assets),
    onProgress: (progress: LoadProgress | RowProgress) => checked.onProgress?.(progress as LoadProgress),
  };
  const whole = { ...request, memoryBytes: memoryLimit() };
  try {
    return await start("resume", whole, opening);
  } catch (error) {
    const lost = error instanceof BertletError && ["no-webgpu", "device-lost"].includes(error.code);
    if (!lost || request.device !== undefined) throw error;
    return await start("resume", { ...whole, device: "wasm" }, opening);
  }
}

/** Tells of a source, in a worker that ends with the answer: there is no wasm in it, and no model. */
export async function previewIn(
  source: unknown,
  { signal, assets, fetch, ...options }: PreviewOptions,
): Promise<SourcePreview> {
  const model = hubModelOf(source, options, "preview");
  const checkpoint = checkpointOf(source, options, "preview");
  const access = accessOf("preview", checkpoint, { ...options, ...(fetch && { fetch }) });
  const request = model === undefined ? { checkpoint, access } : { checkpoint, access, model };
  const [client, found] = await start("preview", request, {
    ...(signal && { signal }),
    ...(fetch && { fetch }),
    assets: assets && folderUrl("preview: option assets", assets),
    onProgress: () => {},
  });
  client.end(new BertletError("disposed", "the preview has been given"));
  return found;
}

function checkCacheable(checkpoint: CheckpointRequest): void {
  if ("folder" in checkpoint || ("config" in checkpoint && "url" in checkpoint.config)) return;
  throw new BertletError(
    "bad-option",
    "load: option cache must come with a source that is fetched by its URL",
    "leave it out, and keep the model by keep(name)",
  );
}

/** A call about what this browser keeps, in a worker that ends with the answer. */
export async function askStorage<
  K extends "list" | "forget" | "listJournals" | "deleteJournal" | "isCached" | "clearCache",
>(call: K, request: Calls[K]["request"], assets: string | URL | undefined): Promise<Calls[K]["response"]> {
  const [client, found] = await start(call, request, {
    assets: assets && folderUrl(`${call}: option assets`, assets),
    onProgress: () => {},
  });
  client.end(new BertletError("disposed", "the answer has been given"));
  return found;
}

/** Starts a worker and makes the call in it. A call that fails or is aborted ends the worker. */
async function start<K extends CallName>(
  call: K,
  request: Calls[K]["request"],
  {
    signal,
    assets,
    onProgress,
    fetch,
  }: Pick<Opening, "signal" | "fetch"> & {
    assets: string | undefined;
    onProgress: NonNullable<CallHooks["onProgress"]>;
  },
): Promise<[Client, Calls[K]["response"]]> {
  if (signal?.aborted) throw aborted(call, signal.reason);
  const client = startClient(assets);
  let measuring: Client | undefined;
  const hooks: CallHooks = {
    onProgress,
    onFetch: fetchHook(fetch),
    onCalibrate: async ({ request, port }) => {
      const answer = (found: Calibrated) => port.postMessage(found);
      try {
        // A driver that fails takes down that worker only.
        measuring = startClient(assets);
        answer({ times: await measuring.call("timeDevice", request) });
      } catch (error) {
        const { code, message } = error as BertletError;
        answer({ failure: { code, message } });
      } finally {
        measuring?.end(MEASURED);
      }
    },
  };
  const abort = () => client.end(aborted(call, signal?.reason));
  signal?.addEventListener("abort", abort);
  try {
    return [client, await client.call(call, request, hooks)];
  } catch (error) {
    client.end(error as BertletError);
    throw error;
  } finally {
    measuring?.end(MEASURED);
    signal?.removeEventListener("abort", abort);
  }
}
