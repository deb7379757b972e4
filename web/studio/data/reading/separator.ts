/**
 * Takes the cells of a label column; gives the labels in each cell, and a guess whether rows are multi-label. The
 * page offers the guess, and the person decides.
 */

export const SEPARATORS = ["|", ";", ","] as const;
/** Between the items of a cell that the file itself gives as a list. No text has this character. */
export const LIST = "\u001f";
/** A separator between the labels of a row. */
export type Separator = (typeof SEPARATORS)[number] | typeof LIST;

/** Each separator with its full-width forms. The items of a list are apart whatever is chosen. */
const FORMS: Record<Separator, RegExp> = {
  "|": new RegExp(`[|｜${LIST}]`),
  ";": new RegExp(`[;；${LIST}]`),
  ",": new RegExp(`[,，、${LIST}]`),
  [LIST]: new RegExp(LIST),
};
/** Many labels contain commas, so a comma is never guessed. */
const GUESSED = ["|", ";"] as const;
/** The share of labelled cells that must contain the separator. */
const HOLDING = 0.2;
/** The share of names around it that must also occur in other combinations. */
const RECURRING = 0.5;

export interface LikelySeparator {
  separator: Separator;
  /** A cell that seems to hold several labels. */
  example: string;
}

/** The labels of a cell, without repeats, in the cell's order. */
export function splitLabels(cell: string, separator: Separator): string[] {
  const names = cell.split(FORMS[separator]).map((name) => name.trim());
  return [...new Set(names)].filter((name) => name !== "");
}

/** The text of a cell. The items of a list make one text. */
export function plainText(cell: string | undefined): string {
  return (cell ?? "").replaceAll(LIST, " ");
}

/** The most likely separator between several labels, if any. */
export function likelySeparator(cells: readonly string[]): LikelySeparator | undefined {
  const filled = cells.filter((cell) => cell.trim() !== "");
  for (const separator of GUESSED) {
    const combined = filled.filter((cell) => splitLabels(cell, separator).length > 1);
    const [example] = combined;
    if (example === undefined || combined.length < HOLDING * filled.length) continue;
    // A single label that contains the separator always occurs whole. True labels also occur in other combinations.
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

/** Joins labels to one cell that `splitLabels` can split, by the first separator that none of them contains. */
export function joinLabels(labels: readonly string[], all: readonly string[]): string {
  const free = SEPARATORS.find((separator) => !all.some((label) => FORMS[separator].test(label)));
  return labels.join(free ?? SEPARATORS[0]);
}
