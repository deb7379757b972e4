/**
 * What the means of the examples and the search for slips both compute of states of texts: sums, cosines and scores. Pure
 * arithmetic.
 */

export function addTo(sum: Float64Array, state: Float32Array): void {
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0) + (state[at] ?? 0);
}

/**
 * The cosine between a state of length 1 and another vector, less a third one if there is one; of any other state, in
 * proportion. -1 where there is no direction.
 */
export function cosine(
  state: Float32Array,
  to: Float32Array | Float64Array,
  less?: Float32Array | Float64Array,
): number {
  let [product, square] = [0, 0];
  for (let at = 0; at < state.length; at++) {
    const value = (to[at] ?? 0) - (less?.[at] ?? 0);
    product += value * (state[at] ?? 0);
    square += value * value;
  }
  return square > 0 ? product / Math.sqrt(square) : -1;
}

/** Scores from 0 to 1, together 1; of minus infinity 0, and all 0 where each is. */
export function softmax(values: readonly number[]): number[] {
  const most = Math.max(...values);
  const weights = values.map((value) => (Number.isFinite(value) ? Math.exp(value - most) : 0));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / (sum || 1));
}
