/**
 * The worker of split.ts: takes texts and labels, and gives the part of each row as `splitRows` decides it.
 */
import { type LabelledText, splitRows } from "../../src/index.ts";

export interface SplitRequest {
  /** The text and the second text of each row, one after another, and where each ends. */
  texts: string;
  ends: Float64Array;
  /** The place of each row's label in `labels`; a label of multi-label rows is a JSON array. */
  label: Uint32Array;
  labels: readonly string[];
  multiLabel: boolean;
  seed: number;
}

export interface SplitAnswer {
  /** 0 for train, 1 for dev, 2 for test. */
  part: Uint8Array;
}

addEventListener("message", ({ data }: MessageEvent<SplitRequest>) => {
  const part = partsOf(data);
  const answer: SplitAnswer = { part };
  postMessage(answer, { transfer: [part.buffer] });
});

function partsOf({ texts, ends, label, labels, multiLabel, seed }: SplitRequest): Uint8Array {
  const read = labels.map((each) => (multiLabel ? (JSON.parse(each) as string[]) : each));
  const place = (at: number): number => (at < 0 ? 0 : (ends[at] as number));
  const rows = Array.from(label, (which, at): LabelledText & { at: number } => {
    const [start, middle, end] = [place(2 * at - 1), place(2 * at), place(2 * at + 1)];
    const text = texts.slice(start, middle);
    const row = { at, text, label: read[which] as LabelledText["label"] };
    return end > middle ? { ...row, textPair: texts.slice(middle, end) } : row;
  });
  const { dev = [], test = [] } = splitRows(rows, { seed });
  const part = new Uint8Array(rows.length);
  for (const { at } of dev) part[at] = 1;
  for (const { at } of test) part[at] = 2;
  return part;
}
