// WebGPU in Node.js, as the npm package "webgpu" has it, or one that says what is missing.

import { NO_WEBGPU } from "../shared/capabilities.ts";

export async function findGpu(): Promise<Pick<GPU, "requestAdapter">> {
  try {
    const dawn = "webgpu"; // not the bundler's to resolve
    const { create, globals } = await import(/* webpackIgnore: true */ /* @vite-ignore */ dawn);
    Object.assign(globalThis, globals);
    return create([]);
  } catch (error) {
    const missing = (error as { code?: string }).code === "ERR_MODULE_NOT_FOUND";
    const why = missing ? "which is not installed" : `which could not be loaded: ${error}`;
    const reason = new Error(`Node.js has it by the npm package "webgpu", ${why}`);
    reason.name = NO_WEBGPU;
    return { requestAdapter: () => Promise.reject(reason) };
  }
}
