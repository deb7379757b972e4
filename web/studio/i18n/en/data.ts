/**
 * The texts of step 2, and what is wrong with a file or its rows, in English.
 */
import { count } from "./amounts.ts";

export const data = {
  ownTitle: "Your own",
  drop: "Drop one to three files here: CSV, TSV or JSONL.",
  pick: "Choose files",
  formats: "One row an example, one column with the text and one with the label. Up to 50 MB a file.",
  sampleTitle: "A sample to play with",
  sampleText: "Questions to a public library's help desk, sorted by who should answer them.",
  samples: { en: "English sample", zh: "Chinese sample" },
  sampleNote: "The default model was raised on English.",
  reading: "Reading…",
  said: (train: number, dev: number, test: number) =>
    `Data ready: ${train} to train on, ${dev} for dev, ${test} for test.`,
  tooMany: (most: number, given: number) =>
    `At most ${most} files are taken (train, dev and test); these would be ${given}.`,
  noSample: (name: string, status: number) =>
    `The sample ${name} could not be fetched: the server answered ${status}.`,
  filesTitle: "Files and columns",
  whileTraining: "The run under way keeps the data it began with.",
  file: "File",
  rows: "Rows",
  part: "Used as",
  firstLine: "Format",
  roleOf: (name: string) => `What ${name} is used as`,
  splitBelow: "split below",
  header: "header line",
  remove: "Remove",
  removeFile: (name: string) => `Remove ${name}`,
  textColumn: "Column with the text",
  textColumnHelp: "What the model will read.",
  labelColumn: "Column with the label",
  labelColumnHelp: "What it should answer.",
  preview: "The first rows",
  noticesTitle: "Worth knowing",
  inspecting: "Looking through the data…",
  reportTitle: "A look at the data",
  place: (part: string, row: number) => `${part}, row ${row}`,
  asIn: (place: string) => `(as ${place})`,
  blocked: "Training can begin once the points marked “Must fix” are gone.",
  labelsTitle: (n: number) => count(n, "label", "labels"),
  labelsCaption: "Rows of each label",
  label: "Label",
  moreLabels: (n: number) => `${n} more`,
  splitTitle: "Train, dev and test",
  partHelp: { train: "is learned from", dev: "is checked after each round", test: "is kept for the end" },
  seed: "Seed of the split",
  seedHelp: "Another number, another draw. Every label keeps its share: 80, 10 and 10 %.",
};

export const parse = {
  tooLarge: (name: string, size: number, most: number) =>
    `${name} is ${size.toFixed(1)} MB; at most ${most} MB are read.`,
  tooLargeHint: "Take fewer rows: a few thousand are plenty for fine-tuning.",
  encoding: (name: string, encoding: string) =>
    `${name} is not UTF-8; it was read as ${encoding}. If letters look wrong, save it as UTF-8.`,
  empty: (name: string) => `${name} holds no rows.`,
  spreadsheet: (name: string) => `${name} is a spreadsheet or zip file.`,
  spreadsheetHint: "Save it as CSV (UTF-8) and bring that.",
  binary: (name: string) => `${name} holds bytes that are no text in any encoding known here.`,
  quotes: (name: string) => `${name} has quotation marks that do not pair up. Check these rows.`,
  shifted: (name: string, rows: number, columns: number) =>
    `${name}: ${count(rows, "row has", "rows have")} more cells than the ${columns} columns and ${rows === 1 ? "was" : "were"} left out. Is a comma unquoted?`,
  badLines: (name: string, lines: number, first: string) =>
    `${name}: ${count(lines, "line is", "lines are")} not a JSON object. Line ${first}`,
  jsonHint: 'JSONL has one object a line, such as {"text": "…", "label": "…"}.',
};

export const rows = {
  sameColumn: "Text and label are the same column. Choose two different ones.",
  noTrain: "There are no rows to train on.",
  oneLabel: (label: string) =>
    `All rows to train on have one label${label ? ` (${label})` : ""}. At least two are needed.`,
  manyLabels: (labels: number, rows: number) =>
    `${labels} labels for ${rows} rows: is this the right label column?`,
  unknownLabels: (part: string, labels: number, rows: number) =>
    `${part}: ${count(rows, "row", "rows")} left out, with ${count(labels, "label", "labels")} that the training rows lack.`,
  noDev: "There is no dev file, so no dev curve.",
  noTest: "There is no test file; the model is judged on dev.",
  noColumn: (file: string, column: string) => `${file} has no column “${column}”.`,
  emptyText: (file: string, rows: number) => `${file}: ${count(rows, "row", "rows")} without text left out.`,
  emptyLabel: (file: string, rows: number) =>
    `${file}: ${count(rows, "row", "rows")} without a label left out.`,
};
