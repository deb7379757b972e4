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

/** Removes every choice that the browser keeps. The page goes on with what was chosen. */
export function forgetChoices(): void {
  for (const storage of [() => localStorage, () => sessionStorage])
    try {
      for (const key of Object.keys(storage())) if (key.startsWith("bertlet-")) storage().removeItem(key);
    } catch {
      // Then nothing is kept there.
    }
}

export function recall(key: string): string | undefined {
  try {
    return held.get(key) ?? localStorage.getItem(key) ?? undefined;
  } catch {
    return held.get(key);
  }
}
