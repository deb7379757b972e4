/**
 * A wish, moved towards what a person likes and away from what they do not (Rocchio 1971), as a vector of length 1.
 */

const [LIKED, DISLIKED] = [0.75, 0.25];

export function moved(
  wish: Float32Array,
  liked: readonly Float32Array[],
  disliked: readonly Float32Array[],
): Float32Array {
  const mean = (vectors: readonly Float32Array[], at: number): number =>
    vectors.reduce((sum, vector) => sum + (vector[at] ?? 0), 0) / Math.max(1, vectors.length);
  const taste = wish.map((value, at) => value + LIKED * mean(liked, at) - DISLIKED * mean(disliked, at));
  const length = Math.hypot(...taste);
  return length > 0 ? taste.map((value) => value / length) : wish;
}
