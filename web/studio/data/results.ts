/**
 * Takes a table with the predictions for its rows, and what the person made of them; gives the rows to download, the rows in
 * order of doubt, and counts of the labels.
 */
import type { LabelledText, Prediction } from "../../src/index.ts";
import { csvFile } from "./csv.ts";
import { joinLabels, LIST, splitLabels } from "./reading/separator.ts";
import { dataRecords, type Table } from "./reading/table.ts";

export interface Outcome {
  /** None for a row without a text. */
  results: readonly (Prediction | undefined)[];
  labels: readonly string[];
  /** Answers with a lower score are left open. */
  leaveOpen: number;
  /** The right labels of rows that a person looked at, by their index. */
  checked: ReadonlyMap<number, LabelledText["label"]>;
}

/** How many rows have an answer. */
export function answered(results: Outcome["results"]): number {
  return results.reduce((count, prediction) => count + Number(prediction !== undefined), 0);
}

type Cell = string | number | readonly string[];

export interface ResultRows {
  fields: string[];
  /** Scores are numbers, lists are lists. */
  rows: Cell[][];
  /** How many of the fields are the file's own. The others follow. */
  ownFields: number;
  /** Of a file of JSON, its rows with the values that they had: numbers, booleans, null, and values in values. */
  objects?: readonly Readonly<Record<string, unknown>>[] | undefined;
}

/** Whether a prediction is left open: unsure, or unlike the examples. Multi-label models have a threshold of their own. */
export function isOpen(prediction: Prediction | undefined, leaveOpen: number): boolean {
  if (prediction === undefined) return false;
  const { score, labels, unsure } = prediction;
  return labels === undefined && (score < leaveOpen || unsure === true);
}

/**
 * Adds the predicted label or labels and every label's score to the table; then what was left open and what a person said, where
 * there is any.
 */
export function resultRows(table: Table, { results, labels, leaveOpen, checked }: Outcome): ResultRows {
  const multiLabel = results.some((prediction) => prediction?.labels !== undefined);
  const open = results.some((prediction) => isOpen(prediction, leaveOpen));
  const added = [
    ...(multiLabel ? ["predicted_labels"] : ["predicted_label", "predicted_score"]),
    ...labels.map((label) => `score: ${label}`),
    ...(open ? ["left_open"] : []),
    ...(checked.size > 0 ? ["checked_label"] : []),
  ];
  const fields = [...table.columns];
  // A file that was classified before has such columns already.
  for (const name of added) {
    let [free, time] = [name, 1];
    while (fields.includes(free)) free = `${name} (${++time})`;
    fields.push(free);
  }
  const lists = new Set(table.lists);
  const rows = [...dataRecords(table)].map(([, record], index) => {
    const prediction = results[index];
    const scores = new Map(prediction?.scores.map(({ label, score }) => [label, rounded(score)]));
    const one = [prediction?.label ?? "", prediction ? rounded(prediction.score) : ""];
    return [
      ...table.columns.map((_, at) =>
        lists.has(at) ? splitLabels(record[at] ?? "", LIST) : (record[at] ?? ""),
      ),
      ...(multiLabel ? [prediction?.labels ?? []] : one),
      ...labels.map((label) => scores.get(label) ?? ""),
      ...(open ? [isOpen(prediction, leaveOpen) ? "yes" : "no"] : []),
      ...(checked.size > 0 ? [checked.get(index) ?? ""] : []),
    ];
  });
  return { fields, rows, ownFields: table.columns.length, objects: objectsOf(table) };
}

function objectsOf({ columns, records, objects }: Table): ResultRows["objects"] {
  return objects?.map(
    (object, row) =>
      object ?? Object.fromEntries((records[row] ?? []).map((cell, at) => [columns[at], cell])),
  );
}

/** The rows for a table whose cells hold no lists: each becomes one cell, in the form in which a file has it. */
export function gridRows({ fields, rows }: Pick<ResultRows, "fields" | "rows">): {
  fields: string[];
  rows: (string | number)[][];
} {
  const inColumn = fields.map((_, at) => [
    ...new Set(rows.flatMap((row) => (isList(row[at]) ? row[at] : []))),
  ]);
  const cell = (value: Cell, at: number): string | number =>
    isList(value) ? joinLabels(value, inColumn[at] ?? []) : value;
  return { fields, rows: rows.map((row) => row.map(cell)) };
}

function isList(value: Cell | undefined): value is readonly string[] {
  return Array.isArray(value);
}

function rounded(score: number): number {
  return Number(score.toFixed(4));
}

export function resultsCsv(made: ResultRows): Blob {
  const { fields, rows } = gridRows(made);
  const cell = (value: string | number): string => (typeof value === "number" ? value.toFixed(4) : value);
  return csvFile(
    fields,
    rows.map((row) => row.map(cell)),
  );
}

/** An object a line: what the file had, then what was added. */
export function resultsJsonl({ fields, rows, ownFields, objects }: ResultRows): Blob {
  const lines = rows.map((row, index) => {
    const cells = fields.map((name, at): [string, Cell] => [name, row[at] ?? ""]);
    const own = objects?.[index] ?? Object.fromEntries(cells.slice(0, ownFields));
    return JSON.stringify({ ...own, ...Object.fromEntries(cells.slice(ownFields)) });
  });
  return new Blob([`${lines.join("\n")}\n`], { type: "application/jsonl" });
}

/** The rows with the least sure answers first, those unlike the examples before all; of several labels, those with a score nearest to the threshold. */
export function byDoubt(results: Outcome["results"], threshold = 0.5): number[] {
  const sureness = results.map((prediction) => {
    if (prediction === undefined) return undefined;
    const { score, scores, labels, unsure } = prediction;
    return labels === undefined
      ? score - (unsure ? 1 : 0)
      : Math.min(...scores.map((each) => Math.abs(each.score - threshold)));
  });
  const rows = [...results.keys()].filter((row) => results[row] !== undefined);
  return rows.sort((a, b) => (sureness[a] ?? 0) - (sureness[b] ?? 0));
}

/** How many rows got each label, the most frequent first. What is left open counts for none. */
export function labelCounts({ results, labels, leaveOpen }: Omit<Outcome, "checked">): {
  counts: [label: string, rows: number][];
  open: number;
} {
  const counts = new Map<string, number>(labels.map((label) => [label, 0]));
  let open = 0;
  for (const prediction of results) {
    if (isOpen(prediction, leaveOpen)) open++;
    else if (prediction !== undefined)
      for (const label of prediction.labels ?? [prediction.label])
        counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return { counts: [...counts].sort((a, b) => b[1] - a[1]), open };
}
