// Stands for wasm-bindgen's output where that is not built yet, so that types can be checked without it.

declare module "*/bertlet_wasm.js" {
  const module: import("./boundary.ts").WasmModule;
  export const Engine: typeof module.Engine;
  export const softmax: typeof module.softmax;
  export const report: typeof module.report;
  const init: typeof module.default;
  export default init;
}
