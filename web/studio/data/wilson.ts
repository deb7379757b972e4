/**
 * Takes how many of how many were right; gives the 95% interval of the share (Wilson 1927), which stays sensible for few
 * texts and for none or all right.
 */

/** The 97.5% quantile of the normal distribution. */
const Z = 1.959964;
/** With fewer texts, a share says next to nothing. */
export const FEW_TEXTS = 20;

export function wilson(right: number, of: number): [low: number, high: number] {
  if (of === 0) return [0, 1];
  const share = right / of;
  const middle = share + (Z * Z) / (2 * of);
  const spread = Z * Math.sqrt((share * (1 - share)) / of + (Z * Z) / (4 * of * of));
  const scale = 1 + (Z * Z) / of;
  return [Math.max(0, (middle - spread) / scale), Math.min(1, (middle + spread) / scale)];
}
