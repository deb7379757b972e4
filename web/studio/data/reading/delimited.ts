/**
 * Takes the text of a CSV or TSV file; gives its records. It reads in slices, so that the page keeps responding over a
 * large file. Line ends of all kinds may be mixed.
 */
import Papa from "papaparse";
import { nextTurn } from "../../../src/shared/next-turn.ts";
import type { Notice } from "../../i18n/messages.ts";
import { withFormula } from "../csv.ts";
import { SLICE } from "../slices.ts";
import { delimiterOf } from "./delimiter.ts";
import { readLists } from "./lists.ts";
import { quotesAreText } from "./stray-quotes.ts";
import { gridOf, leaveOutHeaders, ONE_COLUMN, type Parsed, titleLines, withNumberColumn } from "./table.ts";

const EXAMPLES = 20;
/** The part of the lines that must be alike for a reading in which quotes are characters as others. */
const EVEN = 0.9;
/** Lines that are searched for spaces before quotes. */
const EXAMINED = 2000;
/** Excel writes the delimiter into a first line of its own: sep=; and may fill that line up with empty cells. */
const SEP_LINE = /^[ "]*sep= ?(.|\\t)[ ",;\t]*(?:\n|$)/i;

export async function parseDelimited(
  name: string,
  given: string,
  chosen: string | undefined,
  notices: Notice[],
): Promise<Parsed> {
  const whole = given.includes("\r") ? given.replace(/\r\n?/g, "\n") : given;
  const sep = SEP_LINE.exec(whole);
  const below = sep ? whole.slice(sep[0].length) : whole;
  const announced = sep?.[1] === "\\t" ? "\t" : sep?.[1];
  const likely = /\.(tsv|tab)$/i.test(name) ? "\t" : undefined;
  const delimiter = chosen ?? announced ?? delimiterOf(below, likely) ?? ONE_COLUMN;
  const text = spacedQuotes(below, delimiter) ? withoutSpaces(below, delimiter) : below;
  const before = sep ? 1 : 0;
  let { records, lines, broken, swallowed } = await parse(text, delimiter, before, true);
  if (broken.length > 0) {
    const plain = await parse(text, delimiter, before, false);
    const areText = quotesAreText(text, delimiter, records, true);
    const isOdd = !areText && swallowed > 0 && isEven(plain.records);
    if (areText || isOdd) ({ records, lines, broken, swallowed } = plain);
    // One line's quotes are characters; around whole cells of others they are none.
    if (isOdd) records = records.map((record) => record.map(unquoted));
  } else if (quotesAreText(text, delimiter, records, false))
    ({ records, lines, broken, swallowed } = await parse(text, delimiter, before, false));
  if (broken.length > 0)
    notices.push({ level: "warning", text: (t) => t.parse.quotes(name), details: broken });
  if (swallowed > 0) notices.push({ level: "warning", text: (t) => t.parse.swallowed(name, swallowed) });

  for (const record of records) for (const [at, cell] of record.entries()) record[at] = withFormula(cell);
  withNumberColumn(records);
  const titles = titleLines(records);
  if (titles > 0) {
    const skipped = records.splice(0, titles).map((record) => record.filter((cell) => cell !== "").join(" "));
    lines.splice(0, titles);
    notices.push({ level: "note", text: (t) => t.parse.title(name, titles), details: skipped });
  }
  if (delimiter === "|") leaveOutRules(records, lines);
  leaveOutHeaders(name, records, lines, notices);
  leaveOutShifted(name, records, lines, notices);
  const grid = gridOf(/\.tsv$/i.test(name) ? "TSV" : "CSV", records, lines);
  const lists = readLists(records, grid.hasHeader ? 1 : 0);
  return { ...grid, lists, delimiter: delimiter === ONE_COLUMN ? undefined : delimiter };
}

/** Whether at least half of the lines have a space between the delimiter and a quoted cell. */
function spacedQuotes(text: string, delimiter: string): boolean {
  if (delimiter !== "," && delimiter !== ";") return false;
  const lines = text.slice(0, SLICE).split("\n", EXAMINED);
  const filled = lines.filter((line) => line.trim() !== "");
  const spaced = new RegExp(`${delimiter} +"(?:[^"]|"")*" *(?:${delimiter}|$)`);
  return filled.length > 1 && 2 * filled.filter((line) => spaced.test(line)).length >= filled.length;
}

/** Quotes count only at the very beginning of a cell. What is inside of them stays. */
function withoutSpaces(text: string, delimiter: string): string {
  const quoted = new RegExp(`(^|${delimiter}) *("(?:[^"]|"")*")(?= *(?:${delimiter}|$))`, "gm");
  return text.replace(quoted, "$1$2");
}

/** The tables of Markdown have a rule below their header, and a bar on both sides. */
function leaveOutRules(records: string[][], lines: number[]): void {
  const isRule = (record: readonly string[]): boolean =>
    record.every((cell) => /^(:?-+:?)?$/.test(cell.trim()));
  const at = records.findIndex(isRule);
  if (at !== 1) return;
  records.splice(at, 1);
  lines.splice(at, 1);
  const framed = (record: readonly string[]): boolean =>
    record[0]?.trim() === "" && record.at(-1)?.trim() === "";
  if (!records.every((record) => record.length > 2 && framed(record))) return;
  for (const record of records) record.splice(0, record.length, ...record.slice(1, -1));
}

function unquoted(cell: string): string {
  return /^"((?:[^"]|"")*)"$/.exec(cell)?.[1]?.replaceAll('""', '"') ?? cell;
}

/** Whether nearly all lines have as many cells as the first one. */
function isEven(records: readonly string[][]): boolean {
  const width = records[0]?.length;
  return records.filter(({ length }) => length === width).length >= EVEN * records.length;
}

/** `broken` names the lines whose quotes do not close. Where one takes other lines in, all of them are left out. */
async function parse(
  text: string,
  delimiter: string,
  before: number,
  quotes: boolean,
): Promise<{ records: string[][]; lines: number[]; broken: string[]; swallowed: number }> {
  const records: string[][] = [];
  const lines: number[] = [];
  const broken: string[] = [];
  let line = before;
  let swallowed = 0;
  await new Promise<void>((resolve) => {
    Papa.parse<string[]>(text, {
      delimiter,
      newline: "\n",
      // Papa Parse's name for: quotes are characters as others.
      fastMode: quotes ? undefined : true,
      chunkSize: SLICE,
      chunk: (results: Papa.ParseResult<string[]>, parser: Papa.Parser) => {
        const odd = new Set<number>();
        for (const error of results.errors) {
          if (error.type !== "Quotes") continue;
          odd.add(error.row ?? 0);
          if (broken.length < EXAMPLES) broken.push(`${line + (error.row ?? 0) + 1}: ${error.message}`);
        }
        for (const [at, record] of results.data.entries()) {
          line++;
          if (record.every((cell) => cell.trim() === "")) continue;
          const taken = odd.has(at) ? record.join("").split("\n").length : 1;
          if (taken > 1) {
            swallowed += taken;
            continue;
          }
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
  return { records, lines, broken, swallowed };
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
