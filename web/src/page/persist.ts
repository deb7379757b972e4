// Asks the browser to keep this site's storage when the disk runs low. Only a page may ask.

/** Where the browser asks the person first, the answer is not waited for. */
const WAIT_MS = 1000;

/** Whether the browser may remove what is kept, as far as it has said. */
export async function isEvictable(): Promise<boolean> {
  const { storage } = globalThis.navigator ?? {};
  if (storage?.persist === undefined) return true;
  const later = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), WAIT_MS));
  return !(await Promise.race([storage.persist().catch(() => false), later]));
}
