// Takes texts; gives tokens, logits, vectors and reports, in batches that can be interrupted.
// Owns no state; reads the weights, never writes them.

import type { Report, RowProgress } from "../bertlet.d.ts";
import type { Encoding } from "./boundary.ts";
import type { LabelledRows } from "./protocol.ts";
import { breathe, type Job, type Session } from "./session.ts";

export type OnProgress = (progress: RowProgress) => void;

/** Texts tokenized in one go: few enough that messages are heard in between. */
const SLICE_TEXTS = 64;
const SLICE_CHARACTERS = 100_000;

/** Tokens of `texts`, of which there must be one. The caller frees them. */
export async function encode(
  session: Session,
  texts: readonly string[],
  job: Job,
  onProgress: OnProgress,
): Promise<Encoding> {
  let rows: Encoding | undefined;
  try {
    for (let from = 0; from < texts.length; ) {
      job.check();
      const to = endOfSlice(texts, from);
      const slice = texts.slice(from, to);
      await session.turn(() => {
        const part = session.engine.encode(slice);
        if (rows === undefined) rows = part;
        else rows.append(part);
      });
      onProgress({ stage: "tokenize", loaded: to, total: texts.length });
      from = to;
      await breathe();
    }
    job.check();
    return rows as unknown as Encoding;
  } catch (error) {
    session.free(rows);
    throw error;
  }
}

function endOfSlice(texts: readonly string[], from: number): number {
  let to = from;
  let characters = 0;
  while (to < texts.length && to - from < SLICE_TEXTS && characters < SLICE_CHARACTERS) {
    characters += (texts[to] as string).length;
    to += 1;
  }
  return to;
}

/**
 * What `compute` gives for each row, `width` numbers a row, in the order of the rows. Batches are made of rows
 * of like length, the longest first, so that little is computed on padding and too large a batch fails at once.
 * To be called within a turn.
 */
export async function inBatches(
  rows: Encoding,
  width: number,
  batchSize: number,
  job: Job,
  onProgress: (loaded: number, total: number) => void,
  compute: (indices: Uint32Array) => Promise<Float32Array>,
): Promise<Float32Array> {
  const lengths = rows.lengths();
  const order = Uint32Array.from(lengths.keys()).sort(
    (a, b) => (lengths[b] as number) - (lengths[a] as number) || a - b,
  );
  const all = new Float32Array(order.length * width);
  for (let from = 0; from < order.length; from += batchSize) {
    job.check();
    const indices = order.slice(from, from + batchSize);
    const values = await compute(indices);
    for (const [at, row] of indices.entries()) {
      all.set(values.subarray(at * width, (at + 1) * width), row * width);
    }
    onProgress(from + indices.length, order.length);
    await breathe();
  }
  job.check();
  return all;
}

/** Logits, rows x labels. To be called within a turn. */
function logits(
  session: Session,
  rows: Encoding,
  batchSize: number,
  job: Job,
  stage: RowProgress["stage"],
  onProgress: OnProgress,
): Promise<Float32Array> {
  return inBatches(
    rows,
    session.info.labels.length,
    batchSize,
    job,
    (loaded, total) => onProgress({ stage, loaded, total }),
    (indices) => session.engine.logits(rows, indices),
  );
}

/** Probabilities, texts x labels. */
export async function classify(
  session: Session,
  { texts, batchSize }: { texts: readonly string[]; batchSize: number },
  job: Job,
  onProgress: OnProgress,
): Promise<Float32Array> {
  if (texts.length === 0) return new Float32Array();
  const rows = await encode(session, texts, job, onProgress);
  try {
    return await session.turn(async () => {
      const values = await logits(session, rows, batchSize, job, "infer", onProgress);
      return session.wasm.softmax(values, session.info.labels.length);
    });
  } finally {
    session.free(rows);
  }
}

/** Pooled vectors, texts x hiddenSize. */
export async function embed(
  session: Session,
  { texts, batchSize, normalize }: { texts: readonly string[]; batchSize: number; normalize: boolean },
  job: Job,
  onProgress: OnProgress,
): Promise<Float32Array> {
  if (texts.length === 0) return new Float32Array();
  const rows = await encode(session, texts, job, onProgress);
  try {
    return await session.turn(() =>
      inBatches(
        rows,
        session.info.hiddenSize,
        batchSize,
        job,
        (loaded, total) => onProgress({ stage: "infer", loaded, total }),
        (indices) => session.engine.embed(rows, indices, normalize),
      ),
    );
  } finally {
    session.free(rows);
  }
}

export async function evaluate(
  session: Session,
  { texts, targets, batchSize }: LabelledRows & { batchSize: number },
  job: Job,
  onProgress: OnProgress,
): Promise<Report> {
  const rows = await encode(session, texts, job, onProgress);
  try {
    return await evaluateRows(session, rows, targets, batchSize, job, "infer", onProgress);
  } finally {
    session.free(rows);
  }
}

/** One turn, so that every row meets the same weights. */
export function evaluateRows(
  session: Session,
  rows: Encoding,
  targets: Uint32Array,
  batchSize: number,
  job: Job,
  stage: RowProgress["stage"],
  onProgress: OnProgress,
): Promise<Report> {
  return session.turn(async () => {
    const values = await logits(session, rows, batchSize, job, stage, onProgress);
    return session.wasm.report(values, targets, [...session.info.labels]);
  });
}
