// Takes a checkpoint's config.json; times a forward pass through its encoder on the CPU and on WebGPU. Opens
// both devices, so it runs in a worker of its own, which is ended afterwards: see choose-device.ts.

import { BertletError, type Failure } from "../../shared/errors.ts";
import type { CalibrateRequest, DeviceTimes } from "../../shared/messages.ts";
import { withTimeout } from "../../shared/timeout.ts";
import { openEngine } from "./gpu-devices.ts";
import { fitTiles } from "./tiles.ts";
import type { WasmEngine } from "./wasm-boundary.ts";
import type { LoadLibrary } from "./wasm-builds.ts";

/** The timed batch, a usual one. */
export const BATCH = { texts: 8, tokens: 64 };
/** Time for the counted passes on one device. Both devices together then take a second at most. */
const BUDGET_MS = 300;
const MOST_REPEATS = 20;
/** Limit for WebGPU. A GPU that needs longer to compile its shaders costs more time than it saves. */
const WEBGPU_MS = 10_000;

export async function calibrate(
  loadLibrary: LoadLibrary,
  { config, threads, memoryBytes, adapter }: CalibrateRequest,
  onFailure: (failure: Failure) => void,
): Promise<DeviceTimes> {
  // One device after the other, since they share the processor.
  const cpu = await loadLibrary("wasm", threads, memoryBytes);
  const wasmMs = await encoderMs(await openEngine(cpu.wasm, "wasm", onFailure), config);
  const { wasm } = await loadLibrary("webgpu", 1, memoryBytes);
  const onWebgpu = openEngine(wasm, "webgpu", onFailure).then(async (engine) => {
    await fitTiles(engine, adapter);
    return encoderMs(engine, config);
  });
  const late = new BertletError("no-webgpu", `it was not ready after ${WEBGPU_MS / 1000} s`);
  return { wasmMs, webgpuMs: await withTimeout(WEBGPU_MS, onWebgpu, late) };
}

async function encoderMs(engine: WasmEngine, config: Uint8Array): Promise<number> {
  const { texts, tokens } = BATCH;
  // The first pass compiles the shaders, and lets the browser optimize wasm's inner loops.
  await engine.encoderTime(config, 1, tokens, 1);
  const startedAt = performance.now();
  const once = await engine.encoderTime(config, texts, tokens, 1);
  // The engine made a second pass, which it did not count.
  const passMs = (performance.now() - startedAt) / 2;
  const repeats = Math.min(MOST_REPEATS, Math.floor(BUDGET_MS / passMs) - 2);
  if (repeats < 1) return once;
  return Math.min(once, await engine.encoderTime(config, texts, tokens, repeats));
}
