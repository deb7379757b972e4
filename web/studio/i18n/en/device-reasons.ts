/**
 * Why "Auto" chose its device, in English.
 */
import type { AutoReason } from "../../../src/index.ts";

export function autoReason(reason: AutoReason): string {
  switch (reason.code) {
    case "no-webgpu":
      return "this browser has no WebGPU";
    case "insecure-context":
      return "WebGPU needs an https address, or localhost";
    case "no-adapter":
      return "this browser has WebGPU, but found no graphics processor for it";
    case "software-adapter":
      return `the WebGPU adapter, ${reason.adapter}, runs in software, which is slower than the CPU`;
    case "webgpu-failed":
      return `WebGPU was tried and failed: ${reason.detail}`;
    case "measured": {
      const [webgpu, wasm] = [reason.webgpuMs, reason.wasmMs].map((ms) => Number(ms.toPrecision(2)));
      return `measured on ${reason.texts} texts: WebGPU about ${webgpu} ms, the CPU about ${wasm} ms`;
    }
  }
}
