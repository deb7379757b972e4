// Gives what the browser can do, found with JavaScript alone, on the page or in the worker.
// May not load the wasm binary, and opens no GPU device.

import type { AutoReason, Capabilities } from "../../bertlet.d.ts";
import { sentenceOf } from "./device-reasons.ts";

/** The least module that uses a 128-bit instruction: a function that returns i32x4.splat(0)'s lane 0. */
const SIMD_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 10, 11, 1, 9, 0, 65, 0, 253, 17, 253, 27,
  0, 11,
]);

/** The same with f32x4.relaxed_madd of three times i32x4.splat(0). */
const RELAXED_SIMD_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 10, 22, 1, 20, 0, 65, 0, 253, 17, 65, 0,
  253, 17, 65, 0, 253, 17, 253, 133, 2, 253, 27, 0, 11,
]);

/** More gain nothing: a step's products are of a few hundred rows. */
const MOST_THREADS = 8;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render/i;

export function hasSimd(): boolean {
  return typeof WebAssembly === "object" && WebAssembly.validate(SIMD_MODULE);
}

/** A multiply-add in one instruction, which doubles the speed of a product of matrices. */
export function hasRelaxedSimd(): boolean {
  return typeof WebAssembly === "object" && WebAssembly.validate(RELAXED_SIMD_MODULE);
}

/** CPU threads that can be used: they share memory, which a page may do only when it is cross-origin isolated. */
export function mostThreads(): number {
  if (globalThis.crossOriginIsolated !== true || !hasRelaxedSimd()) return 1;
  return Math.max(1, Math.min(navigator.hardwareConcurrency ?? 1, MOST_THREADS));
}

/** What `navigator.gpu` offers. */
export async function findWebgpu(): Promise<Capabilities["webgpu"]> {
  const { adapter, autoReason } = await findAdapter();
  const found: Capabilities["webgpu"] = { available: adapter !== undefined };
  if (adapter !== undefined) found.adapter = adapter;
  return autoReason === undefined ? found : { ...found, autoReason, reason: sentenceOf(autoReason) };
}

/** The adapter's name, where one answers, and why `auto` passes it over, where it does. */
async function findAdapter(): Promise<{ adapter?: string; autoReason?: AutoReason }> {
  const gpu: GPU | undefined = typeof navigator === "undefined" ? undefined : navigator.gpu;
  if (gpu === undefined) {
    return { autoReason: { code: globalThis.isSecureContext ? "no-webgpu" : "insecure-context" } };
  }
  let adapter: GPUAdapter | null;
  try {
    adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  } catch (error) {
    return { autoReason: { code: "no-adapter", detail: String(error) } };
  }
  if (adapter === null) return { autoReason: { code: "no-adapter" } };
  const info: Partial<GPUAdapterInfo> = adapter.info ?? {};
  const { vendor, architecture, device, description } = info;
  const name = [vendor, architecture, device, description].filter((part) => part).join(" ") || "unnamed";
  const software =
    info.isFallbackAdapter === true ||
    (adapter as { isFallbackAdapter?: boolean }).isFallbackAdapter === true || // where older browsers have it
    SOFTWARE.test(name);
  return software
    ? { adapter: name, autoReason: { code: "software-adapter", adapter: name } }
    : { adapter: name };
}

export async function probe(): Promise<Capabilities> {
  const webgpu = await findWebgpu();
  const maxThreads = mostThreads();
  return {
    webgpu,
    wasm: { simd: hasSimd(), threads: maxThreads > 1, maxThreads },
    recommended: webgpu.autoReason === undefined ? "webgpu" : "wasm",
  };
}
