// Fits an engine's matrix products to the GPU: takes the times of their tiles that were kept for this GPU, or has them
// measured, and keeps them.

import { version } from "../../../package.json";
import { recall, remember } from "./measurements.ts";
import type { WasmEngine } from "./wasm-boundary.ts";

export async function fitTiles(engine: WasmEngine, adapter = ""): Promise<void> {
  const key = `tiles ${version} ${adapter}`;
  const kept = await recall(key);
  const times = await engine.fitTiles(Array.isArray(kept) ? Float32Array.from(kept) : undefined);
  // The engine measures anew where what was kept does not fit.
  await remember(key, [...times]);
}
