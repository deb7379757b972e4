// LayerNorm, self-attention and pooling, in float64.

import { add, Dense, type Numbers, type Operation, of, zeros } from "./float64.ts";

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
  const [batch, seqLen, heads, headDim, , withDistance] = sizes as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [rows, hidden, scale] = [batch * seqLen, heads * headDim, 1 / Math.sqrt(headDim)];
  const layers = ["query", "key", "value"].map(
    (name) => new Dense(of(given, "x"), of(given, name), of(given, `${name} bias`), rows, hidden, hidden),
  );
  const [q, k, v] = layers.map(({ output }) => output) as [Float64Array, Float64Array, Float64Array];
  const [bias, mask, upstream] = [of(given, "score bias"), of(given, "mask"), of(given, "upstream")];
  // The bias of key j for query i.
  const distance = (i: number, j: number, head: number) => (j - i + seqLen - 1) * heads + head;
  const distanceBias = withDistance === 1 ? of(given, "distance bias") : zeros((2 * seqLen - 1) * heads);
  const dDistance = zeros(distanceBias.length);
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
        (j) =>
          dot(q, start(i), k, start(j)) * scale +
          (bias[text * seqLen + j] as number) +
          (distanceBias[distance(i, j, head)] as number),
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
        add(dDistance, distance(i, j, head), dScore / scale);
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
  if (withDistance === 1) found["d distance bias"] = dDistance;
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

export const layersOperations: Operation[] = [
  {
    name: "layer_norm",
    // rows, hidden, dropout in percent
    cases: [
      [1, 4, 0],
      [3, 7, 30],
      [33, 36, 10],
      [65, 384, 0],
    ],
    reference: layerNorm,
  },
  {
    name: "self_attention",
    // batch, tokens, heads, head_dim, dropout in percent, 1 with a bias by distance
    cases: [
      [1, 1, 2, 32, 0, 0],
      [2, 31, 3, 32, 10, 1],
      [2, 5, 2, 7, 30, 0],
      [2, 9, 2, 64, 0, 1],
      [1, 130, 1, 32, 20, 0],
      [1, 512, 1, 32, 0, 0],
    ],
    reference: selfAttention,
  },
  {
    name: "pool",
    // batch, tokens, hidden: 0 the first token, 1 the mean, 2 the largest
    cases: [
      [1, 1, 4, 0],
      [3, 31, 36, 0],
      [3, 31, 36, 2],
      [2, 512, 5, 2],
      [2, 6, 5, 1],
      [3, 31, 36, 1],
    ],
    reference: pool,
  },
];
