// The tensors of a model.safetensors that the worker has just saved: f32, by name. Tells which nobody took.

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** A view of the file where that is possible, else a copy. */
  values(): Float32Array;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

export class Tensors {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #taken = new Set<string>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = Number(view.getBigUint64(0, true));
    this.#start = 8 + length;
    const header: Record<string, Entry> = JSON.parse(
      new TextDecoder().decode(bytes.subarray(8, this.#start)),
    );
    this.#entries = new Map(Object.entries(header).filter(([name]) => name !== "__metadata__"));
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** The shape of a tensor, taken or not. */
  shapeOf(name: string): readonly number[] {
    return this.#entry(name).shape;
  }

  take(name: string): Tensor {
    const entry = this.#entry(name);
    this.#taken.add(name);
    const [begin, end] = entry.data_offsets.map((offset) => this.#start + offset) as [number, number];
    const bytes = this.#bytes;
    const at = bytes.byteOffset + begin;
    const values = () =>
      at % 4 === 0
        ? new Float32Array(bytes.buffer, at, (end - begin) / 4)
        : new Float32Array(bytes.slice(begin, end).buffer);
    return { name, shape: entry.shape, values };
  }

  /** Names of tensors that nothing has taken. */
  left(): string[] {
    return [...this.#entries.keys()].filter((name) => !this.#taken.has(name));
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (entry?.dtype !== "F32") throw new Error(`${name}: expected an f32 tensor, found ${entry?.dtype}`);
    return entry;
  }
}
