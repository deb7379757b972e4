/**
 * Takes a choice of the person's, language or colours; keeps it over visits where the browser allows that.
 */

/** Storage may be refused, as in private windows. Then choices last as long as the page. */
const held = new Map<string, string>();

export function remember(key: string, value: string): void {
  held.set(key, value);
  try {
    localStorage.setItem(key, value);
  } catch {
    // Kept in memory above.
  }
}

export function recall(key: string): string | undefined {
  try {
    return held.get(key) ?? localStorage.getItem(key) ?? undefined;
  } catch {
    return held.get(key);
  }
}
