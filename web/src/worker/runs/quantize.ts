// Keeps the encoder's matrices in fewer bits, by the measure of rows with labels: all of them, or, where accuracy would
// fall too much, all but those of the most sensitive layers. May not change a model that it refuses to change.

import type { QuantizeReceipt, Report } from "../../../bertlet.d.ts";
import { BertletError } from "../../shared/errors.ts";
import type { Calls } from "../../shared/messages.ts";
import { encode, logits, type OnProgress, reportOf, type Targets } from "../answers/infer.ts";
import type { Encoding, Snapshot } from "../engine/wasm-boundary.ts";
import { type Job, leavesEngineUsable, type Session, thenFree } from "../session.ts";
import { checkHasLabels, targetRows } from "../targets.ts";

/** What the model answers to the rows. */
interface Answers {
  report: Report;
  probabilities: Float32Array;
  weightBytes: number;
}

export function quantize(
  session: Session,
  { rows: named, dtype, batchSize, maxDrop }: Calls["quantize"]["request"],
  job: Job,
  onProgress: OnProgress,
): Promise<QuantizeReceipt> {
  return session.turn(async () => {
    checkHasLabels("quantize", session.info);
    const { texts, ...targets } = targetRows("quantize", named, session.info);
    return thenFree(await encode(session, texts, job, onProgress), async (rows) => {
      const answer = () => answers(session, rows, targets, batchSize, job, onProgress);
      const before = await answer();
      return withSnapshot(session, async (snapshot) => {
        const measure = async (f32Layers: number[]) => {
          session.engine.restore(snapshot);
          await session.engine.quantize(dtype, new Uint32Array(f32Layers));
          return receiptOf(session, dtype, before, await answer(), f32Layers);
        };
        const all = await measure([]);
        if (!fell(all, maxDrop)) return all;
        const layers = dtype === "int8" ? await bySensitivity(session.info.layers, measure) : [];
        for (let kept = 1; kept <= layers.length / 2; kept++) {
          const found = await measure(layers.slice(0, kept).sort((a, b) => a - b));
          if (!fell(found, maxDrop)) return found;
        }
        throw tooInaccurate(all, maxDrop);
      });
    });
  });
}

/** Whether more rows are wrong than may be. Of accuracies, which are shares of rows, the last digits are chance. */
function fell({ before, after, rows }: QuantizeReceipt, maxDrop: number): boolean {
  return Math.round((before.accuracy - after.accuracy) * rows) > maxDrop * rows + 1e-6;
}

/** The layers, the one first that changes the probabilities most when it alone is in fewer bits. */
async function bySensitivity(
  layers: number,
  measure: (f32Layers: number[]) => Promise<QuantizeReceipt>,
): Promise<number[]> {
  const indices = Array.from({ length: layers }, (_, layer) => layer);
  const changes: number[] = [];
  for (const layer of indices) {
    const { meanChange } = await measure(indices.filter((other) => other !== layer));
    changes.push(meanChange);
  }
  return indices.sort((a, b) => (changes[b] as number) - (changes[a] as number));
}

async function answers(
  session: Session,
  rows: Encoding,
  targets: Targets,
  batchSize: number,
  job: Job,
  onProgress: OnProgress,
): Promise<Answers> {
  const values = await logits(session, rows, batchSize, job, "infer", onProgress);
  const { problemType, labels } = session.info;
  const single = problemType !== "multi_label_classification";
  return {
    report: reportOf(session, values, targets),
    probabilities: single ? session.wasm.softmax(values, labels.length) : session.wasm.sigmoid(values),
    weightBytes: session.engine.info().weightBytes,
  };
}

function receiptOf(
  { info: { labels, problemType, threshold = 0.5 } }: Session,
  dtype: QuantizeReceipt["dtype"],
  before: Answers,
  after: Answers,
  f32Layers: number[],
): QuantizeReceipt {
  const classes = labels.length;
  const rows = before.probabilities.length / classes;
  const single = problemType !== "multi_label_classification";
  const decision = (row: Float32Array) =>
    single ? String(row.indexOf(Math.max(...row))) : row.map((score) => Number(score >= threshold)).join();
  let agreeing = 0;
  let maxChange = 0;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const [a, b] = [before, after].map(({ probabilities }) =>
      probabilities.subarray(row * classes, (row + 1) * classes),
    ) as [Float32Array, Float32Array];
    if (decision(a) === decision(b)) agreeing += 1;
    for (const [label, score] of a.entries()) {
      const change = Math.abs(score - (b[label] as number));
      maxChange = Math.max(maxChange, change);
      sum += change;
    }
  }
  const part = ({ report: { accuracy, macroF1 }, weightBytes }: Answers) => ({
    accuracy,
    macroF1,
    weightBytes,
  });
  return {
    dtype,
    rows,
    before: part(before),
    after: part(after),
    agreement: agreeing / rows,
    maxChange,
    meanChange: sum / before.probabilities.length,
    f32Layers,
  };
}

/** Runs `work`; where it fails and the engine can go on, the weights of before come back. */
async function withSnapshot<T>(session: Session, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const snapshot = session.engine.snapshot();
  try {
    const result = await work(snapshot);
    snapshot.free();
    session.forgetSizes();
    session.refresh();
    return result;
  } catch (error) {
    if (leavesEngineUsable(error)) {
      session.engine.restore(snapshot);
      snapshot.free();
      session.refresh(session.scope);
    }
    throw error;
  }
}

function tooInaccurate({ dtype, before, after, rows }: QuantizeReceipt, maxDrop: number): BertletError {
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  return new BertletError(
    "accuracy-fell",
    `quantize: in ${dtype}, accuracy on the ${rows} rows falls from ${percent(before.accuracy)} to ${percent(after.accuracy)}; at most ${percent(maxDrop)} was allowed. The model is as it was`,
    "give more rows, so that a single one counts less, or a larger maxDrop",
  );
}
