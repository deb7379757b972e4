/**
 * Long work in slices, so that the page can draw and answer between them.
 */

import { nextTurn } from "../../src/shared/next-turn.ts";

/** Characters that are parsed before the page gets a turn. */
export const SLICE = 512 * 1024;
/** Rows that are worked on before the page gets a turn: some milliseconds on a slow machine. */
export const ROWS = 5000;

/** Calls `work` for each item, with turns of the page in between. */
export async function inSlices<T>(items: readonly T[], work: (item: T, at: number) => void): Promise<void> {
  for (let at = 0; at < items.length; at++) {
    if (at % ROWS === ROWS - 1) await nextTurn();
    work(items[at] as T, at);
  }
}
