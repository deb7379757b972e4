// Watches the GPU devices that wasm opens: a lost device goes on answering, with meaningless numbers.
// Requests the feature "subgroups" for them, which wgpu cannot. For tests, the last device is at
// Symbol.for("bertlet.device") of the global scope.

import type { Failure } from "../shared/errors.ts";
import type { WasmEngine, WasmModule } from "./wasm-boundary.ts";

export const DEVICE: unique symbol = Symbol.for("bertlet.device");

const SUBGROUPS: GPUFeatureName = "subgroups";

/** Opens a device for an engine, and tells the engine of subgroups. */
export async function openEngine(wasm: WasmModule, device: "webgpu" | "wasm"): Promise<WasmEngine> {
  const engine = await wasm.WasmEngine.open(device);
  const { [DEVICE]: opened } = globalThis as { [DEVICE]?: GPUDevice };
  if (opened?.features.has(SUBGROUPS)) engine.allowSubgroups?.();
  return engine;
}

/** Calls `fail` for every device loss and uncaptured error. To be called before a device is opened. */
export function watchDevices(fail: (failure: Failure) => void): void {
  if (typeof GPUAdapter === "undefined") return;
  const requestDevice = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (this: GPUAdapter, descriptor?: GPUDeviceDescriptor) {
    const withSubgroups = this.features.has(SUBGROUPS)
      ? { ...descriptor, requiredFeatures: [...(descriptor?.requiredFeatures ?? []), SUBGROUPS] }
      : descriptor;
    const device = await requestDevice.call(this, withSubgroups);
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

/** The failure for an uncaptured error, after which results are not reliable. */
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
