/**
 * Takes the text of a file of records; gives its delimiter: the one with which most records have as many cells as
 * the first. Papa Parse's own guess mistakes the commas of prose for the delimiter in a file of a few records.
 */
import Papa from "papaparse";

const DELIMITERS = [",", ";", "\t", "|"] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** The part of the file that is examined. */
const CHARACTERS = 256 * 1024;
const RECORDS = 100;

export function delimiterOf(text: string): Delimiter {
  const start = text.slice(0, CHARACTERS);
  let [best, highest]: [Delimiter, number] = [",", 0];
  for (const delimiter of DELIMITERS) {
    const { data, errors } = Papa.parse<string[]>(start, { delimiter, preview: RECORDS });
    const records = data.filter((record) => record.some((cell) => cell.trim() !== ""));
    const cells = records[0]?.length ?? 0;
    if (cells < 2) continue;
    // A quote that closes in the middle of a cell shows that this delimiter is wrong.
    const broken = new Set(errors.filter(({ type }) => type === "Quotes").map(({ row }) => row));
    const alike = records.filter((record) => record.length === cells).length - broken.size;
    if (alike > highest) [best, highest] = [delimiter, alike];
  }
  return best;
}
