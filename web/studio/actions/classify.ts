/**
 * Takes a text or a file of texts; sets `state.use` with what the classifier says, and `state.keep`
 * with what it saves. Makes the CSV that is downloaded.
 */
import Papa from "papaparse";
import type { Prediction } from "../../src/index.ts";
import { guessColumns } from "../data/columns.ts";
import { dataRecords, readTable, type Table } from "../data/parse.ts";
import { textOf } from "../data/parts.ts";
import { joined } from "../data/separator.ts";
import { isAbort, toFailure } from "../i18n/messages.ts";
import type { Store } from "../state/store.ts";
import { classifierInHand } from "./model.ts";

const ROWS_AT_ONCE = 32;
let stopping = new AbortController();

export async function classifyText(store: Store): Promise<void> {
  const { text, pairs, textPair, busy } = store.state.use;
  if (busy || text.trim() === "") return;
  store.patch("use", { busy: true, error: undefined });
  try {
    const asked = textOf(pairs ? { text, textPair } : { text });
    store.patch("use", { prediction: await classifierInHand().classify(asked) });
  } catch (error) {
    store.patch("use", { error: toFailure(error), prediction: undefined });
  } finally {
    store.patch("use", { busy: false });
  }
}

export async function openFile(store: Store, file: File): Promise<void> {
  stopping.abort();
  store.patch("use", { table: undefined, results: undefined, fileError: undefined, done: 0 });
  try {
    const table = await readTable(file);
    const { textColumn, pairColumn } = store.state.data;
    const known = (column: string | undefined): string | undefined =>
      table.columns.find((name) => name === column);
    const column = known(textColumn) ?? guessColumns(table).text;
    store.patch("use", { table, column, pairColumn: known(pairColumn) });
  } catch (error) {
    store.patch("use", { fileError: toFailure(error) });
  }
}

export async function classifyFile(store: Store): Promise<void> {
  const { table, column, pairs, pairColumn, running } = store.state.use;
  if (!table || column === undefined || running) return;
  stopping = new AbortController();
  const { signal } = stopping;
  store.patch("use", { running: true, done: 0, results: undefined, fileError: undefined });
  try {
    const at = table.columns.indexOf(column);
    const pairAt = pairs && pairColumn !== undefined ? table.columns.indexOf(pairColumn) : -1;
    const texts = [...dataRecords(table)].map(([, record]) => {
      const text = record[at] ?? "";
      return textOf(pairAt < 0 ? { text } : { text, textPair: record[pairAt] ?? "" });
    });
    const results: Prediction[] = [];
    for (let start = 0; start < texts.length; start += ROWS_AT_ONCE) {
      results.push(
        ...(await classifierInHand().classify(texts.slice(start, start + ROWS_AT_ONCE), { signal })),
      );
      store.patch("use", { done: results.length });
    }
    store.patch("use", { results });
  } catch (error) {
    if (!isAbort(error)) store.patch("use", { fileError: toFailure(error) });
  } finally {
    store.patch("use", { running: false });
  }
}

export function stopFile(): void {
  stopping.abort();
}

/**
 * The table with the predicted label, or labels, and every label's score added. Cells that a spreadsheet would run
 * as a formula get an apostrophe in front; the byte-order mark tells it that the text is UTF-8.
 */
export function resultsCsv(table: Table, results: readonly Prediction[], labels: readonly string[]): Blob {
  const several = results.some((prediction) => prediction.labels !== undefined);
  const fields = [
    ...table.columns,
    ...(several ? ["predicted_labels"] : ["predicted_label", "predicted_score"]),
    ...labels.map((label) => `score: ${label}`),
  ];
  const data = [...dataRecords(table)].map(([, record], index) => {
    const prediction = results[index];
    const scores = new Map(prediction?.scores.map(({ label, score }) => [label, score]));
    return [
      ...table.columns.map((_, at) => record[at] ?? ""),
      ...(several
        ? [joined(prediction?.labels ?? [], labels)]
        : [prediction?.label ?? "", prediction?.score.toFixed(4) ?? ""]),
      ...labels.map((label) => scores.get(label)?.toFixed(4) ?? ""),
    ];
  });
  const csv = Papa.unparse(
    { fields: fields.map(harmless), data: data.map((row) => row.map(harmless)) },
    { newline: "\r\n" },
  );
  return new Blob(["\ufeff", csv], { type: "text/csv;charset=utf-8" });
}

/** Spreadsheets run what begins with these, also after blanks, tabs or line ends, and in full width. */
function harmless(cell: string): string {
  return /^\s*[=+\-@＝＋－＠]/.test(cell) || /^[\t\r\n]/.test(cell) ? `'${cell}` : cell;
}

/** Saves in the chosen precision; kept until the precision or the model changes. */
export async function saveModel(store: Store): Promise<void> {
  if (store.state.keep.saving || store.state.keep.files) return;
  store.patch("keep", { saving: true, error: undefined });
  try {
    store.patch("keep", { files: await classifierInHand().save({ dtype: store.state.keep.dtype }) });
  } catch (error) {
    store.patch("keep", { error: toFailure(error) });
  } finally {
    store.patch("keep", { saving: false });
  }
}

/** The adapter that is on, alone; kept until the model changes. */
export async function saveAdapter(store: Store): Promise<void> {
  if (store.state.keep.adapter) return;
  store.patch("keep", { adapterError: undefined });
  try {
    const base = store.state.model.name;
    store.patch("keep", { adapter: await classifierInHand().saveAdapter({ base }) });
  } catch (error) {
    store.patch("keep", { adapterError: toFailure(error) });
  }
}
