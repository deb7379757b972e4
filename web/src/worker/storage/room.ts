// Says how much room the browser's storage has, and reports writes that failed for lack of it: `storage-full`.

import { BertletError } from "../../shared/errors.ts";

/** Throws `storage-full` where the browser says that less than `bytes` are free. `freed` is what the write replaces. */
export async function checkFree(name: string, bytes: number | undefined, freed = 0): Promise<void> {
  if (bytes === undefined) return;
  const free = await freeBytes();
  if (free !== undefined && bytes - freed > free) throw full(name, bytes, free);
}

/** The error that reports a failed write: `storage-full`, `busy`, or the error itself. `bytes` were needed, at least. */
export async function writeFailure(name: string, bytes: number, error: unknown): Promise<unknown> {
  const { name: kind } = (error ?? {}) as Partial<Error>;
  if (kind === "QuotaExceededError") return full(name, bytes, await freeBytes());
  if (kind !== "NoModificationAllowedError") return error;
  return new BertletError(
    "busy",
    `${name}: another page or worker writes it at this moment`,
    "close the other tab, or wait for it",
  );
}

/** What the browser has left for this site, as far as it tells. */
async function freeBytes(): Promise<number | undefined> {
  try {
    const { quota, usage } = await navigator.storage.estimate();
    return quota === undefined || usage === undefined ? undefined : Math.max(0, quota - usage);
  } catch {
    return undefined;
  }
}

function full(name: string, bytes: number, free: number | undefined): BertletError {
  // Some browsers tell of more than they give, so that sites cannot be told apart by it.
  const found = free === undefined || free >= bytes ? "it is full" : `${shown(free)} are free`;
  return new BertletError(
    "storage-full",
    `${name}: at least ${shown(bytes)} are needed in this browser's storage, and ${found}`,
    "remove what is kept and not needed, or free space on the disk; a file can be downloaded instead",
  );
}

function shown(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  return mebibytes < 10 ? `${mebibytes.toFixed(1)} MiB` : `${Math.round(mebibytes)} MiB`;
}
