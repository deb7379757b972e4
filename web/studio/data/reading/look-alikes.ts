/**
 * Takes labels and their row counts; finds labels that look alike: they differ only in case, white space, invisible
 * characters, hyphens, apostrophes or the form of Unicode. The page offers to join them, and the person decides.
 */

/** Spellings of one label, the most frequent first. */
export type LookAlikes = readonly { label: string; rows: number }[];
/** The spelling that each joined label takes. */
export type Joins = ReadonlyMap<string, string>;

/** Characters without width: joiners, marks of direction, soft hyphens, spaces of width zero, controls. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}|(?!\s)\p{Cc}/gu;
/** Word processors and keyboards write these for the hyphen and the apostrophe of ASCII. */
const HYPHENS = /[\u2010-\u2015\u2212]/g;
const APOSTROPHES = /[\u2018\u2019\u02bc]/g;
/** What no eye tells from another spelling. */
const UNSEEN = new RegExp(
  `\\p{M}|\\p{Cf}|\\p{Cc}|${HYPHENS.source}|${APOSTROPHES.source}|[^\\S ]| {2,}`,
  "gu",
);

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
  const shown = plain(label.normalize("NFKC"));
  // A label of invisible characters only is like no other.
  return shown === "" ? label : shown.toLowerCase().toUpperCase().normalize("NFC");
}

/** Where two spellings are equally frequent: composed, in ASCII's signs and without surplus characters comes first. */
function plainness(label: string): number {
  return plain(label.normalize("NFC")) === label ? 0 : 1;
}

function plain(label: string): string {
  const signs = label.replace(HYPHENS, "-").replace(APOSTROPHES, "'");
  return signs.replace(INVISIBLE, "").replace(/\s+/g, " ").trim();
}

/** The label with its invisible, combining and look-alike characters spelled out, so that two spellings can be told apart. */
export function spelledOut(label: string): string {
  return label.replace(UNSEEN, (characters) =>
    Array.from(
      characters,
      (each) => `⟨U+${each.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}⟩`,
    ).join(""),
  );
}
