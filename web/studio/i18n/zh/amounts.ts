/**
 * How amounts are written in Chinese.
 */
import { percents } from "../shares.ts";

export const percent = (share: number): string => `${percents(share, 1)}%`;

export const wholePercent = (share: number): string => `${percents(share, 0)}%`;

export const duration = (seconds: number): string => {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} 秒`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} 分钟` : `${(seconds / 3600).toFixed(1)} 小时`;
};

export const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

/** A number of parameters: 2270 万, 73,728. */
export const many = (n: number): string => (n < 1e6 ? n.toLocaleString("zh") : `${(n / 1e4).toFixed(0)} 万`);

export const size = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : megabytes(bytes);
