/**
 * Takes the cells of a label column; gives the labels in each, where a row may have several, and a guess whether it may.
 * A guess only: the page offers it and the person says so.
 */

export const SEPARATORS = ["|", ";", ","] as const;
/** What stands between the labels of a row. */
export type Separator = (typeof SEPARATORS)[number];

/** Each with its full-width forms. */
const FORMS: Record<Separator, RegExp> = { "|": /[|｜]/, ";": /[;；]/, ",": /[,，、]/ };
/** Commas stand within many a label: only the person can tell. */
const GUESSED = ["|", ";"] as const;
/** Of the cells with a label, the share that must hold the separator. */
const HOLDING = 0.2;
/** Of the names around it, the share that must come with other names too. */
const RECURRING = 0.5;

export interface LikelySeparator {
  separator: Separator;
  /** A cell that looks like several labels. */
  example: string;
}

/** The labels of a cell, each once, in the cell's order. */
export function splitLabels(cell: string, separator: Separator): string[] {
  const names = cell.split(FORMS[separator]).map((name) => name.trim());
  return [...new Set(names)].filter((name) => name !== "");
}

/** The separator that the cells most likely have between several labels, if any. */
export function likelySeparator(cells: readonly string[]): LikelySeparator | undefined {
  const filled = cells.filter((cell) => cell.trim() !== "");
  for (const separator of GUESSED) {
    const combined = filled.filter((cell) => splitLabels(cell, separator).length > 1);
    const [example] = combined;
    if (example === undefined || combined.length < HOLDING * filled.length) continue;
    // One label that has the separator within it always comes whole; one of several comes in other company too.
    const company = new Map<string, Set<string>>();
    for (const cell of filled) {
      const names = splitLabels(cell, separator);
      const all = [...names].sort().join("\n");
      for (const name of names) company.set(name, (company.get(name) ?? new Set()).add(all));
    }
    const names = new Set(combined.flatMap((cell) => splitLabels(cell, separator)));
    const recurring = [...names].filter((name) => (company.get(name)?.size ?? 0) > 1);
    if (recurring.length >= RECURRING * names.size) return { separator, example: example.trim() };
  }
  return undefined;
}

/** Labels as one cell that `splitLabels` takes apart again, by the first separator that none of them holds. */
export function joinLabels(labels: readonly string[], all: readonly string[]): string {
  const free = SEPARATORS.find((separator) => !all.some((label) => FORMS[separator].test(label)));
  return labels.join(free ?? SEPARATORS[0]);
}
