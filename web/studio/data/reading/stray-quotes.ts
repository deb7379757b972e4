/**
 * Takes text with a delimiter, and the records that were read from it; tells whether its quotes are a part of the texts, as in
 * `"Great" film`, rather than around cells. Then each line is a record.
 */

/** Lines that are examined. */
const EXAMINED = 20_000;

export function quotesAreText(
  text: string,
  delimiter: string,
  records: readonly (readonly string[])[],
  broken: boolean,
): boolean {
  // A cell over several lines, with tabs in it, is more likely several records between two stray quotes.
  const swallows = (cell: string): boolean => cell.includes("\n") && cell.includes(delimiter);
  if (!broken && !(delimiter === "\t" && records.some((record) => record.some(swallows)))) return false;
  const lines = text
    .split("\n", EXAMINED)
    .filter((line) => line.trim() !== "")
    .map((line) => line.split(delimiter).length);
  return lines.length > 1 && (lines[0] ?? 0) > 1 && lines.every((cells) => cells === lines[0]);
}
