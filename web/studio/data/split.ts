/**
 * Takes labelled rows; gives the part of each, as the library's `splitRows` decides it. Many rows are split in a worker, so
 * that the page does not stand still: it gets their texts as one string, and answers with a part for each row.
 */
import { type LabelledText, splitRows } from "../../src/index.ts";
import { SPLIT } from "../../src/shared/defaults.ts";
import { nextTurn } from "../../src/shared/next-turn.ts";
import { labelsOf, type Role } from "./parts.ts";
import { ROWS } from "./slices.ts";
import type { SplitAnswer, SplitRequest } from "./split-worker.ts";

/** Rows from which on a worker is worth its start. */
const MANY = 30_000;
/** The sample is small, and a test of 16 texts tells little: more of it is held out, 64 of 168. */
export const SAMPLE_SHARES = { dev: 0.1, test: 0.38 };
/** By the numbers that the worker gives. */
const ROLES: readonly Role[] = ["train", "dev", "test"];

/** The part of each row, in the rows' order. Other shares than the usual are for fewer rows than `MANY`. */
export async function partOfEach(
  rows: readonly LabelledText[],
  seed: number,
  shares: { dev: number; test: number } = SPLIT,
): Promise<Role[]> {
  const part = rows.length < MANY ? undefined : await inWorker(rows, seed);
  if (part) return Array.from(part, (at) => ROLES[at] as Role);
  const { dev = [], test = [] } = splitRows(rows, { seed, dev: shares.dev, test: shares.test });
  const [ofDev, ofTest] = [new Set(dev), new Set(test)];
  return rows.map((row) => (ofDev.has(row) ? "dev" : ofTest.has(row) ? "test" : "train"));
}

/** The part of each row; undefined where no worker starts. */
async function inWorker(rows: readonly LabelledText[], seed: number): Promise<Uint8Array | undefined> {
  if (typeof Worker === "undefined") return undefined;
  const request = await requestOf(rows, seed);
  return new Promise((resolve) => {
    const worker = new Worker(new URL("./split.js", import.meta.url), { type: "module" });
    const end = (part: Uint8Array | undefined): void => {
      worker.terminate();
      resolve(part);
    };
    worker.onerror = () => end(undefined);
    worker.onmessage = ({ data }: MessageEvent<SplitAnswer>) => end(data.part);
    worker.postMessage(request);
  });
}

/** One string is copied to a worker far faster than a million. */
async function requestOf(rows: readonly LabelledText[], seed: number): Promise<SplitRequest> {
  const ends = new Float64Array(2 * rows.length);
  const label = new Uint32Array(rows.length);
  const labels = new Map<string, number>();
  const texts: string[] = [];
  let end = 0;
  for (const [at, row] of rows.entries()) {
    if (at % ROWS === ROWS - 1) await nextTurn();
    const { text, textPair = "" } = row;
    texts.push(text, textPair);
    end += text.length;
    ends[2 * at] = end;
    end += textPair.length;
    ends[2 * at + 1] = end;
    const key = typeof row.label === "string" ? row.label : JSON.stringify(labelsOf(row));
    const known = labels.get(key) ?? labels.size;
    labels.set(key, known);
    label[at] = known;
  }
  const multiLabel = typeof rows[0]?.label !== "string";
  return { texts: texts.join(""), ends, label, labels: [...labels.keys()], multiLabel, seed };
}
