/**
 * Takes a table and the predictions for its rows; gives the CSV that is downloaded.
 */
import Papa from "papaparse";
import type { Prediction } from "../../src/index.ts";
import { joinLabels, LIST, SEPARATORS } from "./separator.ts";
import { dataRecords, type Table } from "./table.ts";

/**
 * Adds the predicted label or labels and every label's score to the table. Every cell is quoted, and what a spreadsheet
 * would run as a formula gets an apostrophe in front. The byte-order mark tells a spreadsheet that the text is UTF-8.
 */
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
  const csv = Papa.unparse(
    { fields: fields.map(withoutFormula), data: data.map((row) => row.map(withoutFormula)) },
    { newline: "\r\n", quotes: true },
  );
  return new Blob(["\ufeff", csv], { type: "text/csv;charset=utf-8" });
}

/** Spreadsheets run cells that begin with these as formulas, also after white space and in full width. */
const FORMULA = /^\s*[=+\-@＝＋－＠]/;
/**
 * Where lists are split by another sign than the comma, a quoted cell that is not its line's first is split all the same:
 * then what follows the sign begins a cell. A smiley such as ;-) is no formula.
 */
const FORMULA_INSIDE = /([;|\t\r\n]["\s]*)(?=[=@＝＠]|[+\-＋－][\p{L}\p{N}("@=])/gu;

function withoutFormula(cell: string): string {
  const inside = cell.replace(FORMULA_INSIDE, "$1'");
  return FORMULA.test(cell) || /^[\t\r\n]/.test(cell) ? `'${inside}` : inside;
}
