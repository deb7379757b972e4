// What the operations of crate/src/kernels/ops give, in float64 and as their formulas say: no speed, no tricks.

/** Row-major values by name; a gradient's name is "d " and its input's. */
export type Numbers = Record<string, number[] | Float64Array>;

/** What comes out, of what went in. */
export type Reference = (given: Numbers, sizes: number[]) => Numbers;

/** The error function: its series near 0, its continued fraction further out. */
function erf(x: number): number {
  const z = Math.abs(x);
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 150; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let k = 80; k > 0; k--) fraction = k / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction));
}

/** Value and derivative of each activation, by its number in the test entries. */
const ACTIVATIONS: ((x: number) => [number, number])[] = [
  (x) => [x, 1],
  (x) => {
    const phi = 0.5 * (1 + erf(x / Math.SQRT2));
    return [x * phi, phi + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI)];
  },
  (x) => {
    const root = Math.sqrt(2 / Math.PI);
    const t = Math.tanh(root * (x + 0.044715 * x ** 3));
    return [0.5 * x * (1 + t), 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * root * (1 + 3 * 0.044715 * x * x)];
  },
  (x) => (x > 0 ? [x, 1] : [0, 0]),
  (x) => [Math.tanh(x), 1 - Math.tanh(x) ** 2],
];

const zeros = (count: number) => new Float64Array(count);

/** sum[i] += values[i] by a number; an index beyond an array is this file's own mistake. */
function add(sum: Float64Array, at: number, value: number): void {
  sum[at] = (sum[at] as number) + value;
}

function of(given: Numbers, name: string): number[] | Float64Array {
  const values = given[name];
  if (values === undefined) throw new Error(`expected ${name}, found ${Object.keys(given)}`);
  return values;
}

/** x W + b, and the gradients of all three from the output's. */
class Dense {
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

function dense(given: Numbers, sizes: number[]): Numbers {
  const [rows, inputs, outputs, activation] = sizes as [number, number, number, number];
  const layer = new Dense(of(given, "x"), of(given, "weight"), of(given, "bias"), rows, inputs, outputs);
  const upstream = of(given, "upstream");
  const active = [...layer.output].map(ACTIVATIONS[activation] as (x: number) => [number, number]);
  const gradient = Float64Array.from(active, ([, slope], at) => slope * (upstream[at] as number));
  const { x, weight, bias } = layer.backward(gradient);
  return { output: active.map(([value]) => value), "d x": x, "d weight": weight, "d bias": bias };
}

/** x tableᵀ + bias. */
function tied(given: Numbers, sizes: number[]): Numbers {
  const [rows, hidden, vocab] = sizes as [number, number, number];
  const table = of(given, "table");
  const weight = Float64Array.from(
    table,
    (_, at) => table[(at % vocab) * hidden + Math.floor(at / vocab)] as number,
  );
  const layer = new Dense(of(given, "x"), weight, of(given, "bias"), rows, hidden, vocab);
  const { x, weight: d, bias } = layer.backward(Float64Array.from(of(given, "upstream")));
  const dTable = Float64Array.from(
    d,
    (_, at) => d[(at % hidden) * vocab + Math.floor(at / hidden)] as number,
  );
  return { output: layer.output, "d x": x, "d table": dTable, "d bias": bias };
}

/** The last rows of a table, from its end. */
function takeRows(given: Numbers, sizes: number[]): Numbers {
  const [count, columns, taken] = sizes as [number, number, number];
  const [table, upstream] = [of(given, "table"), of(given, "upstream")];
  const place = (at: number) => (count - 1 - Math.floor(at / columns)) * columns + (at % columns);
  const output = Float64Array.from({ length: taken * columns }, (_, at) => table[place(at)] as number);
  const gradient = zeros(table.length);
  for (let at = 0; at < output.length; at++) gradient[place(at)] = upstream[at] as number;
  return { output, "d table": gradient };
}

function embed(given: Numbers, sizes: number[]): Numbers {
  const [batch, seqLen, hidden] = sizes as [number, number, number];
  const upstream = of(given, "upstream");
  const output = zeros(batch * seqLen * hidden);
  const found: Numbers = { output };
  for (const [name, row] of [
    ["words", (token: number) => of(given, "ids")[token] as number],
    ["positions", (token: number) => token % seqLen],
    ["types", (token: number) => of(given, "type_ids")[token] as number],
  ] as [string, (token: number) => number][]) {
    const table = of(given, name);
    const gradient = zeros(table.length);
    output.forEach((_, at) => {
      const place = row(Math.floor(at / hidden)) * hidden + (at % hidden);
      add(output, at, table[place] as number);
      add(gradient, place, upstream[at] as number);
    });
    found[`d ${name}`] = gradient;
  }
  return found;
}

function layerNorm(given: Numbers, sizes: number[]): Numbers {
  const [rows, hidden] = sizes as [number, number];
  const at = (name: string, index: number) => of(given, name)[index] as number;
  const [output, dX, dResidual] = [zeros(rows * hidden), zeros(rows * hidden), zeros(rows * hidden)];
  const [dGamma, dBeta] = [zeros(hidden), zeros(hidden)];
  for (let row = 0; row < rows; row++) {
    const columns = Array.from({ length: hidden }, (_, column) => row * hidden + column);
    const sums = columns.map((i) => at("mask", i) * at("x", i) + at("residual", i));
    const mean = sums.reduce((a, b) => a + b) / hidden;
    const variance = sums.reduce((a, b) => a + (b - mean) ** 2, 0) / hidden;
    const inverse = 1 / Math.sqrt(variance + 1e-12);
    const normalized = sums.map((sum) => (sum - mean) * inverse);
    const g = columns.map((i, column) => at("upstream", i) * at("gamma", column));
    const meanG = g.reduce((a, b) => a + b) / hidden;
    const along = g.reduce((a, b, column) => a + b * (normalized[column] as number), 0) / hidden;
    columns.forEach((i, column) => {
      const n = normalized[column] as number;
      output[i] = n * at("gamma", column) + at("beta", column);
      dResidual[i] = ((g[column] as number) - meanG - n * along) * inverse;
      dX[i] = at("mask", i) * (dResidual[i] as number);
      add(dGamma, column, at("upstream", i) * n);
      add(dBeta, column, at("upstream", i));
    });
  }
  return { output, "d x": dX, "d residual": dResidual, "d gamma": dGamma, "d beta": dBeta };
}

function selfAttention(given: Numbers, sizes: number[]): Numbers {
  const [batch, seqLen, heads, headDim] = sizes as [number, number, number, number];
  const [rows, hidden, scale] = [batch * seqLen, heads * headDim, 1 / Math.sqrt(headDim)];
  const layers = ["query", "key", "value"].map(
    (name) => new Dense(of(given, "x"), of(given, name), of(given, `${name} bias`), rows, hidden, hidden),
  );
  const [q, k, v] = layers.map(({ output }) => output) as [Float64Array, Float64Array, Float64Array];
  const [bias, mask, upstream] = [of(given, "score bias"), of(given, "mask"), of(given, "upstream")];
  const output = zeros(rows * hidden);
  const gradients = [zeros(rows * hidden), zeros(rows * hidden), zeros(rows * hidden)];
  const [dQ, dK, dV] = gradients as [Float64Array, Float64Array, Float64Array];
  const tokens = [...Array(seqLen).keys()];
  const dot = (a: ArrayLike<number>, from: number, b: ArrayLike<number>, other: number) => {
    let sum = 0;
    for (let c = 0; c < headDim; c++) sum += (a[from + c] as number) * (b[other + c] as number);
    return sum;
  };
  for (let pair = 0; pair < batch * heads; pair++) {
    const [text, head] = [Math.floor(pair / heads), pair % heads];
    const start = (token: number) => (text * seqLen + token) * hidden + head * headDim;
    for (const i of tokens) {
      const scores = tokens.map(
        (j) => dot(q, start(i), k, start(j)) * scale + (bias[text * seqLen + j] as number),
      );
      const most = scores.reduce((a, b) => Math.max(a, b));
      const powers = scores.map((score) => Math.exp(score - most));
      const sum = powers.reduce((a, b) => a + b);
      const weights = powers.map((power) => power / sum);
      const kept = tokens.map((j) => mask[(pair * seqLen + i) * seqLen + j] as number);
      const dWeights = tokens.map((j) => (kept[j] as number) * dot(upstream, start(i), v, start(j)));
      const along = dWeights.reduce((a, b, j) => a + b * (weights[j] as number), 0);
      for (const j of tokens) {
        const weight = weights[j] as number;
        const dropped = (kept[j] as number) * weight;
        const dScore = scale * weight * ((dWeights[j] as number) - along);
        for (let c = 0; c < headDim; c++) {
          const [here, there] = [start(i) + c, start(j) + c];
          add(output, here, dropped * (v[there] as number));
          add(dV, there, dropped * (upstream[here] as number));
          add(dQ, here, dScore * (k[there] as number));
          add(dK, there, dScore * (q[here] as number));
        }
      }
    }
  }
  const dX = zeros(rows * hidden);
  const found: Numbers = { output, "d x": dX };
  for (const [place, name] of ["query", "key", "value"].entries()) {
    const back = (layers[place] as Dense).backward(gradients[place] as Float64Array);
    back.x.forEach((g, at) => {
      add(dX, at, g);
    });
    found[`d ${name}`] = back.weight;
    found[`d ${name} bias`] = back.bias;
  }
  return found;
}

function pool(given: Numbers, sizes: number[]): Numbers {
  const [batch, seqLen, hidden, how] = sizes as [number, number, number, number];
  const [states, mask, upstream] = [of(given, "states"), of(given, "mask"), of(given, "upstream")];
  const [output, gradient] = [zeros(batch * hidden), zeros(states.length)];
  output.forEach((_, to) => {
    const text = Math.floor(to / hidden);
    const real = [...Array(seqLen).keys()].filter((token) => mask[text * seqLen + token] === 1);
    const places = real.map((token) => (text * seqLen + token) * hidden + (to % hidden));
    const values = places.map((place) => states[place] as number);
    const first = how === 0 ? 0 : values.indexOf(values.reduce((a, b) => Math.max(a, b)));
    places.forEach((place, at) => {
      const share = how === 1 ? 1 / places.length : Number(at === first);
      add(output, to, share * (values[at] as number));
      add(gradient, place, share * (upstream[to] as number));
    });
  });
  return { output, "d states": gradient };
}

function activated(given: Numbers, sizes: number[]): Numbers {
  const both = [...of(given, "x")].map(ACTIVATIONS[sizes[2] as number] as (x: number) => [number, number]);
  const upstream = of(given, "upstream");
  return {
    output: both.map(([value]) => value),
    "d x": both.map(([, slope], at) => slope * (upstream[at] as number)),
  };
}

/** base + 0.5 · x a b, as two dense layers without biases. */
function lowRank(given: Numbers, sizes: number[]): Numbers {
  const [rows, inputs, outputs, rank] = sizes as [number, number, number, number];
  const [base, upstream] = [of(given, "base"), Float64Array.from(of(given, "upstream"))];
  const down = new Dense(of(given, "x"), of(given, "a"), zeros(rank), rows, inputs, rank);
  const up = new Dense(down.output, of(given, "b"), zeros(outputs), rows, rank, outputs);
  const high = up.backward(upstream.map((g) => 0.5 * g));
  const low = down.backward(high.x);
  return {
    output: up.output.map((value, at) => (base[at] as number) + 0.5 * value),
    "d base": upstream,
    "d x": low.x,
    "d a": low.weight,
    "d b": high.weight,
  };
}

function crossEntropy(given: Numbers, sizes: number[]): Numbers {
  const [rows, classes] = sizes as [number, number];
  const [logits, targets] = [of(given, "logits"), of(given, "targets")];
  const weights = given.weights ?? new Array(rows).fill(1 / rows);
  const smoothing = given.smoothing_weights ?? new Array(classes).fill(0);
  const [loss, gradient] = [zeros(1), zeros(rows * classes)];
  for (let row = 0; row < rows; row++) {
    const powers = Array.from({ length: classes }, (_, i) => Math.exp(logits[row * classes + i] as number));
    const sum = powers.reduce((a, b) => a + b);
    for (let one = 0; one < classes; one++) {
      // What -log p of this class counts in this row.
      const share = (smoothing[one] as number) + (one === targets[row] ? (weights[row] as number) : 0);
      add(loss, 0, share * (Math.log(sum) - (logits[row * classes + one] as number)));
      powers.forEach((power, i) => {
        add(gradient, row * classes + i, share * (power / sum - Number(i === one)));
      });
    }
  }
  return { output: loss, "d logits": gradient };
}

function binaryCrossEntropy(given: Numbers, sizes: number[]): Numbers {
  const [, classes] = sizes as [number, number];
  const [logits, goals, weights] = [of(given, "logits"), of(given, "goals"), of(given, "weights")];
  const [loss, gradient] = [zeros(1), zeros(logits.length)];
  logits.forEach((x, at) => {
    const [weight, goal] = [weights[at % classes] as number, goals[at] as number];
    add(loss, 0, weight * (Math.log(1 + Math.exp(x)) - goal * x));
    gradient[at] = weight * (1 / (1 + Math.exp(-x)) - goal);
  });
  return { output: loss, "d logits": gradient };
}

/** 0.5 · Σ (cosine - goal)² over pairs of rows. */
function cosineLoss(given: Numbers, sizes: number[]): Numbers {
  const [pairs, hidden] = sizes as [number, number];
  const [states, goals] = [of(given, "states"), of(given, "goals")];
  const [loss, gradient] = [zeros(1), zeros(states.length)];
  for (let pair = 0; pair < pairs; pair++) {
    const [u, v] = [0, pairs].map((from) =>
      states.slice((pair + from) * hidden, (pair + from + 1) * hidden),
    ) as [number[], number[]];
    const dot = (a: number[], b: number[]) => a.reduce((sum, x, at) => sum + x * (b[at] as number), 0);
    const [uu, vv, both] = [dot(u, u), dot(v, v), Math.sqrt(dot(u, u) * dot(v, v))];
    const cosine = dot(u, v) / both;
    const off = cosine - (goals[pair] as number);
    add(loss, 0, 0.5 * off * off);
    for (let at = 0; at < hidden; at++) {
      const [x, y] = [u[at] as number, v[at] as number];
      gradient[pair * hidden + at] = off * (y / both - (cosine * x) / uu);
      gradient[(pair + pairs) * hidden + at] = off * (x / both - (cosine * y) / vv);
    }
  }
  return { output: loss, "d states": gradient };
}

/** Two steps of AdamW with the numbers of its test entry, the second undone. */
function adamw(given: Numbers): Numbers {
  const [rate, beta1, beta2, epsilon, decay] = [1e-2, 0.9, 0.999, 1e-8, 0.1];
  const [parameter, gradient] = [of(given, "parameter"), of(given, "gradient")];
  const count = parameter.length;
  const [once, twice] = [zeros(count), zeros(count)];
  for (let at = 0; at < count; at++) {
    const g = 0.5 * (gradient[at] as number);
    let [value, first, second] = [parameter[at] as number, 0, 0];
    for (const [step, into] of [once, twice].entries()) {
      first = beta1 * first + (1 - beta1) * g;
      second = beta2 * second + (1 - beta2) * g * g;
      const mean = first / (1 - beta1 ** (step + 1));
      const root = Math.sqrt(second / (1 - beta2 ** (step + 1)));
      value = value * (1 - rate * decay) - (rate * mean) / (root + epsilon);
      into[at] = value;
    }
  }
  return { once, twice, undone: once };
}

function squares(given: Numbers): Numbers {
  return { squares: Float64Array.of(Array.from(of(given, "numbers")).reduce((a, b) => a + b * b, 0)) };
}

/** The last rows of a table, from its end; and half the table with others in their place. */
function rows(given: Numbers, sizes: number[]): Numbers {
  const [count, columns, taken] = sizes as [number, number, number];
  const [table, others] = [of(given, "table"), of(given, "rows")];
  const place = (at: number) => (count - 1 - Math.floor(at / columns)) * columns + (at % columns);
  const found = Float64Array.from({ length: taken * columns }, (_, at) => table[place(at)] as number);
  const put = Float64Array.from(table, (value) => 0.5 * value);
  found.forEach((_, at) => {
    put[place(at)] = others[at] as number;
  });
  return { taken: found, put };
}

export const references: Record<string, Reference> = {
  dense,
  decoder_logits: tied,
  gather_rows: takeRows,
  embed,
  layer_norm: layerNorm,
  self_attention: selfAttention,
  pool,
  activation: activated,
  low_rank: lowRank,
  cross_entropy: crossEntropy,
  binary_cross_entropy: binaryCrossEntropy,
  cosine_loss: cosineLoss,
  adamw,
  square_sum: squares,
  scatter_rows: rows,
};
