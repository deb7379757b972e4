// The types of the wasm builds' JavaScript, which lies beside worker.js once it is built.

declare module "*/wasm/cpu.js";
declare module "*/wasm/cpu_relaxed.js";
declare module "*/wasm/cpu_threads.js";
declare module "*/wasm/cpu_threads_plain.js";
declare module "*/wasm/tokenizers.js";
declare module "*/wasm/webgpu.js";
