/**
 * The nearest-centroid classifier over pooled states, as the library's method "centroid" has it, in the page itself: it answers
 * after each change of the examples, and tells how many of them the others would have got right. Pure arithmetic.
 */
import { addTo, cosine, softmax } from "./vectors.ts";

export interface Centroids {
  labels: readonly string[];
  /** The mean of each label's states, one after another. */
  means: Float64Array;
  counts: Uint32Array;
  hidden: number;
  /** The mean squared distance of a row to its label's true mean, as far as the rows can tell. */
  spread: number;
  /** Softmax over -squared distance x this. */
  sharpness: number;
}

/** A row: its state, and the place of its label in `labels`. */
export interface Placed {
  state: Float32Array;
  target: number;
}

/** What the sharpness is tried at, in multiples of one over the spread within the labels. */
const MULTIPLES = [1, 2, 4, 8, 16, 32];
/** Held-out rows from which on they tell anything, and what is taken for fewer. */
export const FEWEST_JUDGED = 20;
const USUAL_MULTIPLE = 8;

export function centroidsOf(labels: readonly string[], rows: readonly Placed[]): Centroids {
  const hidden = rows[0]?.state.length ?? 0;
  const means = new Float64Array(labels.length * hidden);
  const counts = new Uint32Array(labels.length);
  for (const { state, target } of rows) {
    counts[target] = (counts[target] ?? 0) + 1;
    addTo(means.subarray(target * hidden, (target + 1) * hidden), state);
  }
  for (let label = 0; label < labels.length; label++)
    for (let at = 0; at < hidden; at++) {
      const place = label * hidden + at;
      means[place] = (means[place] ?? 0) / Math.max(1, counts[label] ?? 0);
    }
  const plain = { labels, means, counts, hidden, spread: 0, sharpness: 1 };
  const spread = spreadOf(plain, rows);
  return { ...plain, spread, sharpness: sharpnessOf({ ...plain, spread }, rows) };
}

/** The score of each label, from 0 to 1, together 1. A label without rows has 0. */
export function scoresOf(centroids: Centroids, state: Float32Array): number[] {
  return byDistance(distances(centroids, state), centroids.sharpness);
}

/** Each row is judged by the others: how many of those whose label has another row are right. */
export function heldOut(centroids: Centroids, rows: readonly Placed[]): { right: number; of: number } {
  let [right, of] = [0, 0];
  for (const row of rows) {
    const far = withoutItself(centroids, row);
    if (far === undefined) continue;
    of++;
    if (nearest(far) === row.target) right++;
  }
  return { right, of };
}

/** How many of these rows, of which none is in the centroids, are right. */
export function rightOf(centroids: Centroids, rows: readonly Placed[]): number {
  return rows.filter(({ state, target }) => nearest(distances(centroids, state)) === target).length;
}

/** The place of the row whose state is the most alike, by cosine. */
export function mostAlike(rows: readonly Placed[], state: Float32Array): number {
  let [best, highest] = [-1, Number.NEGATIVE_INFINITY];
  for (const [at, row] of rows.entries()) {
    const alike = cosine(state, row.state);
    if (alike > highest) [best, highest] = [at, alike];
  }
  return best;
}

/**
 * Squared distances to the labels' true means, as far as rows can tell: the mean of n rows is itself off by the spread / n,
 * which would push texts away from labels of few rows. Infinite for a label without rows.
 */
function distances({ means, counts, hidden, spread }: Centroids, state: Float32Array): number[] {
  return Array.from(counts, (count, label) => {
    if (count === 0) return Number.POSITIVE_INFINITY;
    let sum = 0;
    for (let at = 0; at < hidden; at++) sum += ((state[at] ?? 0) - (means[label * hidden + at] ?? 0)) ** 2;
    return sum - spread / count;
  });
}

/** As `distances`, to means without this row; undefined where its label has no other row. */
function withoutItself(centroids: Centroids, { state, target }: Placed): number[] | undefined {
  const { counts, spread } = centroids;
  const count = counts[target] ?? 0;
  if (count < 2) return undefined;
  const far = distances(centroids, state);
  // The mean of the others is (n m - x) / (n - 1), so that x is n / (n - 1) times as far from it.
  const square = (far[target] ?? 0) + spread / count;
  far[target] = square * (count / (count - 1)) ** 2 - spread / (count - 1);
  return far;
}

/** The squared distances to the own means, over the degrees of freedom that they leave. */
function spreadOf(centroids: Centroids, rows: readonly Placed[]): number {
  let within = 0;
  for (const { state, target } of rows) within += distances(centroids, state)[target] ?? 0;
  const free = rows.length - centroids.counts.reduce((labels, count) => labels + Number(count > 0), 0);
  return free > 0 ? within / free : 0;
}

/** The sharpness at which held-out rows are the most probable, so that few rows give no false certainty. */
function sharpnessOf(centroids: Centroids, rows: readonly Placed[]): number {
  const held: [far: number[], target: number][] = [];
  for (const row of rows) {
    const far = withoutItself(centroids, row);
    if (far) held.push([far, row.target]);
  }
  const spread = centroids.spread || 1;
  let [best, least] = [1, Number.POSITIVE_INFINITY];
  for (const multiple of held.length < FEWEST_JUDGED ? [USUAL_MULTIPLE] : MULTIPLES) {
    let loss = 0;
    for (const [far, target] of held)
      loss -= Math.log(Math.max(1e-12, byDistance(far, multiple / spread)[target] ?? 0));
    if (loss < least) [best, least] = [multiple / spread, loss];
  }
  return best;
}

function byDistance(far: readonly number[], sharpness: number): number[] {
  return softmax(far.map((each) => -each * sharpness));
}

function nearest(far: readonly number[]): number {
  let best = 0;
  for (const [at, each] of far.entries()) if (each < (far[best] ?? 0)) best = at;
  return best;
}
