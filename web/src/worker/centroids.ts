// Takes labelled rows; sets the model's head to the centroids of their pooled states. The arithmetic is the
// engine's.

import { INFERENCE } from "../shared/defaults.ts";
import { inBatches, type OnProgress } from "./infer.ts";
import type { Job, Session } from "./session.ts";
import type { Encoding } from "./wasm-boundary.ts";

/** To be called within a turn, outside of a run. */
export async function fitCentroids(
  session: Session,
  rows: Encoding,
  targets: Uint32Array,
  job: Job,
  onProgress: OnProgress,
): Promise<void> {
  const pooled = await inBatches(
    rows,
    session.info.hiddenSize,
    INFERENCE.batchSize,
    job,
    (loaded, total) => onProgress({ stage: "infer", loaded, total }),
    (indices) => session.engine.embed(rows, indices, false),
  );
  session.engine.fitCentroids(pooled, targets);
  session.forgetNewHead();
  session.refresh(session.scope);
}
