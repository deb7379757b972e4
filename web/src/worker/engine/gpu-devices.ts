// Opens an engine on a device. Requests the feature "subgroups" of WebGPU, for which wgpu has no name in a browser, nor
// a way to take a device that was opened elsewhere.

import type { Failure } from "../../shared/errors.ts";
import type { WasmEngine, WasmModule } from "./wasm-boundary.ts";

const SUBGROUPS: GPUFeatureName = "subgroups";

/** Opens a device for an engine. `onFailure` hears of it, should the GPU fail later. */
export function openEngine(
  wasm: WasmModule,
  device: "webgpu" | "wasm",
  onFailure: (failure: Failure) => void,
): Promise<WasmEngine> {
  const open = () => wasm.WasmEngine.open(device, onFailure);
  return device === "webgpu" && typeof GPUAdapter !== "undefined" ? withSubgroups(open) : open();
}

/** Has the devices that `open` opens requested with subgroups, where the adapter has them. */
async function withSubgroups<T>(open: () => Promise<T>): Promise<T> {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = function (this: GPUAdapter, descriptor?: GPUDeviceDescriptor) {
    if (!this.features.has(SUBGROUPS)) return requestDevice.call(this, descriptor);
    const requiredFeatures = [...(descriptor?.requiredFeatures ?? []), SUBGROUPS];
    return requestDevice.call(this, { ...descriptor, requiredFeatures });
  };
  try {
    return await open();
  } finally {
    GPUAdapter.prototype.requestDevice = requestDevice;
  }
}
