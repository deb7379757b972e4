// Chooses the device of `auto`: takes what is known of WebGPU and the checkpoint's config. Where a hardware
// adapter answers, it times both devices once, in a worker of their own, and keeps the result for the next
// time.

import type { AutoReason, Capabilities } from "../../../bertlet.d.ts";
import { version } from "../../../package.json";
import { BertletError } from "../../shared/errors.ts";
import type { Calibrated, CalibrateRequest, DeviceTimes, ToPage } from "../../shared/messages.ts";
import { BATCH } from "./calibrate.ts";
import { recall, remember } from "./measurements.ts";

/** Times both devices. */
export type Calibrate = (request: CalibrateRequest) => Promise<DeviceTimes>;

export async function chooseDevice(
  { autoReason, adapter }: Capabilities["webgpu"],
  arriving: Promise<Uint8Array>,
  threads: number,
  calibrate: Calibrate,
  memoryBytes: number,
): Promise<AutoReason> {
  if (autoReason !== undefined) return autoReason;
  const config = await arriving;
  const key = [version, adapter, threads, ...sizesOf(config)].join(" ");
  const kept = await recall(key);
  if (areTimes(kept)) return { code: "measured", ...kept, ...BATCH };
  try {
    const times = await calibrate({ config, threads, memoryBytes, adapter });
    await remember(key, times);
    return { code: "measured", ...times, ...BATCH };
  } catch (error) {
    if (!(error instanceof BertletError)) throw error;
    // Not kept, since it may work the next time.
    return { code: "webgpu-failed", detail: error.message };
  }
}

/** Has the page start a worker for the measurement: a failing driver takes down only that one. */
export function calibrator(id: number, post: (message: ToPage, transfer: Transferable[]) => void): Calibrate {
  return async (request) => {
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise<Calibrated>((resolve) => {
      port1.onmessage = ({ data }: MessageEvent<Calibrated>) => resolve(data);
    });
    post({ type: "calibrate", id, request, port: port2 }, [port2]);
    const found = await answer;
    port1.close();
    if ("failure" in found) throw BertletError.from(found.failure);
    return found.times;
  };
}

/** The sizes on which an encoder's time depends. The engine checks them later. */
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
