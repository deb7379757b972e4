// Takes the name of a CSV file, or the bundled sample's URL; gives labelled rows in train, dev and test parts.
// Reads files and the site, and writes nothing. Errors name the file, what was expected and what was found.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import Papa from "papaparse";
import type { LabelledText } from "../bertlet.d.ts";
import { splitRows } from "../src/page/split.ts";
import { delimiterOf } from "../studio/data/reading/delimiter.ts";

export interface Task {
  name: string;
  train: readonly LabelledText<string>[];
  dev: readonly LabelledText<string>[];
  test: readonly LabelledText<string>[];
  /** In the order of the training rows' sorted labels. */
  labels: readonly string[];
}

/** The seed of the split of a single file; the same one as the studio's. */
const SPLIT_SEED = 42;
const COLUMNS = ["text", "label"] as const;

/** The page's own sample, split in three. */
export async function sampleTask(site: string): Promise<Task> {
  const url = `${site}sample/sample-en.csv`;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: the bundled sample was expected, found HTTP ${response.status}`);
  return splitTask("the bundled sample", rowsOf("sample-en.csv", await response.text()));
}

/** A person's file: `train.csv` with `dev.csv` and `test.csv` beside it as they are, any other split in three. */
export async function fileTask(path: string): Promise<Task> {
  const read = async (file: string): Promise<LabelledText<string>[]> =>
    rowsOf(file, await readFile(file, "utf8"));
  const [dev, test] = ["dev.csv", "test.csv"].map((name) => join(dirname(path), name)) as [string, string];
  if (basename(path).toLowerCase() !== "train.csv" || !existsSync(dev) || !existsSync(test)) {
    return splitTask(path, await read(path));
  }
  return checked({ name: path, train: await read(path), dev: await read(dev), test: await read(test) });
}

function splitTask(name: string, rows: readonly LabelledText<string>[]): Task {
  if (rows.length === 0) return checked({ name, train: [], dev: [], test: [] });
  const { train, dev = [], test = [] } = splitRows(rows, { seed: SPLIT_SEED });
  return checked({ name, train, dev, test });
}

function checked(task: Omit<Task, "labels">): Task {
  const labels = [...new Set(task.train.map((row) => row.label))].sort();
  if (labels.length < 2) {
    throw new Error(
      `${task.name}: training rows of at least two labels were expected, found ${task.train.length} rows of ` +
        `${labels.length === 1 ? `the label ${JSON.stringify(labels[0])}` : "no label"}`,
    );
  }
  return { ...task, labels };
}

/** The rows of a CSV text with a header line that names the columns `text` and `label`, in any case. */
export function rowsOf(name: string, csv: string): LabelledText<string>[] {
  const plain = csv.replace(/^\uFEFF/, "");
  const { data } = Papa.parse<string[]>(plain, { delimiter: delimiterOf(plain), skipEmptyLines: "greedy" });
  const header = (data[0] ?? []).map((cell) => cell.trim().toLowerCase());
  const [text, label] = COLUMNS.map((column) => header.indexOf(column)) as [number, number];
  if (text < 0 || label < 0) {
    throw new Error(
      `${name}: a first line with the columns text and label was expected, found ` +
        `${data[0] === undefined ? "an empty file" : JSON.stringify(data[0].join(","))}; rename the columns`,
    );
  }
  return data.slice(1).map((record, index) => {
    const row = { text: record[text], label: record[label]?.trim() };
    if (row.text === undefined || !row.label) {
      throw new Error(
        `${name}: row ${index + 1} after the header: a text and a label were expected, found ` +
          `${JSON.stringify(record.join(","))}; complete or remove the row`,
      );
    }
    return { text: row.text, label: row.label };
  });
}
