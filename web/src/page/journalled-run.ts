// A run with a journal, as the page sees it: it is written when the page may end, and goes on in another worker where one
// dies. May not know how a worker is opened.

import type { BertletError } from "../shared/errors.ts";

/** A journal by its name, and the run in it: an older one may have the same name. */
export interface JournalId {
  name: string;
  run: string;
}

/** Ends of a worker, after which another one may go on. */
const DEATHS = ["worker-crashed", "device-lost", "out-of-memory"];
/** Failures of a journal, which tell less than what made it necessary. */
const NO_JOURNAL = ["unknown-name", "bad-journal", "no-storage"];

/** Failures to open another worker that a busy machine has: it starts one late, or is late to end the one before. */
const LATE = ["no-worker", "busy"];
const MOST_LATE = 3;

export function newJournalId(name: string): JournalId {
  return { name, run: `${Date.now()}-${Math.random()}` };
}

/** How a run continues: why its worker ended, and on which device, if not on the same one. */
export interface GoOn {
  cause: BertletError;
  device?: "wasm";
}

/**
 * The result of a run through the ends of its workers. `place` tells where the run is: a second death at the same place
 * is the run's own, but for a lost GPU, whose work the CPU can do.
 */
export async function survive<Result>(
  begin: () => Promise<Result>,
  goOn: (how: GoOn) => Promise<Result>,
  place: () => string,
): Promise<Result> {
  let [last, device]: [string | undefined, "wasm" | undefined] = [undefined, undefined];
  let late = 0;
  let cause: BertletError;
  try {
    return await begin();
  } catch (error) {
    cause = error as BertletError;
  }
  for (;;) {
    if (!DEATHS.includes(cause.code)) throw cause;
    const here = place();
    if (here === last && late === 0) {
      if (cause.code !== "device-lost" || device !== undefined) throw cause;
      device = "wasm";
    }
    last = here;
    try {
      return await goOn(device === undefined ? { cause } : { cause, device });
    } catch (error) {
      const next = error as BertletError;
      if (NO_JOURNAL.includes(next.code)) throw cause;
      // The page had a worker before, so that another one can start.
      if (LATE.includes(next.code) && ++late < MOST_LATE) continue;
      [cause, late] = [next, 0];
    }
  }
}

/** Calls `keep` whenever the page may end without a further word. Gives what ends that. */
export function whenPageMayEnd(keep: () => void): () => void {
  if (typeof document === "undefined") return () => {};
  const onVisibility = () => document.visibilityState === "hidden" && keep();
  document.addEventListener("visibilitychange", onVisibility);
  document.addEventListener("freeze", keep);
  globalThis.addEventListener("pagehide", keep);
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    document.removeEventListener("freeze", keep);
    globalThis.removeEventListener("pagehide", keep);
  };
}
