// Takes a checkpoint's config.json; gives how long a pass through its encoder takes on the CPU and on WebGPU here.
// Opens both devices, so it runs in a worker that is ended afterwards with all it opened: see choice.ts.

import { BertletError } from "../shared/errors.ts";
import type { CalibrateRequest, DeviceTimes } from "../shared/messages.ts";
import { openEngine } from "./gpu-devices.ts";
import { withTimeout } from "./timeout.ts";
import type { WasmEngine } from "./wasm-boundary.ts";
import type { LoadLibrary } from "./wasm-builds.ts";

/** A usual batch. */
export const BATCH = { texts: 8, tokens: 64 };
/** What is counted is to take no longer on one device, so that both take a second at most. */
const BUDGET_MS = 300;
const MOST_REPEATS = 20;
/** A GPU whose shaders are not compiled by then keeps people waiting longer than it can make up for. */
const WEBGPU_MS = 10_000;

export async function calibrate(
  loadLibrary: LoadLibrary,
  { config, threads }: CalibrateRequest,
): Promise<DeviceTimes> {
  // One after the other: together they would share the processor.
  const cpu = await loadLibrary("wasm", threads);
  const wasmMs = await encoderMs(await openEngine(cpu.wasm, "wasm"), config);
  const { wasm } = await loadLibrary("webgpu", 1);
  const onWebgpu = openEngine(wasm, "webgpu").then((engine) => encoderMs(engine, config));
  const late = new BertletError("no-webgpu", `it was not ready after ${WEBGPU_MS / 1000} s`);
  return { wasmMs, webgpuMs: await withTimeout(WEBGPU_MS, onWebgpu, late) };
}

async function encoderMs(engine: WasmEngine, config: Uint8Array): Promise<number> {
  const { texts, tokens } = BATCH;
  // Compiles the shaders, and lets the browser compile wasm's inner loops once more, for speed.
  await engine.encoderTime(config, 1, tokens, 1);
  const startedAt = performance.now();
  const once = await engine.encoderTime(config, texts, tokens, 1);
  // It made one pass that it did not count.
  const passMs = (performance.now() - startedAt) / 2;
  const repeats = Math.min(MOST_REPEATS, Math.floor(BUDGET_MS / passMs) - 2);
  if (repeats < 1) return once;
  return Math.min(once, await engine.encoderTime(config, texts, tokens, repeats));
}
