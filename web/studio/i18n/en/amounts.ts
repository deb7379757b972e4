/**
 * How amounts are written in English. A share is one word, with a no-break space before its sign.
 */
import { percents } from "../shares.ts";

export const count = (n: number, one: string, many: string): string =>
  `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

export const percent = (share: number): string => `${percents(share, 1)}\u00a0%`;

export const wholePercent = (share: number): string => `${percents(share, 0)}\u00a0%`;

export const duration = (seconds: number): string => {
  if (seconds < 90) return count(Math.max(1, Math.round(seconds)), "second", "seconds");
  return seconds < 5400 ? `${Math.round(seconds / 60)} minutes` : `${(seconds / 3600).toFixed(1)} hours`;
};

/** A number of parameters: 22.7 million, 73,728. */
export const many = (n: number): string =>
  n < 1e6 ? n.toLocaleString("en") : `${(n / 1e6).toFixed(1)} million`;

export const size = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
