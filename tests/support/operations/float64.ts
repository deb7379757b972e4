// What the references of operations are made of: float64 arrays, and a dense layer with its gradients.

/** Row-major values by name; a gradient's name is "d " and its input's. */
export type Numbers = Record<string, number[] | Float64Array>;

/** What comes out, of what went in. */
export type Reference = (given: Numbers, sizes: number[]) => Numbers;

/** An operation of crate/src/kernels/ops: its sizes in the test entry's order, and what it gives. */
export interface Operation {
  name: string;
  /** Sizes: one, no multiple of 4 or of a tile, just above a tile, and the largest in use. */
  cases: number[][];
  /** Sizes beside matrices that a GPU stores as 16-bit floats, and beside matrices whose sizes do not allow it. */
  f16?: number[][];
  reference: Reference;
}

export const zeros = (count: number) => new Float64Array(count);

/** sum[i] += values[i] by a number; an index beyond an array is this file's own mistake. */
export function add(sum: Float64Array, at: number, value: number): void {
  sum[at] = (sum[at] as number) + value;
}

export function of(given: Numbers, name: string): number[] | Float64Array {
  const values = given[name];
  if (values === undefined) throw new Error(`expected ${name}, found ${Object.keys(given)}`);
  return values;
}

/** x W + b, and the gradients of all three from the output's. */
export class Dense {
  readonly output: Float64Array;

  constructor(
    private readonly x: ArrayLike<number>,
    private readonly weight: ArrayLike<number>,
    bias: ArrayLike<number>,
    private readonly rows: number,
    private readonly inputs: number,
    private readonly outputs: number,
  ) {
    this.output = zeros(rows * outputs);
    this.each((i, k, j) => add(this.output, i * outputs + j, (x[i * inputs + k] as number) * this.w(k, j)));
    this.output.forEach((_, at) => {
      add(this.output, at, bias[at % outputs] as number);
    });
  }

  backward(gradient: Float64Array): { x: Float64Array; weight: Float64Array; bias: Float64Array } {
    const { inputs, outputs } = this;
    const [x, weight, bias] = [zeros(this.x.length), zeros(this.weight.length), zeros(outputs)];
    this.each((i, k, j) => {
      const g = gradient[i * outputs + j] as number;
      add(x, i * inputs + k, g * this.w(k, j));
      add(weight, k * outputs + j, g * (this.x[i * inputs + k] as number));
    });
    gradient.forEach((g, at) => {
      add(bias, at % outputs, g);
    });
    return { x, weight, bias };
  }

  private w(k: number, j: number): number {
    return this.weight[k * this.outputs + j] as number;
  }

  private each(visit: (i: number, k: number, j: number) => void): void {
    for (let i = 0; i < this.rows; i++)
      for (let k = 0; k < this.inputs; k++) for (let j = 0; j < this.outputs; j++) visit(i, k, j);
  }
}
