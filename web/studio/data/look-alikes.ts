/**
 * Takes labels and their row counts; finds labels that look alike: they differ only in case, white space, invisible
 * characters or the form of Unicode. The page offers to join them, and the person decides.
 */

/** Spellings of one label, the most frequent first. */
export type LookAlikes = readonly { label: string; rows: number }[];
/** The spelling that each joined label takes. */
export type Joins = ReadonlyMap<string, string>;

/** Characters without width: joiners, marks of direction, soft hyphens, spaces of width zero. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

/** Labels from which on none are looked for: so many are texts in the wrong column. */
const MANY = 5000;

export function lookAlikes(counts: ReadonlyMap<string, number>): LookAlikes[] {
  if (counts.size > MANY) return [];
  const groups = new Map<string, { label: string; rows: number }[]>();
  for (const [label, rows] of counts) {
    const key = keyOf(label);
    const group = groups.get(key);
    if (group) group.push({ label, rows });
    else groups.set(key, [{ label, rows }]);
  }
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => group.sort((a, b) => b.rows - a.rows || plainness(a.label) - plainness(b.label)));
}

/** The joins of these groups, each to its most frequent spelling, added to those before. */
export function joined(groups: readonly LookAlikes[], before: Joins): Joins {
  const joins = new Map(before);
  for (const [kept, ...others] of groups) {
    if (kept === undefined) continue;
    for (const { label } of others) joins.set(label, kept.label);
    // What was joined to one of the others goes along.
    for (const [label, to] of joins)
      if (others.some((other) => other.label === to)) joins.set(label, kept.label);
  }
  return joins;
}

function keyOf(label: string): string {
  const shown = label.normalize("NFKC").replace(INVISIBLE, "").replace(/\s+/g, " ").trim();
  // A label of invisible characters only is like no other.
  return shown === "" ? label : shown.toLowerCase().toUpperCase().normalize("NFC");
}

/** Where two spellings are equally frequent: composed, without invisible characters or surplus spaces, comes first. */
function plainness(label: string): number {
  const plain = label.normalize("NFC").replace(INVISIBLE, "").replace(/\s+/g, " ").trim();
  return plain === label ? 0 : 1;
}

/** The label with its invisible and combining characters spelled out, so that two spellings can be told apart. */
export function spelledOut(label: string): string {
  return label.replace(/\p{M}|\p{Cf}|[^\S ]| {2,}/gu, (characters) =>
    Array.from(
      characters,
      (each) => `⟨U+${each.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}⟩`,
    ).join(""),
  );
}
