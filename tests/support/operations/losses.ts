// The losses, in float64.

import { add, type Numbers, type Operation, of, zeros } from "./float64.ts";

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

export const lossesOperations: Operation[] = [
  {
    name: "cross_entropy",
    // rows, classes; 0 the mean, 1 weighted
    cases: [
      [1, 2, 0],
      [8, 2, 0],
      [33, 3, 1],
      [2, 8_191, 0],
      [70, 200, 0],
      [9, 200, 1],
      [3, 2001, 1],
    ],
    reference: crossEntropy,
  },
  {
    name: "binary_cross_entropy",
    // rows, classes
    cases: [
      [1, 1],
      [8, 3],
      [33, 200],
    ],
    reference: binaryCrossEntropy,
  },
  {
    name: "cosine_loss",
    // pairs, hidden
    cases: [
      [1, 3],
      [17, 36],
    ],
    reference: cosineLoss,
  },
];
