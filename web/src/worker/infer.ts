// Takes texts; gives tokens, logits, vectors and reports, in batches that can be interrupted.
// Owns no state; reads the weights, never writes them.

import type { FilledMask, Report, RowProgress } from "../../bertlet.d.ts";
import type { Calls, LabelledRows, Text } from "../shared/messages.ts";
import { type Job, leavesEngineUsable, type Session, withEncoding, yieldToMessages } from "./session.ts";
import type { Encoding } from "./wasm-boundary.ts";

export type OnProgress = (progress: RowProgress) => void;

/** Labels of rows whose texts are elsewhere. */
export type Targets = Pick<LabelledRows, "targets"> & { ends?: Uint32Array | undefined };

/** Texts tokenized in one go: few enough that messages are heard in between. */
const SLICE_TEXTS = 64;
const SLICE_CHARACTERS = 100_000;

/** Tokens of `texts`. The caller frees them. To be called within a turn. */
export async function encode(
  session: Session,
  texts: readonly Text[],
  job: Job,
  onProgress: OnProgress,
): Promise<Encoding> {
  const rows = session.engine.encode([]);
  try {
    for (let from = 0; from < texts.length; ) {
      job.check();
      const to = endOfSlice(texts, from);
      rows.append(encodeSlice(session, texts.slice(from, to)));
      onProgress({ stage: "tokenize", loaded: to, total: texts.length });
      from = to;
      await yieldToMessages();
    }
    job.check();
    return rows;
  } catch (error) {
    if (leavesEngineUsable(error)) rows.free();
    throw error;
  }
}

function encodeSlice({ engine }: Session, texts: readonly Text[]): Encoding {
  const first = texts.map((text) => (typeof text === "string" ? text : text[0]));
  if (texts.every((text) => typeof text === "string")) return engine.encode(first);
  return engine.encode(
    first,
    texts.map((text) => (typeof text === "string" ? undefined : text[1])),
  );
}

function endOfSlice(texts: readonly Text[], from: number): number {
  let to = from;
  let characters = 0;
  while (to < texts.length && to - from < SLICE_TEXTS && characters < SLICE_CHARACTERS) {
    const text = texts[to] as Text;
    characters += typeof text === "string" ? text.length : text[0].length + text[1].length;
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
  const order = longestFirst(rows.lengths());
  const all = new Float32Array(order.length * width);
  for (let from = 0; from < order.length; from += batchSize) {
    job.check();
    const indices = order.slice(from, from + batchSize);
    const values = await compute(indices);
    for (const [at, row] of indices.entries()) {
      all.set(values.subarray(at * width, (at + 1) * width), row * width);
    }
    onProgress(from + indices.length, order.length);
    await yieldToMessages();
  }
  job.check();
  return all;
}

/** The rows' indices in the order in which they are computed. */
export function longestFirst(lengths: Uint32Array): Uint32Array {
  return Uint32Array.from(lengths.keys()).sort(
    (a, b) => (lengths[b] as number) - (lengths[a] as number) || a - b,
  );
}

/** Probabilities, texts x labels; of each label by itself where a row may have several. */
export function classify(
  session: Session,
  { texts, batchSize }: { texts: readonly Text[]; batchSize: number },
  job: Job,
  onProgress: OnProgress,
): Promise<Float32Array> {
  return overTexts(session, texts, job, onProgress, async (rows) => {
    const values = await logits(session, rows, batchSize, job, "infer", onProgress);
    const { labels, problemType } = session.info;
    return problemType === "multi_label_classification"
      ? session.wasm.sigmoid(values)
      : session.wasm.softmax(values, labels.length);
  });
}

/** Pooled vectors, texts x hiddenSize. */
export function embed(
  session: Session,
  { texts, batchSize, normalize }: { texts: readonly Text[]; batchSize: number; normalize: boolean },
  job: Job,
  onProgress: OnProgress,
): Promise<Float32Array> {
  return overTexts(session, texts, job, onProgress, (rows) =>
    inBatches(
      rows,
      session.info.hiddenSize,
      batchSize,
      job,
      (loaded, total) => onProgress({ stage: "infer", loaded, total }),
      (indices) => session.engine.embed(rows, indices, normalize),
    ),
  );
}

export function evaluate(
  session: Session,
  { texts, targets, ends, batchSize, threshold }: Calls["evaluate"]["request"],
  job: Job,
  onProgress: OnProgress,
): Promise<Report> {
  return overTexts(session, texts, job, onProgress, async (rows) => {
    const values = await logits(session, rows, batchSize, job, "infer", onProgress);
    return reportOf(session, values, { targets, ends }, threshold);
  });
}

/** Without `threshold`, at the model's own. */
export function reportOf(
  { wasm, info }: Session,
  logits: Float32Array,
  { targets, ends }: Targets,
  threshold = info.threshold ?? 0,
): Report {
  return wasm.report(logits, targets, ends, [...info.labels], threshold);
}

/** For each [MASK] of a text, the likeliest tokens. To be called within a turn. */
export async function fillMask(
  session: Session,
  { text, topK }: { text: string; topK: number },
  job: Job,
): Promise<FilledMask[][]> {
  job.check();
  return withEncoding(session.engine.encode([text]), (row) => session.engine.fillMask(row, topK));
}

/** One turn, so that every text meets the same weights. */
function overTexts<T>(
  session: Session,
  texts: readonly Text[],
  job: Job,
  onProgress: OnProgress,
  compute: (rows: Encoding) => Promise<T>,
): Promise<T> {
  return session.turn(async () => withEncoding(await encode(session, texts, job, onProgress), compute));
}

/** Logits, rows x labels. To be called within a turn. */
export function logits(
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
