/**
 * Takes the text of a file of records; gives its delimiter: the one with which most records have the same number of
 * cells. Papa Parse's own guess mistakes the commas of prose for the delimiter in a file of a few records.
 */
import Papa from "papaparse";
import { quotesAreText } from "./stray-quotes.ts";
import { titleLines } from "./table.ts";

const DELIMITERS = [",", ";", "\t", "|"] as const;
/** Delimiters of databases and old exports, looked for where the usual ones give one column. */
const RARE_DELIMITERS = ["^", "~", "¦", "§", "\u0001", "\u001f"] as const;

/** The part of the file that is examined. */
const CHARACTERS = 256 * 1024;
const RECORDS = 100;

/** Undefined for a file of one column. `first` is tried before the others. */
export function delimiterOf(text: string, first?: string): string | undefined {
  // Whole lines, where there are any.
  const end = text.length <= CHARACTERS ? text.length : text.lastIndexOf("\n", CHARACTERS);
  const start = text.slice(0, end > 0 ? end : CHARACTERS);
  if (first !== undefined && alike(start, first) > 0) return first;
  let [best, highest]: [string | undefined, number] = [undefined, 0];
  for (const delimiter of DELIMITERS) {
    const count = alike(start, delimiter);
    if (count > highest) [best, highest] = [delimiter, count];
  }
  return best ?? RARE_DELIMITERS.find((delimiter) => alike(start, delimiter, true) > 1);
}

/** How many records have as many cells as the first below the title; 0 where it has one. */
function alike(text: string, delimiter: string, all = false): number {
  let { data, errors } = Papa.parse<string[]>(text, { delimiter, preview: RECORDS });
  // Only of tabs: with another one, broken quotes show that it is the wrong one.
  if (delimiter === "\t" && quotesAreText(text, delimiter, data, errors.length > 0))
    ({ data, errors } = Papa.parse<string[]>(text, { delimiter, preview: RECORDS, fastMode: true }));
  const records = data.filter((record) => record.some((cell) => cell.trim() !== ""));
  // A comma of prose is followed by a space. A title would then be the first line of one column of prose.
  const prose = delimiter === "," && spacesAfter(records) > records.length / 2;
  const titles = prose ? 0 : titleLines(records);
  const cells = records[titles]?.length ?? 0;
  if (cells < 2) return 0;
  // A quote that closes in the middle of a cell shows that this delimiter is wrong.
  const broken = new Set(errors.filter(({ type }) => type === "Quotes").map(({ row }) => row));
  // A first line of prose may have a comma, too: of a table, few lines lack cells that the first one has.
  if (2 * records.filter((record) => record.length < cells).length > records.length) return 0;
  const same = records.filter((record) => record.length === cells).length;
  return all && same + titles < records.length ? 0 : same - broken.size;
}

function spacesAfter(records: readonly (readonly string[])[]): number {
  return records.filter((record) => record.slice(1).some((cell) => cell.startsWith(" "))).length;
}
