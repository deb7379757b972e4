/**
 * Takes the text of a CSV or TSV file; gives its records. It reads in slices, so that the page keeps responding over a
 * large file. Line ends of all kinds may be mixed.
 */
import Papa from "papaparse";
import { nextTurn } from "../../src/shared/next-turn.ts";
import type { Notice } from "../i18n/messages.ts";
import { delimiterOf } from "./delimiter.ts";
import { readLists } from "./lists.ts";
import { SLICE } from "./slices.ts";
import { quotesAreText } from "./stray-quotes.ts";
import { gridOf, namesBoth, ONE_COLUMN, type Parsed, titleLines, withNumberColumn } from "./table.ts";

const EXAMPLES = 20;
/** Excel writes the delimiter into a first line of its own: sep=; */
const SEP_LINE = /^[ "]*sep=(.|\\t)[ "]*(?:\n|$)/i;

export async function parseDelimited(
  name: string,
  given: string,
  chosen: string | undefined,
  notices: Notice[],
): Promise<Parsed> {
  const whole = given.includes("\r") ? given.replace(/\r\n?/g, "\n") : given;
  const sep = SEP_LINE.exec(whole);
  const text = sep ? whole.slice(sep[0].length) : whole;
  const announced = sep?.[1] === "\\t" ? "\t" : sep?.[1];
  const likely = /\.(tsv|tab)$/i.test(name) ? "\t" : undefined;
  const delimiter = chosen ?? announced ?? delimiterOf(text, likely) ?? ONE_COLUMN;
  const before = sep ? 1 : 0;
  let { records, lines, broken } = await parse(text, delimiter, before, true);
  if (quotesAreText(text, delimiter, records, broken.length > 0))
    ({ records, lines, broken } = await parse(text, delimiter, before, false));
  if (broken.length > 0)
    notices.push({ level: "warning", text: (t) => t.parse.quotes(name), details: broken });

  withNumberColumn(records);
  const titles = titleLines(records);
  if (titles > 0) {
    const skipped = records.splice(0, titles).map((record) => record.filter((cell) => cell !== "").join(" "));
    lines.splice(0, titles);
    notices.push({ level: "note", text: (t) => t.parse.title(name, titles), details: skipped });
  }
  leaveOutHeaders(name, records, lines, notices);
  leaveOutShifted(name, records, lines, notices);
  const grid = gridOf(/\.tsv$/i.test(name) ? "TSV" : "CSV", records, lines);
  const lists = readLists(records, grid.hasHeader ? 1 : 0);
  return { ...grid, lists, delimiter: delimiter === ONE_COLUMN ? undefined : delimiter };
}

/** `broken` names the lines whose quotes do not close. */
async function parse(
  text: string,
  delimiter: string,
  before: number,
  quotes: boolean,
): Promise<{ records: string[][]; lines: number[]; broken: string[] }> {
  const records: string[][] = [];
  const lines: number[] = [];
  const broken: string[] = [];
  let line = before;
  await new Promise<void>((resolve) => {
    Papa.parse<string[]>(text, {
      delimiter,
      newline: "\n",
      // Papa Parse's name for: quotes are characters as others.
      fastMode: quotes ? undefined : true,
      chunkSize: SLICE,
      chunk: (results: Papa.ParseResult<string[]>, parser: Papa.Parser) => {
        for (const error of results.errors)
          if (error.type === "Quotes" && broken.length < EXAMPLES)
            broken.push(`${line + (error.row ?? 0) + 1}: ${error.message}`);
        for (const record of results.data) {
          line++;
          if (record.every((cell) => cell.trim() === "")) continue;
          records.push(record);
          lines.push(line);
        }
        // Parsing a string is synchronous: the pause gives the page a turn.
        parser.pause();
        void nextTurn().then(() => parser.resume());
      },
      complete: () => resolve(),
      // The types allow chunks for files only, but strings take them too. A file is not passed as it is, since
      // Papa Parse cuts it by bytes, through the middle of characters.
    } as Papa.ParseConfig<string[]>);
  });
  return { records, lines, broken };
}

/** Takes out the headers of files that were put one below the other, and says so. */
function leaveOutHeaders(name: string, records: string[][], lines: number[], notices: Notice[]): void {
  const [header] = records;
  if (header === undefined || !namesBoth(header)) return;
  const where: number[] = [];
  let kept = 1;
  for (let at = 1; at < records.length; at++) {
    const [record, line] = [records[at] as string[], lines[at] as number];
    if (record.length === header.length && record.every((cell, column) => cell === header[column])) {
      where.push(line);
      continue;
    }
    records[kept] = record;
    lines[kept++] = line;
  }
  if (where.length === 0) return;
  records.length = kept;
  lines.length = kept;
  notices.push({ level: "note", text: (t) => t.parse.headers(name, where.length, where[0] ?? 0) });
}

/** Takes out the records that have more cells than the first one, and says which. */
function leaveOutShifted(name: string, records: string[][], lines: number[], notices: Notice[]): void {
  const width = records[0]?.length ?? 0;
  const shifted: string[] = [];
  let kept = 0;
  let dropped = 0;
  for (const [index, record] of records.entries()) {
    if (record.length > width && record.slice(width).some((cell) => cell.trim() !== "")) {
      if (dropped++ < EXAMPLES) shifted.push(`${lines[index]}: ${record.join(" | ").slice(0, 200)}`);
      continue;
    }
    records[kept] = record;
    lines[kept++] = lines[index] as number;
  }
  records.length = kept;
  lines.length = kept;
  if (dropped > 0)
    notices.push({ level: "warning", text: (t) => t.parse.shifted(name, dropped, width), details: shifted });
}
