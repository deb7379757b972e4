// Takes vectors of length 1; gives how near each is to its nearest neighbours, and which of many are far from each
// other. Plain arithmetic.

/** Vectors of length 1, row after row: their product is the cosine of their angle. */
export interface Neighbours {
  states: Float32Array;
  /** How many of the nearest count. */
  neighbours: number;
  width: number;
}

export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number);
  return sum;
}

const rowOf = (states: Float32Array, width: number, row: number) =>
  states.subarray(row * width, (row + 1) * width);

/** Of each row, its mean cosine to the nearest. `but` leaves out the neighbour of a row's own place. */
export function similaritiesTo(
  { states, neighbours, width }: Neighbours,
  rows: Float32Array,
  but?: "itself",
): Float32Array {
  const count = states.length / width;
  return Float32Array.from({ length: rows.length / width }, (_, row) => {
    const own = rowOf(rows, width, row);
    // The nearest so far, the farthest of them first.
    const nearest: number[] = [];
    for (let other = 0; other < count; other++) {
      if (but === "itself" && other === row) continue;
      const found = cosine(own, rowOf(states, width, other));
      if (nearest.length === neighbours && found <= (nearest[0] as number)) continue;
      if (nearest.length === neighbours) nearest.shift();
      const at = nearest.findIndex((value) => value > found);
      nearest.splice(at < 0 ? nearest.length : at, 0, found);
    }
    return nearest.reduce((sum, value) => sum + value, 0) / Math.max(1, nearest.length);
  });
}

/** The value under which a share of them lies. */
export function quantile(values: Float32Array, share: number): number {
  const sorted = Float32Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}

/** `count` of the rows, the first one first, each then the farthest from all chosen before (k-center greedy). */
export function farApart(states: Float32Array, width: number, count: number): number[] {
  const rows = states.length / width;
  const nearest = new Float32Array(rows).fill(Number.NEGATIVE_INFINITY);
  const chosen: number[] = [];
  for (let next = 0; chosen.length < Math.min(count, rows); ) {
    chosen.push(next);
    nearest[next] = Number.POSITIVE_INFINITY;
    let least = Number.POSITIVE_INFINITY;
    const from = rowOf(states, width, next);
    for (let row = 0; row < rows; row++) {
      if (nearest[row] === Number.POSITIVE_INFINITY) continue;
      nearest[row] = Math.max(nearest[row] as number, cosine(from, rowOf(states, width, row)));
      if ((nearest[row] as number) < least) [least, next] = [nearest[row] as number, row];
    }
  }
  return chosen;
}
