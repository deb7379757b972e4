// 8-bit weights: whole numbers from -63 to 63 with one scale a row.

import type { Tensor } from "./safetensors.ts";

/** Largest number: with 7 bits, no sum of two products overflows 16 bits on any processor. */
const MOST = 63;

export interface Rows {
  /** `[rows, columns]`. */
  numbers: Int8Array;
  /** One a row. */
  scales: Float32Array;
}

/**
 * weight ≈ number * scale; scale = max|row| / 63, 1 where the row is 0; halves are rounded away from zero. The scale has all its
 * bits, 17 in crate/src/kernels/storage.rs: onnxruntime multiplies by it only after it has summed whole numbers.
 */
export function quantizeRows(tensor: Tensor): Rows {
  const [rows, columns] = tensor.shape as [number, number];
  const values = tensor.values();
  const numbers = new Int8Array(rows * columns);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    let most = 0;
    for (let at = start; at < start + columns; at++) most = Math.max(most, Math.abs(values[at] as number));
    scales[row] = most === 0 ? 1 : most / MOST;
    const scale = scales[row] as number;
    for (let at = start; at < start + columns; at++) {
      const exact = Math.fround((values[at] as number) / scale);
      numbers[at] = Math.sign(exact) * Math.floor(Math.abs(exact) + 0.5);
    }
  }
  return { numbers, scales };
}

/** `[rows, columns]` to `[columns, rows]`, in tiles that stay in the processor's cache. */
export function transposed<T extends Float32Array | Int8Array>(values: T, rows: number, columns: number): T {
  const TILE = 32;
  const result = new (values.constructor as new (length: number) => T)(values.length);
  for (let top = 0; top < rows; top += TILE) {
    const bottom = Math.min(top + TILE, rows);
    for (let left = 0; left < columns; left += TILE) {
      const right = Math.min(left + TILE, columns);
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          result[column * rows + row] = values[row * columns + column] as number;
        }
      }
    }
  }
  return result;
}
