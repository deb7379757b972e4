// Collects bytes that arrive in pieces, up to the largest size of the file that they are of.

import { BertletError } from "../../shared/errors.ts";
import { type FileKind, MIB } from "./file-kinds.ts";

export class GrowingBuffer {
  length = 0;
  readonly #kind: FileKind;
  #bytes: Uint8Array;

  constructor(kind: FileKind, capacity: number) {
    this.#kind = kind;
    checkSize(kind, capacity);
    this.#bytes = allocate(kind, capacity);
  }

  push(chunk: Uint8Array): void {
    const length = this.length + chunk.byteLength;
    checkSize(this.#kind, length);
    if (length > this.#bytes.byteLength) {
      const larger = allocate(this.#kind, Math.max(length, 2 * this.#bytes.byteLength));
      larger.set(this.#bytes.subarray(0, this.length));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.length);
    this.length = length;
  }

  clear(): void {
    this.length = 0;
  }

  filled(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}

function allocate(kind: FileKind, size: number): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch {
    throw new BertletError("out-of-memory", `${kind.name}: there is no memory for its ${size} bytes`);
  }
}

/** Throws where a file is larger than its kind may be. */
export function checkSize(kind: FileKind, size: number): void {
  if (size <= kind.maxBytes) return;
  const isWeights = kind.oversize === "out-of-memory";
  const hint = isWeights ? "use a smaller model, or one saved as f16" : undefined;
  const [most, found] = [kind.maxBytes, size].map((bytes) => `${Math.round(bytes / MIB)} MiB`);
  throw new BertletError(
    kind.oversize ?? kind.code,
    `${kind.name}: expected at most ${most}, found ${found}`,
    hint,
  );
}
