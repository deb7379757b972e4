// Takes the reason of an automatic choice of device; gives the device, and the reason in plain English.

import type { AutoReason } from "../../bertlet.d.ts";

export function deviceOf(reason: AutoReason): "webgpu" | "wasm" {
  return reason.code === "measured" && reason.webgpuMs < reason.wasmMs ? "webgpu" : "wasm";
}

/** The reason in plain English. */
export function sentenceOf(reason: AutoReason): string {
  switch (reason.code) {
    case "no-webgpu":
      return reason.detail ?? "this browser has no WebGPU";
    case "insecure-context":
      return "WebGPU needs a secure context: https, or http on localhost";
    case "no-adapter":
      return `the browser has WebGPU but offers no adapter${reason.detail ? `: ${reason.detail}` : ""}`;
    case "software-adapter":
      return `the WebGPU adapter (${reason.adapter}) is a software one, slower than the CPU`;
    case "webgpu-failed":
      return `WebGPU failed its trial: ${reason.detail}`;
    case "measured": {
      const { texts, tokens, webgpuMs, wasmMs } = reason;
      const [webgpu, wasm] = [webgpuMs, wasmMs].map((ms) => Number(ms.toPrecision(2)));
      return `${texts} texts of ${tokens} tokens take about ${webgpu} ms on WebGPU and ${wasm} ms on the CPU`;
    }
  }
}
