// bertlet for Node.js: the page's library, whose workers are threads of Node. Built as node.js beside bertlet.js, and taken
// by the package's condition "node".

import type { Capabilities } from "../../bertlet.d.ts";
import { findWebgpu, probe as probeHere } from "../shared/capabilities.ts";
import { findGpu } from "./gpu.ts";
import { hasOwnWorker } from "./worker-class.ts";

export type * from "../../bertlet.d.ts";
export { BertletError, Classifier, compare, splitRows, version } from "../../src/index.ts";

/** What a worker finds here: its threads share memory, and it has WebGPU by an npm package. */
export async function probe(): Promise<Capabilities> {
  if (hasOwnWorker) return probeHere();
  const [found, webgpu] = await Promise.all([probeHere(), findGpu().then(findWebgpu)]);
  return {
    ...found,
    webgpu,
    recommended: webgpu.autoReason === undefined ? "webgpu" : "wasm",
  };
}
