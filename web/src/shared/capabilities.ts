// Detects what the browser can do, with JavaScript alone, in the page or in the worker. May not load the wasm
// binary, nor open a GPU device.

import type { AutoReason, Capabilities } from "../../bertlet.d.ts";
import { sentenceOf } from "./device-reasons.ts";
import { NODE_WORKER } from "./start-worker.ts";

/** The smallest module with a 128-bit instruction: a function that returns lane 0 of i32x4.splat(0). */
const SIMD_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 10, 11, 1, 9, 0, 65, 0, 253, 17, 253, 27,
  0, 11,
]);

/**
 * The same with every relaxed instruction that the builds have: f32x4.relaxed_madd of three i32x4.splat(0), then
 * relaxed_min and relaxed_max with a fourth and a fifth. Some versions of WebKit have only a part of them.
 */
const RELAXED_SIMD_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 10, 36, 1, 34, 0, 65, 0, 253, 17, 65, 0,
  253, 17, 65, 0, 253, 17, 253, 133, 2, 65, 0, 253, 17, 253, 141, 2, 65, 0, 253, 17, 253, 142, 2, 253, 27, 0,
  11,
]);

/**
 * f(): i32x4.relaxed_dot_i8x16_i7x16_add_s of the bytes at 0 and 16 and the sums at 32 of its memory m, to 48. V8 before version
 * 12 loses the sums until it has compiled a function again (Chrome 114 to about 123, Node.js 20 and 21): wrong answers.
 */
const DOT_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 9, 2, 1, 109, 2, 0, 1, 102, 0,
  0, 10, 31, 1, 29, 0, 65, 0, 65, 0, 253, 0, 4, 0, 65, 0, 253, 0, 4, 16, 65, 0, 253, 0, 4, 32, 253, 147, 2,
  253, 11, 4, 48, 11,
]);

/** More threads gain nothing: a step's matrix products have a few hundred rows. */
export const MOST_THREADS = 8;

/** Address space of wasm32. */
const WASM_BYTES = 2 ** 32;
/** Below 1.5 GB, at which a phone ends a page without a word. */
const PHONE_BYTES = 1.25 * 2 ** 30;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render/i;

/** Name of the error by which a stand-in for WebGPU says that there is none, and where to get it. */
export const NO_WEBGPU = "NoWebgpu";

export function hasSimd(): boolean {
  return typeof WebAssembly === "object" && WebAssembly.validate(SIMD_MODULE);
}

/** Relaxed SIMD has multiply-add in one instruction, which doubles the speed of matrix products. */
export function hasRelaxedSimd(): boolean {
  return typeof WebAssembly === "object" && WebAssembly.validate(RELAXED_SIMD_MODULE) && addsProducts();
}

/** Whether the product of bytes is added to what is there: of ones it is 4 a sum. */
function addsProducts(): boolean {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(DOT_MODULE));
    const { m, f } = exports as unknown as { m: WebAssembly.Memory; f(): void };
    new Int8Array(m.buffer).fill(1, 0, 32);
    const sums = new Int32Array(m.buffer);
    sums.fill(10, 8, 12);
    f();
    return sums.subarray(12, 16).every((sum) => sum === 14);
  } catch {
    // A policy forbids wasm, which is told when the engine is compiled; or the instruction is missing.
    return false;
  }
}

/** Largest number of CPU threads. They share memory, which only a cross-origin isolated page may. WebKitGTK has none. */
export function mostThreads(): number {
  // Node.js has no isolation: what stands for the browser's Worker there tells it.
  const { [NODE_WORKER]: own } = globalThis as { [NODE_WORKER]?: { mostThreads: number } };
  if (own !== undefined) return own.mostThreads;
  if (globalThis.crossOriginIsolated !== true || typeof SharedArrayBuffer === "undefined") return 1;
  return Math.max(1, Math.min(navigator.hardwareConcurrency ?? 1, MOST_THREADS));
}

/**
 * Largest memory of a CPU engine, in bytes. In the page only: a worker cannot ask about the pointer. Phones that keep
 * their memory's size to themselves, such as all of iOS, get less.
 */
export function memoryLimit(): number {
  const unknown = typeof navigator === "undefined" || !("deviceMemory" in navigator);
  const coarse = typeof matchMedia === "function" && matchMedia("(pointer: coarse)").matches;
  return unknown && coarse ? PHONE_BYTES : WASM_BYTES;
}

/** The WebGPU adapter, and why `auto` does not use it, where it does not. */
export async function findWebgpu(
  gpu: Pick<GPU, "requestAdapter"> | undefined = globalThis.navigator?.gpu,
): Promise<Capabilities["webgpu"]> {
  const { adapter, autoReason } = await findAdapter(gpu);
  const found: Capabilities["webgpu"] = { available: adapter !== undefined };
  if (adapter !== undefined) found.adapter = adapter;
  return autoReason === undefined ? found : { ...found, autoReason, reason: sentenceOf(autoReason) };
}

/** The adapter's name, where one answers, and why `auto` does not use it. */
async function findAdapter(
  gpu: Pick<GPU, "requestAdapter"> | undefined,
): Promise<{ adapter?: string; autoReason?: AutoReason }> {
  if (gpu === undefined) {
    return { autoReason: { code: globalThis.isSecureContext === false ? "insecure-context" : "no-webgpu" } };
  }
  let adapter: GPUAdapter | null;
  try {
    adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  } catch (error) {
    const { name, message } = error as Error;
    if (name === NO_WEBGPU) return { autoReason: { code: "no-webgpu", detail: message } };
    return { autoReason: { code: "no-adapter", detail: String(error) } };
  }
  if (adapter === null) return { autoReason: { code: "no-adapter" } };
  const info: Partial<GPUAdapterInfo> = adapter.info ?? {};
  const { vendor, architecture, device, description } = info;
  const name = [vendor, architecture, device, description].filter((part) => part).join(" ") || "unnamed";
  const software =
    info.isFallbackAdapter === true ||
    (adapter as { isFallbackAdapter?: boolean }).isFallbackAdapter === true || // as older browsers have it
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
