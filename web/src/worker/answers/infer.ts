// Takes texts; gives tokens, logits, vectors and reports, in batches that can be interrupted.
// Has no state, and never writes the weights.

import type { FilledMask, Report, RowProgress } from "../../../bertlet.d.ts";
import { INFERENCE } from "../../shared/defaults.ts";
import type { Calls, LabelledRows, Scores, Text } from "../../shared/messages.ts";
import { similaritiesTo } from "../../shared/neighbours.ts";
import { nextTurn } from "../../shared/next-turn.ts";
import { checkMultiLabel } from "../../shared/recipes.ts";
import type { Encoding } from "../engine/wasm-boundary.ts";
import { type Job, leavesEngineUsable, type Session, thenFree } from "../session.ts";
import { checkHasLabels, targetRows } from "../targets.ts";

export type OnProgress = (progress: RowProgress) => void;

/** The labels of rows, without their texts. */
export type Targets = Pick<LabelledRows, "targets"> & { ends?: Uint32Array | undefined };

/** Texts and characters tokenized at once: few enough to receive messages in between. */
const SLICE_TEXTS = 64;
const SLICE_CHARACTERS = 100_000;

/** Tokenizes texts. The caller frees the encoding. To be called within a turn. */
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
      await nextTurn();
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

/** Rows that are computed at once, whatever was asked for: a GPU launches no larger grid. */
const MOST_ROWS = 1024;
/** Tokens that are computed at once, with padding: an abort is heard between two computations, and not within one. */
const MOST_TOKENS = 8192;

/**
 * Computes `width` numbers for each row, batch by batch, and gives them in the order of the rows. Rows are
 * sorted by length, longest first: batches need little padding, and too large a batch fails at once. To be
 * called within a turn.
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
  const order = longestFirst(lengths);
  const all = new Float32Array(order.length * width);
  const most = Math.min(batchSize, MOST_ROWS);
  for (let from = 0; from < order.length; ) {
    job.check();
    // The first row is the longest, to which the others are padded.
    const fit = Math.floor(MOST_TOKENS / (lengths[order[from] as number] as number));
    const indices = order.slice(from, from + Math.min(most, Math.max(1, fit)));
    const values = await compute(indices);
    for (const [at, row] of indices.entries()) {
      all.set(values.subarray(at * width, (at + 1) * width), row * width);
    }
    from += indices.length;
    onProgress(from, order.length);
    await nextTurn();
  }
  job.check();
  return all;
}

/** The rows' indices by length, longest first. */
export function longestFirst(lengths: Uint32Array): Uint32Array {
  return Uint32Array.from(lengths.keys()).sort(
    (a, b) => (lengths[b] as number) - (lengths[a] as number) || a - b,
  );
}

/**
 * Probabilities `[texts, labels]`, with the labels and the threshold of this turn: a softmax over the labels, or for
 * multi-label models a sigmoid for each.
 */
export function classify(
  session: Session,
  { texts, batchSize, threshold }: Calls["classify"]["request"],
  job: Job,
  onProgress: OnProgress,
): Promise<Scores> {
  return session.turn(async () => {
    checkHead("classify", session, threshold);
    const request = { texts, batchSize, ...(threshold !== undefined && { threshold }) };
    return answersOf(session, request, job, onProgress);
  });
}

/** The same of a model that has labels. To be called within a turn. */
export async function answersOf(
  session: Session,
  request: Calls["classify"]["request"],
  job: Job,
  onProgress: OnProgress,
): Promise<Scores> {
  const scores = await scoresOf(session, request, job, onProgress);
  return { ...scores, ...(await scopeOf(session, request, job)) };
}

/** The same without a scope. */
export async function scoresOf(
  session: Session,
  { texts, batchSize, threshold }: Calls["classify"]["request"],
  job: Job,
  onProgress: OnProgress,
): Promise<Scores> {
  const { labels, problemType, threshold: own } = session.info;
  const rows = await encode(session, texts, job, onProgress);
  const values = await thenFree(rows, () => logits(session, rows, batchSize, job, "infer", onProgress));
  if (problemType !== "multi_label_classification") {
    return { scores: session.wasm.softmax(values, labels.length), labels };
  }
  const from = threshold ?? own;
  return { scores: session.wasm.sigmoid(values), labels, ...(from !== undefined && { threshold: from }) };
}

/** How like the examples of the scope the texts are, where there is one. */
async function scopeOf(
  session: Session,
  { texts, batchSize }: Calls["classify"]["request"],
  job: Job,
): Promise<Pick<Scores, "scope">> {
  const { scope } = session;
  if (scope === undefined) return {};
  const states = await vectorsOf(session, { texts, batchSize, normalize: true }, job, () => {});
  return { scope: { similarities: similaritiesTo(scope, states), threshold: scope.threshold } };
}

/** The model's info, where it has labels and the call's threshold suits it. */
function checkHead(call: string, { info }: Session, threshold: number | undefined): Session["info"] {
  checkHasLabels(call, info);
  if (threshold !== undefined) checkMultiLabel(call, "threshold", info.problemType);
  return info;
}

/** Pooled vectors `[texts, hiddenSize]`. */
export function embed(
  session: Session,
  request: Calls["embed"]["request"],
  job: Job,
  onProgress: OnProgress,
): Promise<Float32Array> {
  return session.turn(() => vectorsOf(session, request, job, onProgress));
}

/** The same. To be called within a turn. */
export async function vectorsOf(
  session: Session,
  { texts, batchSize, normalize }: Calls["embed"]["request"],
  job: Job,
  onProgress: OnProgress,
): Promise<Float32Array> {
  return thenFree(await encode(session, texts, job, onProgress), (rows) =>
    vectors(session, rows, batchSize, job, "infer", onProgress, normalize),
  );
}

/** Pooled states `[rows, hiddenSize]`, as `logits` takes them. To be called within a turn. */
export function pooledOf(
  session: Session,
  rows: Encoding,
  job: Job,
  stage: RowProgress["stage"],
  onProgress: OnProgress,
): Promise<Float32Array> {
  return vectors(session, rows, INFERENCE.batchSize, job, stage, onProgress, false);
}

function vectors(
  { engine, info }: Session,
  rows: Encoding,
  batchSize: number,
  job: Job,
  stage: RowProgress["stage"],
  onProgress: OnProgress,
  normalize: boolean,
): Promise<Float32Array> {
  const told = (loaded: number, total: number) => onProgress({ stage, loaded, total });
  const compute = (indices: Uint32Array) => engine.embed(rows, indices, normalize);
  return inBatches(rows, info.hiddenSize, batchSize, job, told, compute);
}

export function evaluate(
  session: Session,
  { rows: named, batchSize, threshold }: Calls["evaluate"]["request"],
  job: Job,
  onProgress: OnProgress,
): Promise<Report> {
  return session.turn(async () => {
    const { texts, ...targets } = targetRows("evaluate", named, checkHead("evaluate", session, threshold));
    return thenFree(await encode(session, texts, job, onProgress), async (rows) => {
      const values = await logits(session, rows, batchSize, job, "infer", onProgress);
      return reportOf(session, values, targets, threshold);
    });
  });
}

/** The report on logits, at the model's threshold unless another is given. */
export function reportOf(
  { wasm, info }: Session,
  logits: Float32Array,
  { targets, ends }: Targets,
  threshold = info.threshold ?? 0,
): Report {
  return wasm.report(logits, targets, ends, [...info.labels], threshold);
}

/** The likeliest tokens for each [MASK] of a text. To be called within a turn. */
export async function fillMask(
  session: Session,
  { text, topK }: { text: string; topK: number },
  job: Job,
): Promise<FilledMask[][]> {
  job.check();
  return thenFree(session.engine.encode([text]), (row) => session.engine.fillMask(row, topK));
}

/** Logits `[rows, labels]`, of the rows' pooled states where these are given. To be called within a turn. */
export function logits(
  session: Session,
  rows: Encoding,
  batchSize: number,
  job: Job,
  stage: RowProgress["stage"],
  onProgress: OnProgress,
  pooled?: Float32Array,
): Promise<Float32Array> {
  const { engine, info } = session;
  return inBatches(
    rows,
    info.labels.length,
    batchSize,
    job,
    (loaded, total) => onProgress({ stage, loaded, total }),
    (indices) =>
      pooled === undefined
        ? engine.logits(rows, indices)
        : engine.logitsOfPooled(vectorsAt(pooled, indices, info.hiddenSize)),
  );
}

function vectorsAt(all: Float32Array, indices: Uint32Array, width: number): Float32Array {
  const found = new Float32Array(indices.length * width);
  for (const [at, index] of indices.entries())
    found.set(all.subarray(index * width, (index + 1) * width), at * width);
  return found;
}
