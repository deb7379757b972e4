/**
 * Takes a text or a file of texts; sets `state.use` with the classifier's predictions.
 */

import type { Prediction } from "../../src/index.ts";
import { INFERENCE } from "../../src/shared/defaults.ts";
import { guessColumns } from "../data/columns.ts";
import { readTable } from "../data/parse.ts";
import { textOf } from "../data/parts.ts";
import { plainText } from "../data/separator.ts";
import { dataRecords, type Reading } from "../data/table.ts";
import { isAbort, toFailure } from "../i18n/messages.ts";
import type { Store } from "../state/store.ts";
import { classifierInHand } from "./model.ts";
import { keepSoon } from "./project-keeper.ts";

const ROWS_AT_ONCE = INFERENCE.batchSize;
let stopping = new AbortController();

export async function classifyText(store: Store): Promise<void> {
  const { text, pairs, textPair, busy } = store.state.use;
  if (busy || text.trim() === "") return;
  store.patch("use", { busy: true, error: undefined });
  try {
    const input = textOf(pairs ? { text, textPair } : { text });
    store.patch("use", { prediction: await classifierInHand().classify(input) });
  } catch (error) {
    store.patch("use", { error: toFailure(error), prediction: undefined });
  } finally {
    store.patch("use", { busy: false });
  }
}

export async function openFile(store: Store, file: File, reading: Reading = {}): Promise<void> {
  stopping.abort();
  store.patch("use", { table: undefined, results: undefined, fileError: undefined, done: 0 });
  try {
    const table = await readTable(file, reading);
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
      const text = plainText(record[at]);
      return textOf(pairAt < 0 ? { text } : { text, textPair: plainText(record[pairAt]) });
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

/** Answers with a lower score are left open from now on. Kept with the project. */
export function leaveOpenBelow(store: Store, leaveOpen: number): void {
  store.patch("use", { leaveOpen });
  keepSoon(store);
}
