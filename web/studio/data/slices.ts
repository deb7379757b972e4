/**
 * Long work in slices, so that the page can draw and answer between them.
 */

/** Characters that are parsed before the page gets a turn. */
export const SLICE = 512 * 1024;
/** Rows that are worked on before the page gets a turn. */
export const ROWS = 20_000;

/** Waits until the page has had a turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
