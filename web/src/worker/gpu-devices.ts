// Watches the GPU devices that wasm opens, since a lost device goes on answering, with numbers that mean nothing, and has
// the browser give them subgroups, which the library that opens them cannot ask for. Keeps the last one on the worker's global, under Symbol.for("bertlet.device"), for tests.

import type { Failure } from "../shared/errors.ts";
import type { WasmEngine, WasmModule } from "./wasm-boundary.ts";

export const DEVICE: unique symbol = Symbol.for("bertlet.device");

const SUBGROUPS: GPUFeatureName = "subgroups";

/** An engine on a device, and it told what the device can do. */
export async function openEngine(wasm: WasmModule, device: "webgpu" | "wasm"): Promise<WasmEngine> {
  const engine = await wasm.WasmEngine.open(device);
  const { [DEVICE]: opened } = globalThis as { [DEVICE]?: GPUDevice };
  if (opened?.features.has(SUBGROUPS)) engine.allowSubgroups?.();
  return engine;
}

/** To be called before a device is opened. `fail` hears of every loss and uncaught error. */
export function watchDevices(fail: (failure: Failure) => void): void {
  if (typeof GPUAdapter === "undefined") return;
  const requestDevice = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (this: GPUAdapter, descriptor?: GPUDeviceDescriptor) {
    const asked = this.features.has(SUBGROUPS)
      ? { ...descriptor, requiredFeatures: [...(descriptor?.requiredFeatures ?? []), SUBGROUPS] }
      : descriptor;
    const device = await requestDevice.call(this, asked);
    Object.defineProperty(globalThis, DEVICE, { value: device, configurable: true });
    device.lost.then(({ reason, message }) => fail(lost(reason, message)));
    device.addEventListener("uncapturederror", ({ error }) => fail(uncaptured(error)));
    return device;
  };
}

function lost(reason: string, message: string): Failure {
  return {
    code: "device-lost",
    message: `the GPU device was lost (${reason}): ${message || "the browser does not say why"}`,
    hint: 'load the checkpoint again; the device "wasm" does without a GPU',
  };
}

/** After one, what the device computes cannot be relied on. */
function uncaptured(error: GPUError): Failure {
  if (error instanceof GPUOutOfMemoryError) {
    return {
      code: "out-of-memory",
      message: `the GPU ran out of memory: ${error.message}`,
      hint: 'use a smaller batchSize or maxLength, a smaller model, or the device "wasm"',
    };
  }
  return {
    code: "device-lost",
    message: `the GPU device reported an error: ${error.message}`,
    hint: 'load the checkpoint again; the device "wasm" does without a GPU',
  };
}
