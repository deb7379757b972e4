// Reads the command's files as the studio reads them: labelled rows in parts, or texts. What the studio would say of a file
// goes to standard error.

import { createReadStream, existsSync, openAsBlob, statSync } from "node:fs";
import { basename, extname } from "node:path";
import type { LabelledText, TextPair } from "../bertlet.d.ts";
import { textKey } from "../src/shared/text-key.ts";
import { type DataFile, newFile, type Parts, type Role } from "../studio/data/parts.ts";
import { guessColumns, listsIn } from "../studio/data/reading/columns.ts";
import { readTable } from "../studio/data/reading/parse.ts";
import { LIST, likelySeparator, plainText, type Separator } from "../studio/data/reading/separator.ts";
import { dataRecords, type Table } from "../studio/data/reading/table.ts";
import { assemble, rowsOfFiles, someCells } from "../studio/data/rows.ts";
import { readTexts } from "../studio/data/unlabelled.ts";
import { en } from "../studio/i18n/en.ts";
import { type Notice, PageError } from "../studio/i18n/messages.ts";
import type { Value } from "./arguments.ts";
import { say, warn } from "./say.ts";

/** A file or its rows cannot be used: exit status 3. */
export class BadInput extends Error {}

const STANDARD_INPUT = "standard input";

/** Cells that are looked at for several labels in one. */
const LOOKED_AT = 500;

async function fileOf(path: string): Promise<File> {
  if (path === "-") return streamed(process.stdin, STANDARD_INPUT);
  if (!existsSync(path)) throw new BadInput(`${path}: there is no such file`);
  const found = statSync(path);
  if (found.isDirectory()) throw new BadInput(`${path}: expected a file, found a folder`);
  // A pipe, as a shell's `<(...)`, has no size.
  if (!found.isFile()) return streamed(createReadStream(path), basename(path));
  return new File([await openAsBlob(path)], basename(path));
}

async function streamed(source: AsyncIterable<Uint8Array>, name: string): Promise<File> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  const content = await new Blob(parts as BlobPart[]).text();
  return new File(parts as BlobPart[], extname(name) === "" ? `${name}.${kindOf(content)}` : name);
}

/** Without the ending that tells readers what standard input is: it is no part of its name. */
function named(text: string): string {
  return text.replaceAll(new RegExp(`${STANDARD_INPUT}\\.(txt|jsonl?)`, "g"), STANDARD_INPUT);
}

async function tableOf(path: string): Promise<Table> {
  const table = await reading(readTable(await fileOf(path)));
  return { ...table, name: named(table.name) };
}

/** A text may begin with a bracket, too. */
function kindOf(content: string): "jsonl" | "json" | "txt" {
  const start = content.trimStart();
  if (start.startsWith("{") && isJson(start.split("\n", 1)[0] as string)) return "jsonl";
  return /^[[{]/.test(start) && isJson(start) ? "json" : "txt";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What the studio throws of a file, in words. */
async function reading<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof PageError)) throw error;
    const advice = error.advice?.(en);
    throw new BadInput(named(`${error.text(en)}${advice === undefined ? "" : ` ${advice}`}`));
  }
}

/** `first` is of training: split into parts where it is the only file, unless `split` is false. */
export async function readParts(
  first: readonly string[],
  others: Partial<Record<"dev" | "test", string>>,
  given: Record<string, Value>,
  {
    split,
    seed,
    fewest = 2,
    multiLabel = false,
  }: { split: boolean; seed: number; fewest?: number; multiLabel?: boolean },
): Promise<Parts> {
  if (first.length === 0) throw new BadInput("expected a file of rows, found none");
  const paths = [
    ...first.map((path) => ["train", path] as const),
    ...Object.entries(others).map(([role, path]) => [role as Role, path as string] as const),
  ];
  const files: DataFile[] = [];
  for (const [role, path] of paths) files.push(newFile(await tableOf(path), role));
  const [{ table }] = files as [DataFile];
  // Of a workbook, that it has other sheets, should the columns not be found on this one.
  const told = files.flatMap((file) => file.table.notices);
  tell(told);
  const columns = columnsOf(table, given, multiLabel);
  // Alone, a file is split into three parts; a second one of no rows keeps it whole.
  const whole = split || files.length > 1 ? files : [...files, newFile(withoutRows(table), "dev")];
  const found = rowsOfFiles(whole, { ...columns, joins: new Map() }, { splitSeed: seed, sample: false });
  const { parts, notices } = await reading(found.then((rows) => assemble(rows, undefined, fewest)));
  tell(notices.filter((notice) => !told.includes(notice)));
  const errors = notices.filter(({ level }) => level === "error");
  if (parts !== undefined) return parts;
  // Not all rows are to train on.
  const said = (text: string) => (text === en.rows.noTrain ? "no row has both a text and a label" : text);
  const lines = errors.map(({ text, advice }) => `${said(text(en))} ${advice?.(en) ?? ""}`.trim());
  throw new BadInput(`${files.map(({ table }) => table.name).join(", ")}: ${lines.join("\n")}`);
}

/** One table and its texts, in the order of its records. */
export async function readUnlabelled(
  path: string,
  given: Record<string, Value>,
): Promise<{ texts: (string | TextPair)[]; table?: Table }> {
  // A named column is one of a table, whatever the file is called.
  const named = given.text !== undefined || given.pair !== undefined;
  const own = named
    ? await tableOf(path).then((table) => ({ table, notices: table.notices, ...noLines(table) }))
    : await reading(readTexts(await fileOf(path)));
  tell(own.notices);
  if (path === "-" && own.table === undefined)
    say("standard input: read as one text a line; --text COLUMN reads a table");
  if (own.table === undefined) return { texts: [...(own.lines ?? [])] };
  const { table } = own;
  const text = checkColumn(table, (given.text as string | undefined) ?? own.column);
  const pair = given.pair === undefined ? undefined : checkColumn(table, given.pair as string);
  const at = table.columns.indexOf(text);
  const pairAt = pair === undefined ? -1 : table.columns.indexOf(pair);
  const texts = Array.from(dataRecords(table), ([, record]) => {
    const first = plainText(record[at]);
    return pairAt < 0 ? first : { text: first, textPair: plainText(record[pairAt]) };
  });
  return { texts, table };
}

function noLines(table: Table): { column: string | undefined; lines: undefined } {
  return { column: guessColumns(table).text, lines: undefined };
}

/** For a model of several labels, rows may have one each, or none. */
function columnsOf(table: Table, given: Record<string, Value>, multiLabel: boolean) {
  const guessed = guessColumns(table);
  const text = checkColumn(table, (given.text as string | undefined) ?? guessed.text);
  const label = checkColumn(table, (given.label as string | undefined) ?? guessed.label);
  const pair = given.pair === undefined ? undefined : checkColumn(table, given.pair as string);
  const asked = given.separator as Separator | undefined;
  const separator = asked ?? (multiLabel || listsIn(table, label) ? LIST : undefined);
  say(`${table.name}: texts in the column ${text}, labels in ${label}`);
  const likely =
    (separator === undefined || separator === LIST) &&
    !listsIn(table, label) &&
    likelySeparator(someCells(table, label, LOOKED_AT));
  if (likely)
    say(
      `some rows seem to have several labels ("${likely.example}"): --separator "${likely.separator}" splits them`,
    );
  return { text, label, pair, separator };
}

function checkColumn(table: Table, name: string | undefined): string {
  if (name !== undefined && table.columns.includes(name)) return name;
  const found = table.columns.join(", ");
  throw new BadInput(
    name === undefined
      ? `${table.name}: expected a column of texts and one of labels, found the columns ${found}`
      : `${table.name}: there is no column ${name}, only ${found}`,
  );
}

function withoutRows(table: Table): Table {
  const kept = table.kind === "grid" && table.hasHeader ? 1 : 0;
  return { ...table, records: table.records.slice(0, kept), notices: [] };
}

/** That a part is missing says nothing where none is looked for. */
const OF_PARTS = [en.rows.noDev, en.rows.noTest];

function tell(notices: readonly Notice[]): void {
  for (const { level, text, details = [] } of notices) {
    if (level === "error" || OF_PARTS.includes(text(en))) continue;
    const more = details.length > 0 ? ` (${details.slice(0, 3).join("; ")})` : "";
    const tellIt = level === "warning" ? warn : say;
    tellIt(named(`${level}: ${text(en)}${more}`));
  }
}

/** Rows of dev and test that stand in an earlier part, too, by the key that `inspect` goes by. */
export function tellLeakage({ train, dev, test }: Parts): void {
  const before = new Set<string>();
  let count = 0;
  for (const rows of [train, dev, test]) {
    const keys = rows.map(keyOf);
    count += keys.filter((key) => before.has(key)).length;
    for (const key of keys) before.add(key);
  }
  if (count === 0) return;
  const rows = count === 1 ? "1 row of dev or test is" : `${count} rows of dev or test are`;
  warn(`warning: ${rows} in an earlier part, too: scores will look better than they are`);
}

function keyOf({ text, textPair }: LabelledText): string {
  return textKey(textPair === undefined ? text : [text, textPair]);
}
