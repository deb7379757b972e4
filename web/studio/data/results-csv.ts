/**
 * Takes a table and the predictions for its rows; gives the CSV that is downloaded.
 */
import type { Prediction } from "../../src/index.ts";
import { csvFile } from "./csv.ts";
import { joinLabels, LIST, SEPARATORS } from "./separator.ts";
import { dataRecords, type Table } from "./table.ts";

/** Adds the predicted label or labels and every label's score to the table. */
export function resultsCsv(table: Table, results: readonly Prediction[], labels: readonly string[]): Blob {
  const multiLabel = results.some((prediction) => prediction.labels !== undefined);
  const fields = [
    ...table.columns,
    ...(multiLabel ? ["predicted_labels"] : ["predicted_label", "predicted_score"]),
    ...labels.map((label) => `score: ${label}`),
  ];
  const data = [...dataRecords(table)].map(([, record], index) => {
    const prediction = results[index];
    const scores = new Map(prediction?.scores.map(({ label, score }) => [label, score]));
    return [
      ...table.columns.map((_, at) => (record[at] ?? "").replaceAll(LIST, SEPARATORS[0])),
      ...(multiLabel
        ? [joinLabels(prediction?.labels ?? [], labels)]
        : [prediction?.label ?? "", prediction?.score.toFixed(4) ?? ""]),
      ...labels.map((label) => scores.get(label)?.toFixed(4) ?? ""),
    ];
  });
  return csvFile(fields, data);
}
