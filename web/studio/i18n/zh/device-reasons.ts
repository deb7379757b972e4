/**
 * Why "Auto" chose its device, in Chinese.
 */
import type { AutoReason } from "../../../src/index.ts";

export function autoReason(reason: AutoReason): string {
  switch (reason.code) {
    case "no-webgpu":
      return "这个浏览器没有 WebGPU";
    case "insecure-context":
      return "WebGPU 需要 https 网址，或 localhost";
    case "no-adapter":
      return "这个浏览器有 WebGPU，但没有找到可用的图形处理器";
    case "software-adapter":
      return `WebGPU 适配器 ${reason.adapter} 是用软件模拟的，比 CPU 慢`;
    case "webgpu-failed":
      return `试过 WebGPU，没有成功：${reason.detail}`;
    case "measured": {
      const [webgpu, wasm] = [reason.webgpuMs, reason.wasmMs].map((ms) => Number(ms.toPrecision(2)));
      return `用 ${reason.texts} 条文本测过：WebGPU 约 ${webgpu} 毫秒，CPU 约 ${wasm} 毫秒`;
    }
  }
}
