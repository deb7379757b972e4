/**
 * Takes the bytes of a spreadsheet, or the markup of a table that was saved as one; gives the rows of a sheet. The reader
 * of .xlsx, .xls, .ods and HTML is large: it is fetched with the first such file, and not before.
 */
import { type Notice, PageError } from "../../i18n/messages.ts";
import { filledCells, gridOf, leaveOutHeaders, type Parsed, titleLines } from "./table.ts";
import type { Answer, Book, Sheet } from "./workbook.ts";

const ZIP = [0x50, 0x4b, 3, 4];
/** The container of old .xls files. */
const COMPOUND = [0xd0, 0xcf, 0x11, 0xe0];

/** The table of HTML, Excel's XML and OpenDocument's. */
const TABLE = /<([\w-]+:)?(table|workbook)[\s>]/i;
/** A page's first tag, below comments. */
const BEGINNING =
  /^\s*(<!--[\s\S]*?-->\s*)?<(\?xml|!doctype|html|head|meta|style|body|table|thead|tbody|tr|div)\b/i;
/** The rows of a table that were copied without it. */
const ROWS_ALONE = /^\s*<(thead|tbody|tr)[\s>][\s\S]*<\/tr>\s*(<\/(thead|tbody)>\s*)?$/i;

export function isSpreadsheet(bytes: Uint8Array): boolean {
  return [ZIP, COMPOUND].some((magic) => magic.every((byte, at) => bytes[at] === byte));
}

/** Web pages call a table .xls, and a browser saves it as it is. Cells of a CSV may hold markup, too. */
export function isMarkup(text: string): boolean {
  return BEGINNING.test(text) && (TABLE.test(text) || ROWS_ALONE.test(text));
}

export async function readSpreadsheet(
  name: string,
  content: Uint8Array<ArrayBuffer> | string,
  chosen: string | undefined,
  notices: Notice[],
): Promise<Parsed> {
  const isAlone = typeof content === "string" && ROWS_ALONE.test(content);
  const whole = isAlone ? `<table>${content}</table>` : content;
  const book = await bookOf(name, whole);
  const sheets = book.sheets.filter(({ records }) => records.some(holdsText));
  const sheet = sheets.find((each) => each.name === chosen) ?? likelySheet(sheets);
  const records = (sheet?.records ?? []).map((record) => [...record]);
  const lines = records.map((_, index) => (sheet?.first ?? 1) + index);
  const filled = records.map(holdsText);
  const keep = <T>(items: readonly T[]): T[] => items.filter((_, index) => filled[index]);
  const [kept, numbers] = [keep(records), keep(lines)];
  // A sheet fills up all its rows to one width.
  const titles = titleLines(kept.map(withoutEmptyEnd));
  if (titles > 0) {
    const skipped = kept.splice(0, titles).map((record) => record.filter((cell) => cell !== "").join(" "));
    numbers.splice(0, titles);
    notices.push({ level: "note", text: (t) => t.parse.title(name, titles), details: skipped });
  }
  leaveOutHeaders(name, kept, numbers, notices);
  const others = sheets.filter((each) => each !== sheet).map((each) => each.name);
  if (sheet && others.length > 0)
    notices.push({ level: "note", text: (t) => t.parse.sheets(name, sheet.name, others.join(", ")) });
  if (book.valueless > 0)
    notices.push({
      level: "note",
      text: (t) => t.parse.formulas(name, book.valueless),
      advice: (t) => t.parse.formulasHelp,
    });
  const format = typeof content === "string" ? "HTML" : (/\.(\w+)$/.exec(name)?.[1] ?? "XLSX").toUpperCase();
  return { ...gridOf(format, kept, numbers), sheets: sheets.map((each) => each.name) };
}

/** The first visible sheet, but no note of one column before a longer table. */
function likelySheet(sheets: readonly Sheet[]): Sheet | undefined {
  const visible = sheets.filter(({ hidden }) => !hidden);
  const [first = sheets[0]] = visible;
  const table = visible.find(({ records }) => records.some((record) => filledCells(record) > 1));
  return table && first && table.records.length > first.records.length ? table : first;
}

function holdsText(record: readonly string[]): boolean {
  return record.some((cell) => cell.trim() !== "");
}

function withoutEmptyEnd(record: readonly string[]): readonly string[] {
  return record.slice(0, record.findLastIndex((cell) => cell.trim() !== "") + 1);
}

async function bookOf(name: string, content: Uint8Array<ArrayBuffer> | string): Promise<Book> {
  try {
    // Where the page may have no worker, it reads by itself, and stands still for that long.
    return (await inWorker(name, content)) ?? (await (await reader(name)).bookOf(content));
  } catch (error) {
    if (error instanceof PageError) throw error;
    const fault = error instanceof Error ? error.message : String(error);
    if (/cells are repeated/.test(fault)) throw tooLarge(name);
    const locked = /password|encrypt/i.test(fault);
    throw new PageError(
      "bad-spreadsheet",
      (t) => (locked ? t.parse.lockedSpreadsheet(name) : t.parse.badSpreadsheet(name)),
      (t) => (locked ? t.parse.lockedHint : t.parse.spreadsheetHint),
    );
  }
}

function tooLarge(name: string): PageError {
  return new PageError(
    "file-too-large",
    (t) => t.parse.hugeSpreadsheet(name),
    (t) => t.parse.hugeHint,
  );
}

function reader(name: string): Promise<typeof import("./workbook.ts")> {
  return import("./workbook.ts").catch(() => {
    throw new PageError(
      "no-spreadsheet-reader",
      (t) => t.parse.noReader(name),
      (t) => t.parse.spreadsheetHint,
    );
  });
}

/** Undefined where no worker starts. Throws the reader's fault. */
function inWorker(name: string, content: Uint8Array<ArrayBuffer> | string): Promise<Book | undefined> {
  return new Promise((resolve, reject) => {
    if (typeof Worker === "undefined") {
      resolve(undefined);
      return;
    }
    const worker = new Worker(new URL("./workbook.js", import.meta.url), { type: "module" });
    const sheets: Sheet[] = [];
    let started = false;
    worker.onerror = () => {
      worker.terminate();
      // One that ran out of memory would take the page with it, if the page tried again.
      if (started) reject(tooLarge(name));
      else resolve(undefined);
    };
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ("started" in data) started = true;
      else if ("sheet" in data) sheets.push(data.sheet);
      else if ("records" in data) for (const record of data.records) sheets.at(-1)?.records.push(record);
      else {
        worker.terminate();
        if ("valueless" in data) resolve({ sheets, valueless: data.valueless });
        else reject(new Error(data.fault));
      }
    };
    worker.postMessage(content);
  });
}
