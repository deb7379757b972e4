// Takes what WebGPU is here and what a checkpoint asks for; chooses the device of `auto`. Where a hardware
// adapter answers, both devices are timed once, in a worker of their own, and the outcome is kept for the next time.

import type { AutoReason, Capabilities } from "../../bertlet.d.ts";
import { version } from "../../package.json";
import { BertletError } from "../shared/errors.ts";
import type { DeviceTimes } from "../shared/messages.ts";
import { Client, startWorker } from "../shared/worker-client.ts";
import { BATCH } from "./calibrate.ts";
import { recall, remember } from "./files.ts";

export async function chooseDevice(
  { autoReason, adapter }: Capabilities["webgpu"],
  arriving: Promise<Uint8Array>,
  threads: number,
): Promise<AutoReason> {
  if (autoReason !== undefined) return autoReason;
  const config = await arriving;
  const key = [version, adapter, threads, ...sizesOf(config)].join(" ");
  const kept = await recall(key);
  if (areTimes(kept)) return { code: "measured", ...kept, ...BATCH };
  try {
    const times = await inOwnWorker(config, threads);
    await remember(key, times);
    return { code: "measured", ...times, ...BATCH };
  } catch (error) {
    if (!(error instanceof BertletError)) throw error;
    // Not kept: the next time it may work.
    return { code: "webgpu-failed", detail: error.message };
  }
}

/** A driver that fails takes down that worker alone. */
async function inOwnWorker(config: Uint8Array, threads: number): Promise<DeviceTimes> {
  const client = new Client(startWorker());
  try {
    return await client.call("calibrate", { config, threads });
  } finally {
    client.end(new BertletError("disposed", "the calibration is over"));
  }
}

/** What the time of an encoder depends on. Whether it makes sense is the engine's to check. */
function sizesOf(config: Uint8Array): unknown[] {
  try {
    const { hidden_size, num_attention_heads, intermediate_size, num_hidden_layers, hidden_act } = JSON.parse(
      new TextDecoder().decode(config),
    );
    return [hidden_size, num_attention_heads, intermediate_size, num_hidden_layers, hidden_act];
  } catch {
    return [];
  }
}

function areTimes(kept: unknown): kept is DeviceTimes {
  const { webgpuMs, wasmMs } = (kept ?? {}) as Partial<DeviceTimes>;
  return typeof webgpuMs === "number" && typeof wasmMs === "number";
}
