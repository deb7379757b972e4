// Reads the reference data, and makes checkpoints, good and broken, out of a tiny good one. Writes no files.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./serve.ts";

const DATA = join(root, "tests/reference/data");

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(DATA, path), "utf8"));
}

/** The labels of the tiny classifier, and the rows that the references train it on. */
export function trainingRows(): { labels: string[]; rows: { text: string; label: string }[] } {
  const config = readJson<{ id2label: Record<string, string> }>(
    "checkpoints/sequence_classification_f32/config.json",
  );
  const labels = Object.values(config.id2label);
  const { rows } = readJson<{ rows: { text: string; label: number }[] }>("training/rows.json");
  return { labels, rows: rows.map(({ text, label }) => ({ text, label: labels[label] as string })) };
}

/** Four rows of two labels, for a run whose result does not matter. */
export const FOUR_ROWS = [
  { text: "the parcel is late", label: "bad" },
  { text: "it works very well", label: "good" },
  { text: "never again", label: "bad" },
  { text: "thank you so much", label: "good" },
];

export interface Tensor {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** The two parts of a safetensors file; the header is without "__metadata__". */
export interface Safetensors {
  header: Record<string, Tensor>;
  data: Buffer;
}

export function readSafetensors(path: string): Safetensors {
  return parseSafetensors(readFileSync(join(DATA, path)));
}

export function parseSafetensors(file: Buffer): Safetensors {
  const length = Number(file.readBigUInt64LE(0));
  const { __metadata__: _, ...header } = JSON.parse(file.toString("utf8", 8, 8 + length));
  return { header, data: file.subarray(8 + length) };
}

export function writeSafetensors({ header, data }: Safetensors): Buffer {
  return withHeader(Buffer.from(JSON.stringify(header)), data);
}

export function withHeader(header: Buffer, data: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, data]);
}

/** The numbers of an f32 tensor. */
export function floats(file: Safetensors, name: string): Float32Array {
  return new Float32Array(bytesOf(file, name, "F32"));
}

/** The numbers of an i64 tensor; each must be a safe integer. */
export function integers(file: Safetensors, name: string): number[] {
  return Array.from(new BigInt64Array(bytesOf(file, name, "I64")), Number);
}

function bytesOf({ header, data }: Safetensors, name: string, dtype: string): ArrayBuffer {
  const tensor = header[name];
  if (tensor?.dtype !== dtype) throw new Error(`expected ${name} in ${dtype}, found ${tensor?.dtype}`);
  const [from, to] = tensor.data_offsets;
  return data.buffer.slice(data.byteOffset + from, data.byteOffset + to) as ArrayBuffer;
}

/** The bytes of a file of the references. */
export function readData(path: string): Buffer {
  return readFileSync(join(DATA, path));
}

export function checkpointFile(checkpoint: string, name: string): Buffer {
  return readData(join("checkpoints", checkpoint, name));
}

/** `config.json` of a checkpoint with some of it changed. */
export function configWith(checkpoint: string, changes: Record<string, unknown>): string {
  return JSON.stringify({ ...readJson<object>(`checkpoints/${checkpoint}/config.json`), ...changes });
}

/** The greatest difference between two arrays of one length. */
export function difference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) {
    throw new Error(`expected ${expected.length} numbers, found ${found.length}`);
  }
  // Math.max would let a missing number pass as NaN.
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const here = Math.abs((found[i] as number) - (expected[i] as number));
    if (!(here <= worst)) worst = here;
  }
  return worst;
}

/** log softmax of each row of `logits`, [rows, classes]. */
export function logSoftmax(logits: Float32Array, classes: number): number[] {
  return Array.from({ length: logits.length / classes }, (_, row) => {
    const values = [...logits.subarray(row * classes, (row + 1) * classes)];
    const most = Math.max(...values);
    const sum = Math.log(values.reduce((all, value) => all + Math.exp(value - most), 0)) + most;
    return values.map((value) => value - sum);
  }).flat();
}
