// Reads what wasm holds in pieces, a saved file or a run's state, so that no second copy of it stands in memory.

import { BertletError } from "../shared/errors.ts";
import type { WeightsFile } from "./engine/wasm-boundary.ts";
import { thenFree } from "./session.ts";

/** Bytes of a piece. */
export const PIECE_BYTES = 8 * 2 ** 20;

/** What is read tensor by tensor. */
interface Held<T> {
  read(at: number, into: T): Promise<number>;
}

/** What it holds, piece by piece. Each lies in the memory of `piece`: use one before the next is asked for. */
export async function* inPieces<T extends Uint8Array | Float32Array>(
  held: Held<T>,
  piece: T,
): AsyncIterable<T> {
  for (let at = 0; ; ) {
    const count = await fill(held, at, piece);
    if (count === 0) return;
    at += count;
    yield piece.subarray(0, count) as T;
  }
}

/** Fills `into` with what it holds from `at` on; gives how much there was. */
export async function fill<T extends Uint8Array | Float32Array>(
  held: Held<T>,
  at: number,
  into: T,
): Promise<number> {
  for (let filled = 0; ; ) {
    const count = filled < into.length ? await held.read(at + filled, into.subarray(filled) as T) : 0;
    if (count === 0) return filled;
    filled += count;
  }
}

/** The whole file, which is then freed. Throws `out-of-memory`. */
export function wholeFile(file: WeightsFile): Promise<Uint8Array<ArrayBuffer>> {
  return thenFree(file, async ({ size }) => {
    const bytes = memoryFor(size);
    await fill(file, 0, bytes);
    return bytes;
  });
}

function memoryFor(size: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(size);
  } catch (error) {
    throw new BertletError(
      "out-of-memory",
      `model.safetensors: there is no memory for its ${size} bytes`,
      'dtype: "int8" takes a quarter; close other tabs, or use a smaller model',
      { cause: error },
    );
  }
}
