// Stores small values in this browser. Where it allows none, each is computed again the next time.

/** Name of the cache, of the Cache API. */
const STORE = "bertlet";

/** The value stored under `key` in this browser, if any. */
export async function recall(key: string): Promise<unknown> {
  try {
    return await (await (await caches.open(STORE)).match(keptAt(key)))?.json();
  } catch {
    return undefined;
  }
}

/** Stores a plain value, where the browser allows it. */
export async function remember(key: string, value: unknown): Promise<void> {
  try {
    await (await caches.open(STORE)).put(keptAt(key), Response.json(value));
  } catch {
    // A private window, or a full disk: the value is computed again the next time.
  }
}

/** The cache's key, a URL that no server is asked for. */
function keptAt(key: string): string {
  return `https://bertlet.invalid/kept?${encodeURIComponent(key)}`;
}
