// What an update of the parameters computes, in float64.

import { type Numbers, type Operation, of, zeros } from "./float64.ts";

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

function squareSum(given: Numbers): Numbers {
  return { squares: Float64Array.of(Array.from(of(given, "numbers")).reduce((a, b) => a + b * b, 0)) };
}

export const updatesOperations: Operation[] = [
  {
    name: "adamw",
    // elements
    cases: [[1], [100], [4099], [40_000]],
    reference: adamw,
  },
  {
    name: "square_sum",
    // elements of each tensor
    cases: [
      [300_001, 1, 4096, 4097, 40_000, 128, 3, 512, 36, 2, 8, 8, 8, 5, 12, 300_000],
      [3, 4],
    ],
    reference: squareSum,
  },
];
