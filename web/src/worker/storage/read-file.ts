// Reads a file that another worker may write or remove meanwhile: what a browser gives is the file as it was at that moment,
// which cannot be read any more once it has changed.

import type { Store } from "./store.ts";

const ATTEMPTS = 4;
/** What browsers call a file that has changed, or is gone, since it was taken. */
const STALE = ["NotReadableError", "NotFoundError"];

/** What `work` makes of the file; undefined where there is none, `changing` where it is written all the time. */
export async function readFile<T, C>(
  store: Store,
  name: string,
  work: (file: Blob) => Promise<T>,
  changing: C,
): Promise<T | C | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      const file = await store.read(name);
      return file && (await work(file));
    } catch (error) {
      if (!isStale(error)) throw error;
    }
  }
  return changing;
}

function isStale(error: unknown): boolean {
  const { cause } = error as { cause?: Partial<Error> };
  return STALE.includes(cause?.name ?? "");
}
