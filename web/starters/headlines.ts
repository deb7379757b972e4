/**
 * Takes a file or an address; gives the headlines in it, the oldest first. An address gives JSON; a file has a headline a
 * line, or is a table, and may be in any encoding.
 */
import { guessColumns } from "../studio/data/reading/columns.ts";
import { parseDelimited } from "../studio/data/reading/delimited.ts";
import { decodeBytes } from "../studio/data/reading/encodings.ts";
import { dataRecords } from "../studio/data/reading/table.ts";
import type { Notice } from "../studio/i18n/messages.ts";
import { DATES, headlinesIn } from "./band.ts";
import type { Words } from "./words.ts";

/** Other names of texts are the studio's. */
const TITLES = ["title", "headline", "headlines", "标题"];
const PATIENCE_MS = 30_000;

/** `whole` is false where rows of a table could not be read. */
export async function headlinesOf(
  file: File,
  words: Words["news"],
): Promise<{ texts: string[]; whole: boolean }> {
  const text = decodeBytes(new Uint8Array(await file.arrayBuffer()))?.text;
  if (text === undefined) throw new Error(words.notText);
  if (!/\.(csv|tsv|tab)$/i.test(file.name)) return { texts: text.split(/\r?\n/), whole: true };
  const notices: Notice[] = [];
  const table = await parseDelimited(file.name, text, undefined, notices);
  const named = (names: readonly string[]): number =>
    table.columns.findIndex((column) => names.includes(column.toLowerCase()));
  const [title, date] = [named(TITLES), named(DATES.map((name) => name.toLowerCase()))];
  const at = title >= 0 ? title : table.columns.indexOf(guessColumns(table).text ?? "");
  const entries = [...dataRecords(table)].map(([, record]) =>
    date < 0 ? (record[at] ?? "") : { title: record[at], date: record[date] },
  );
  return { texts: headlinesIn(entries) ?? [], whole: !notices.some(({ level }) => level === "warning") };
}

/** No other host is asked, and no copy of before is taken. */
export async function fetchHeadlines(
  from: string,
  words: Words["news"],
  until: AbortSignal,
): Promise<string[]> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), PATIENCE_MS);
  const signal = AbortSignal.any([until, late.signal]);
  try {
    const options = { credentials: "omit", cache: "no-cache", redirect: "manual", signal } as const;
    const response = await fetch(from, options);
    if (response.type === "opaqueredirect") throw new Error(words.leadsOn);
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    const headlines = headlinesIn(await response.json().catch(() => undefined));
    signal.throwIfAborted();
    if (headlines === undefined) throw new Error(words.notJson);
    return headlines;
  } catch (error) {
    throw late.signal.aborted ? new Error(words.late) : error;
  } finally {
    clearTimeout(timer);
  }
}
