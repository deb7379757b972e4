/**
 * The texts of step 2, and what is wrong with a file or its rows, in English.
 */
import { isolated } from "../isolated.ts";
import { count } from "./amounts.ts";

export const data = {
  ownTitle: "Your own",
  drop: "Drop one to three files here: CSV, TSV, JSON or a spreadsheet.",
  pick: "Choose files",
  formats: (megabytes: number) =>
    `One example per row: a column with the text, a column with the label. At most ${megabytes} MB per file.`,
  sampleTitle: "A sample to play with",
  sampleText: "Questions to a public library's help desk, sorted by who should answer them.",
  samples: { en: "English sample", zh: "Chinese sample" },
  sampleNote: "The default model was trained on English text.",
  reading: "Reading…",
  said: (train: number, dev: number, test: number) =>
    `Data ready: ${train} to train on, ${dev} for dev, ${test} for test.`,
  tooMany: (most: number, given: number) =>
    `There may be at most ${most} files (train, dev and test), found ${given}.`,
  noSample: (name: string, status: number) =>
    `The sample ${name} could not be fetched: the server answered ${status}.`,
  own: (n: number) => `${count(n, "example was", "examples were")} typed or pasted in the bench.`,
  toBench: "To the bench",
  filesTitle: "Files and columns",
  whileTraining: "The current run keeps the data that it started with.",
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
  reportTitle: "Data report",
  place: (part: string, row: number) => `${part}, row ${row}`,
  asIn: (place: string) => `(as ${place})`,
  blocked: "Fix what is marked “Must fix”. Then training can start.",
  choose: "Choose a column",
  labelsTitle: (n: number) => count(n, "label", "labels"),
  labelsCaption: "Rows of each label",
  label: "Label",
  moreLabels: (n: number) => `${n} more`,
  labelsNotShown: (n: number) => `${count(n, "label is", "labels are")} not shown.`,
  splitTitle: "Train, dev and test",
  partHelp: {
    train: "rows that the model learns from",
    dev: "rows for an evaluation after each epoch",
    test: "rows for the evaluation at the end",
  },
  shuffle: "Shuffle again",
  seed: "Seed of the split",
  seedHelp: (train: number, dev: number, test: number) =>
    `Another number (the seed) splits the rows differently. Each label is split ${train} / ${dev} / ${test}\u00a0%.`,
};

export const rows = {
  sameColumn: "Text and label are the same column. Choose two different ones.",
  oneColumn: (file: string) => `${file} has one column. A column with the label of each text is missing.`,
  oneColumnHelp:
    "Choose what separates the cells if the file has more columns. Otherwise add the labels here by hand.",
  alike: (spellings: number, labels: number) =>
    `${spellings} spellings look like ${count(labels, "label", "labels")}. They differ only in case, spaces or invisible characters.`,
  alikeHelp: "Joined, each takes its most frequent spelling. Your file stays as it is.",
  join: "Join them",
  joinedTo: (spellings: number) =>
    `${count(spellings, "spelling was", "spellings were")} joined to a more frequent one.`,
  apart: "Keep them apart",
  noTrain: "There are no training rows.",
  oneLabel: (label: string) =>
    `All training rows have one label${label ? ` (${isolated(label)})` : ""}. At least two are needed.`,
  manyLabels: (labels: number, rows: number) =>
    `${labels} labels for ${rows} rows: is this the right label column?`,
  unknownLabels: (part: string, labels: number, rows: number) =>
    `${part}: ${count(rows, "row", "rows")} left out, since ${count(labels, "label is", "labels are")} missing from train.`,
  noDev: "There is no dev file, so there is no dev curve.",
  noTest: "There is no test file, so the model is evaluated on dev.",
  noColumn: (file: string, column: string) => `${file} has no column “${column}”.`,
  emptyText: (file: string, rows: number) =>
    `${file}: ${count(rows, "row without text was", "rows without text were")} left out.`,
  emptyLabel: (file: string, rows: number) =>
    `${file}: ${count(rows, "row without a label was", "rows without a label were")} left out.`,
};
