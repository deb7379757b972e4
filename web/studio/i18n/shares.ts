/**
 * A share as digits of its percents, in every language: what is not all or nothing is never written as 100 or 0.
 */
export function percents(share: number, decimals: number): string {
  const written = (share * 100).toFixed(decimals);
  const least = 10 ** -decimals;
  if (share < 1 && Number(written) === 100) return `>${(100 - least).toFixed(decimals)}`;
  if (share > 0 && Number(written) === 0) return `<${least.toFixed(decimals)}`;
  return written;
}

/** A p-value, which is never written as 0, nor as 0.05 where it is under it. */
export function pValue(p: number): string {
  if (p < 0.001) return "p < 0.001";
  return `p = ${p.toFixed(p < 0.05 && p >= 0.0495 ? 4 : 3)}`;
}
