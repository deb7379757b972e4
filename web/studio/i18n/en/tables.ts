/**
 * The texts about reading files as tables, in English: what is wrong with a file, and the choices of how to read it.
 */
import { count } from "./amounts.ts";

export const parse = {
  tooLarge: (name: string, size: number, most: number) =>
    `${name} has ${size.toFixed(1)} MB; a file may have at most ${most} MB.`,
  tooLargeHint: "Use fewer rows: a few thousand are plenty for fine-tuning.",
  encoding: (name: string, encoding: string) =>
    `${name} is not UTF-8; it was read as ${encoding}. If letters look wrong, choose another encoding.`,
  empty: (name: string) => `${name} holds no rows.`,
  columns: (name: string, columns: number, most: number) =>
    `${name} has ${columns.toLocaleString("en")} columns. At most ${most.toLocaleString("en")} are read.`,
  columnsHelp:
    "Keep the column with the text and the one with the label. A wrong separator makes many columns, too.",
  spreadsheetHint: "Save it as CSV (UTF-8) and bring that.",
  badSpreadsheet: (name: string) =>
    `${name} could not be read as a spreadsheet. It may be damaged, or another kind of file.`,
  hugeSpreadsheet: (name: string) => `${name} has more cells than this page can hold.`,
  hugeHint:
    "Copy the columns with the text and the label to a sheet of their own, and save it as CSV (UTF-8). Cells that repeat to the edge of a sheet count, too.",
  formulas: (name: string, formulas: number) =>
    `${name}: ${count(formulas, "formula has", "formulas have")} no value, so ${formulas === 1 ? "its cell is" : "their cells are"} empty here.`,
  formulasHelp: "Open the file in the spreadsheet program and save it again.",
  lockedSpreadsheet: (name: string) => `${name} is protected by a password.`,
  lockedHint: "Save it without the password, or as CSV (UTF-8).",
  noReader: (name: string) =>
    `${name} is a spreadsheet, and the reader of spreadsheets could not be fetched.`,
  sheets: (name: string, sheet: string, others: string) =>
    `${name}: the sheet “${sheet}” is used. Other sheets: ${others}.`,
  title: (name: string, lines: number) =>
    `${name}: ${count(lines, "line above the column names was", "lines above the column names were")} left out.`,
  damaged: (name: string, characters: number) =>
    `${name} has ${count(characters, "damaged character", "damaged characters")}, shown as �.`,
  binary: (name: string) => `${name} is not text in any encoding that this page knows.`,
  swallowed: (name: string, lines: number) =>
    `${name}: ${lines} lines stand between quotation marks that do not pair up, and were left out.`,
  quotes: (name: string) => `${name} has quotation marks that do not pair up. Check these rows.`,
  shifted: (name: string, rows: number, columns: number) =>
    `${name}: ${count(rows, "row has", "rows have")} more cells than the ${columns} columns and ${rows === 1 ? "was" : "were"} left out. Perhaps a comma is not quoted.`,
  headers: (name: string, lines: number, first: number) =>
    `${name}: the names of the columns come again in ${count(lines, "line", "lines")}, the first time in line ${first}. They are not read as rows.`,
  badLines: (name: string, lines: number, first: string) =>
    `${name}: ${count(lines, "line is", "lines are")} not a JSON object. Line ${first}`,
  badJson: (name: string, fault: string) =>
    `${name} holds no rows that this page can find${fault ? `: ${fault}` : "."}`,
  noObjects: (name: string, entries: number) =>
    `${name}: ${count(entries, "entry is", "entries are")} not a JSON object and ${entries === 1 ? "was" : "were"} left out.`,
  joinedLists: (name: string, lists: string) =>
    `${name} has several lists of rows, which are read as one: ${lists}. To keep their parts, save each as a file.`,
  listsOfLabels: (name: string, labels: string) =>
    `${name}: each list is read as the texts of one label: ${labels}.`,
  listedTexts: (name: string, records: number, rows: number) =>
    `${name}: ${count(records, "entry lists", "entries list")} several texts. Each is a row of its own: ${rows} in all.`,
  otherLists: (name: string, others: string) => `${name}: the longest list was read. Other lists: ${others}.`,
  jsonHint:
    'Write one object per line, or an array of objects, such as {"text": "…", "label": "…"}. An object of two lists, text and label, will do too.',
};

export const reading = {
  encoding: (file: string) => `Encoding of ${file}`,
  encodingHelp: "Choose another if letters look wrong below.",
  encodingSample: (text: string) => `Choose another if letters look wrong here: “${text}”`,
  delimiter: (file: string) => `What separates the cells of ${file}`,
  delimiterHelp: "A file of one column has no labels.",
  sheet: (file: string) => `Sheet of ${file}`,
  oneColumn: "Nothing: one column",
  delimiters: {
    ",": "Comma ,",
    ";": "Semicolon ;",
    "\t": "Tab",
    "|": "Bar |",
    "^": "Caret ^",
    "~": "Tilde ~",
    ":": "Colon :",
    " ": "Space",
  },
  unusual: "First rows with letters such as é or 字",
  previewOf: (caption: string, file: string) => `${caption} of ${file}`,
  byHand: "Add labels by hand",
  byHandTitle: "Labels by hand",
  byHandHelp: "Type a label and press Enter. Rows without a label are left out.",
  labelOf: (row: number) => `Label of row ${row}`,
  labelled: (done: number, of: number) => `${done} of ${of} labelled`,
  earlier: "Earlier rows",
  later: "Later rows",
};

export const encodings = {
  "utf-8": "Unicode (UTF-8)",
  "utf-16le": "Unicode (UTF-16, little-endian)",
  "utf-16be": "Unicode (UTF-16, big-endian)",
  "windows-1252": "Western European (Windows-1252)",
  "windows-1250": "Central European (Windows-1250)",
  "windows-1251": "Cyrillic (Windows-1251)",
  "windows-1253": "Greek (Windows-1253)",
  "windows-1254": "Turkish (Windows-1254)",
  "windows-1255": "Hebrew (Windows-1255)",
  "windows-1256": "Arabic (Windows-1256)",
  "windows-1257": "Baltic (Windows-1257)",
  "windows-1258": "Vietnamese (Windows-1258)",
  "windows-874": "Thai (Windows-874)",
  "iso-8859-2": "Central European (ISO-8859-2)",
  "iso-8859-4": "Baltic (ISO-8859-4)",
  "iso-8859-5": "Cyrillic (ISO-8859-5)",
  "iso-8859-6": "Arabic (ISO-8859-6)",
  "iso-8859-7": "Greek (ISO-8859-7)",
  "iso-8859-13": "Baltic (ISO-8859-13)",
  "iso-8859-15": "Western European (ISO-8859-15)",
  "koi8-r": "Russian (KOI8-R)",
  "koi8-u": "Ukrainian (KOI8-U)",
  ibm866: "Cyrillic (DOS, 866)",
  macintosh: "Western European (Macintosh)",
  "x-mac-cyrillic": "Cyrillic (Macintosh)",
  gb18030: "Simplified Chinese (GB18030, GBK)",
  big5: "Traditional Chinese (Big5)",
  shift_jis: "Japanese (Shift_JIS)",
  "euc-jp": "Japanese (EUC-JP)",
  "iso-2022-jp": "Japanese (ISO-2022-JP)",
  "euc-kr": "Korean (EUC-KR)",
};
