/**
 * Takes a file of unlabelled texts, or the data's parts; gives the texts to pretrain on and those held out.
 */

import { type PretrainData, splitRows } from "../../src/index.ts";
import { SPLIT } from "../../src/shared/defaults.ts";
import { type Notice, PageError } from "../i18n/messages.ts";
import { hasText, type Parts } from "./parts.ts";
import { guessColumns } from "./reading/columns.ts";
import { bytesOf, textOf } from "./reading/decode.ts";
import type { Encoding } from "./reading/encodings.ts";
import { readTable } from "./reading/parse.ts";
import { plainText } from "./reading/separator.ts";
import { dataRecords, type Table } from "./reading/table.ts";
import { unusualCell, unusualText } from "./reading/unusual.ts";

/** Share of the person's own texts that is held out. */
const HELD_OUT = SPLIT.dev;

export async function readTexts(file: File, chosen?: Encoding): Promise<OwnTexts> {
  const { name } = file;
  if (!/\.txt$/i.test(name)) {
    const table = await readTable(file, { encoding: chosen });
    const { encoding, guessed, notices } = table;
    const column = guessColumns(table).text;
    return { name, source: file, table, column, notices, encoding, guessed };
  }
  const { text, encoding, guessed } = textOf(name, await bytesOf(file), chosen);
  const lines = text.split(/\r\n|[\r\n]/);
  // What follows the last line's end is none.
  if (lines.at(-1) === "") lines.pop();
  if (!lines.some(hasText)) throw new PageError("empty-file", (t) => t.parse.empty(name));
  const notice: Notice = { level: "note", text: (t) => t.parse.encoding(name, encoding) };
  const notices = !guessed || encoding === "utf-8" || chosen !== undefined ? [] : [notice];
  return { name, source: file, lines, notices, encoding, guessed };
}

/** Equal texts stay on one side. Undefined if there are no texts. */
export function textsOf(own: OwnTexts | undefined, parts: Parts | undefined): PretrainData | undefined {
  if (own === undefined) return parts && withDev(textsOfRows(parts.train), textsOfRows(parts.dev));
  const texts = (own.lines ?? textsOfColumn(own)).filter(hasText);
  if (texts.length === 0) return undefined;
  // `splitRows` needs labels: here all texts have the same one.
  const rows = texts.map((text) => ({ text, label: "text" }));
  const { train, dev = [] } = splitRows(rows, { dev: HELD_OUT, test: 0 });
  return withDev(textsOfRows(train), textsOfRows(dev));
}

function withDev(train: string[], dev: string[]): PretrainData {
  return dev.length > 0 ? { train, dev } : { train };
}

/** A pair gives both its texts. */
function textsOfRows(rows: readonly { text: string; textPair?: string }[]): string[] {
  return rows.flatMap(({ text, textPair }) => (textPair === undefined ? [text] : [text, textPair]));
}

function textsOfColumn({ table, column }: OwnTexts): string[] {
  if (table === undefined || column === undefined) return [];
  const at = table.columns.indexOf(column);
  return Array.from(dataRecords(table), ([, record]) => plainText(record[at]));
}

/** The person's own texts: the lines of a .txt, or a column of a table. */
export interface OwnTexts {
  name: string;
  /** Of a .txt: all of them, also those without text. */
  lines?: readonly string[] | undefined;
  table?: Table | undefined;
  column?: string | undefined;
  notices: readonly Notice[];
  /** The file, to be read once more in another encoding. */
  source: File;
  encoding?: Encoding | undefined;
  guessed: boolean;
}

/** A text that tells whether the encoding is right. */
export function sampleOf({ lines, table, column }: OwnTexts): string {
  return (table ? unusualCell(table, column) : unusualText(lines ?? [])) ?? "";
}
