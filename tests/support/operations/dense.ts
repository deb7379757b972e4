// Dense layers, the decoder over the vocabulary, low-rank pairs and activations, in float64.

import { Dense, type Numbers, type Operation, of, zeros } from "./float64.ts";

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

function dense(given: Numbers, sizes: number[]): Numbers {
  const [rows, inputs, outputs, activation] = sizes as [number, number, number, number];
  const layer = new Dense(of(given, "x"), of(given, "weight"), of(given, "bias"), rows, inputs, outputs);
  const upstream = of(given, "upstream");
  const active = [...layer.output].map(ACTIVATIONS[activation] as (x: number) => [number, number]);
  const gradient = Float64Array.from(active, ([, derivative], at) => derivative * (upstream[at] as number));
  const { x, weight, bias } = layer.backward(gradient);
  return { output: active.map(([value]) => value), "d x": x, "d weight": weight, "d bias": bias };
}

/** x tableᵀ + bias. */
function decoderLogits(given: Numbers, sizes: number[]): Numbers {
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

function activation(given: Numbers, sizes: number[]): Numbers {
  const both = [...of(given, "x")].map(ACTIVATIONS[sizes[2] as number] as (x: number) => [number, number]);
  const upstream = of(given, "upstream");
  return {
    output: both.map(([value]) => value),
    "d x": both.map(([, derivative], at) => derivative * (upstream[at] as number)),
  };
}

export const denseOperations: Operation[] = [
  {
    name: "dense",
    // rows, inputs, outputs, activation: 0 identity, 1 gelu, 2 gelu_new, 3 relu, 4 tanh
    cases: [
      [1, 1, 1, 0],
      [1, 128, 128, 4],
      [3, 5, 7, 1],
      [7, 36, 2, 0],
      [8, 64, 200, 0],
      [33, 64, 100, 1],
      [31, 128, 36, 2],
      [65, 30, 32, 3],
      [130, 68, 36, 1],
    ],
    f16: [
      [1, 128, 128, 4],
      [3, 5, 7, 1],
      [8, 64, 200, 0],
      [31, 127, 36, 2],
      [130, 68, 36, 1],
      [512, 96, 384, 1],
    ],
    reference: dense,
  },
  {
    name: "decoder_logits",
    // rows, hidden, vocabulary
    cases: [
      [1, 1, 1],
      [3, 36, 5],
      [5, 7, 30],
      [33, 64, 200],
      [77, 32, 1030],
    ],
    f16: [
      [3, 36, 5],
      [33, 64, 200],
      [77, 32, 1030],
    ],
    reference: decoderLogits,
  },
  {
    name: "low_rank",
    // rows, inputs, outputs, rank
    cases: [
      [1, 1, 1, 1],
      [3, 5, 7, 2],
      [33, 64, 100, 8],
      [130, 36, 68, 4],
    ],
    f16: [[33, 64, 100, 8]],
    reference: lowRank,
  },
  {
    name: "activation",
    // rows, columns, activation
    cases: [
      [1, 1, 4],
      [33, 36, 1],
      [5, 7, 2],
      [3, 20, 3],
    ],
    reference: activation,
  },
];
