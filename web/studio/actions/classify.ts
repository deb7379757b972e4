/**
 * Takes a text or a file of texts; sets `state.use` with the classifier's predictions.
 */

import type { LabelledText, Prediction } from "../../src/index.ts";
import { INFERENCE } from "../../src/shared/defaults.ts";
import type { Origin } from "../data/edits.ts";
import { hasText, textOf } from "../data/parts.ts";
import { guessColumns } from "../data/reading/columns.ts";
import { readTable } from "../data/reading/parse.ts";
import { plainText } from "../data/reading/separator.ts";
import { dataRecords, type Reading, type Table } from "../data/reading/table.ts";
import { byDoubt } from "../data/results.ts";
import { isAbort, toFailure } from "../i18n/messages.ts";
import type { Store } from "../state/store.ts";
import { noResults, noRows, type UseState } from "../state/use.ts";
import { correct } from "./corrections.ts";
import { keepAgain } from "./kept-model.ts";
import { classifierInHand, untilReplaced } from "./model.ts";
import { keepSoon } from "./project-keeper.ts";
import { StepTime } from "./step-time.ts";

const ROWS_AT_ONCE = INFERENCE.batchSize;
let stopping = new AbortController();

export async function classifyText(store: Store): Promise<void> {
  const { text, pairs, textPair, busy } = store.state.use;
  if (busy || text.trim() === "") return;
  const asked = pairs ? { text, textPair } : { text };
  store.patch("use", { busy: true, error: undefined });
  const replaced = untilReplaced();
  try {
    const prediction = await classifierInHand().classify(textOf(asked));
    if (!replaced.aborted) store.patch("use", { prediction, asked, said: undefined });
  } catch (error) {
    if (!replaced.aborted) store.patch("use", { error: toFailure(error), prediction: undefined });
  } finally {
    store.patch("use", { busy: false });
  }
}

export async function openFile(store: Store, file: File, reading: Reading = {}): Promise<void> {
  stopping.abort();
  const mine = new AbortController();
  stopping = mine;
  store.patch("use", { ...noRows(), table: undefined, fileError: undefined, done: 0 });
  try {
    const table = await readTable(file, reading);
    // A smaller file that was picked later is read sooner.
    if (mine.signal.aborted) return;
    const { textColumn, pairColumn } = store.state.data;
    const known = (column: string | undefined): string | undefined =>
      table.columns.find((name) => name === column);
    const column = known(textColumn) ?? guessColumns(table).text;
    store.patch("use", { table, column, pairColumn: known(pairColumn) });
  } catch (error) {
    if (!mine.signal.aborted) store.patch("use", { fileError: toFailure(error) });
  }
}

export async function classifyFile(store: Store): Promise<void> {
  const { table, column, pairs, pairColumn, running } = store.state.use;
  if (!table || column === undefined || running) return;
  stopping = new AbortController();
  const signal = AbortSignal.any([stopping.signal, untilReplaced()]);
  store.patch("use", { ...noResults(), running: true, done: 0, fileError: undefined });
  try {
    const at = table.columns.indexOf(column);
    const pairAt = pairs && pairColumn !== undefined ? table.columns.indexOf(pairColumn) : -1;
    const texts = [...dataRecords(table)].map(([, record]) => {
      const text = plainText(record[at]);
      return textOf(pairAt < 0 ? { text } : { text, textPair: plainText(record[pairAt]) });
    });
    const classifier = classifierInHand();
    const results = new Array<Prediction | undefined>(texts.length).fill(undefined);
    const rows = [...texts.keys()].filter((row) => hasText(texts[row] ?? ""));
    const time = new StepTime();
    let last = performance.now();
    for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
      const some = rows.slice(start, start + ROWS_AT_ONCE);
      const found = await classifier.classify(
        some.map((row) => texts[row] ?? ""),
        { signal },
      );
      for (const [at, row] of some.entries()) results[row] = found[at];
      const now = performance.now();
      time.add((now - last) / ROWS_AT_ONCE);
      last = now;
      const secondsLeft = time.secondsFor(rows.length - start - some.length);
      store.patch("use", { done: (some.at(-1) ?? 0) + 1, secondsLeft });
    }
    if (signal.aborted) return;
    const order = byDoubt(results, classifier.info.threshold);
    store.patch("use", { results, order });
  } catch (error) {
    if (!isAbort(error) && !signal.aborted) store.patch("use", { fileError: toFailure(error) });
  } finally {
    store.patch("use", { running: false, secondsLeft: undefined });
  }
}

/** The text of a row of the file, as it was classified. */
export function textOfRow({ table, column, pairs, pairColumn }: UseState, row: number): Texts {
  const record = table ? (recordsOf(table)[row] ?? []) : [];
  const cell = (name: string | undefined): string =>
    plainText(record[table?.columns.indexOf(name ?? "") ?? -1]);
  const text = cell(column);
  return pairs && pairColumn !== undefined ? { text, textPair: cell(pairColumn) } : { text };
}

type Texts = Omit<LabelledText, "label">;

const records = new WeakMap<Table, (readonly string[])[]>();
function recordsOf(table: Table): (readonly string[])[] {
  const found = records.get(table) ?? [...dataRecords(table)].map(([, record]) => record);
  records.set(table, found);
  return found;
}

/** Takes the person's word for a row of the file: it becomes an example, with the same labels or others. */
export function checkRow(store: Store, row: number, label: LabelledText["label"]): void {
  const { use } = store.state;
  const texts = textOfRow(use, row);
  // An example needs a text.
  if (texts.text.trim() === "") return;
  correct(store, { ...texts, label }, originOf(use.results?.[row], label));
  store.patch("use", { checked: new Map(use.checked).set(row, label) });
}

/** The same for the text that was tried. */
export function checkText(store: Store, label: LabelledText["label"]): void {
  const { asked, prediction } = store.state.use;
  if (!asked) return;
  correct(store, { ...asked, label }, originOf(prediction, label));
  store.patch("use", { said: label });
}

function originOf(prediction: Prediction | undefined, label: LabelledText["label"]): Origin {
  const key = (some: LabelledText["label"]): string =>
    typeof some === "string" ? some : [...some].sort().join("\n");
  return prediction && key(prediction.labels ?? prediction.label) === key(label) ? "confirmed" : "corrected";
}

export function stopFile(): void {
  stopping.abort();
}

/** The model in hand learns what the training texts look like: texts unlike them are left open from now on. */
export async function tellUnlike(store: Store): Promise<void> {
  const { data, use } = store.state;
  const train = data.parts?.train ?? [];
  if (use.scope !== "off" || train.length === 0) return;
  store.patch("use", { scope: "working", scopeError: undefined });
  const replaced = untilReplaced();
  try {
    await classifierInHand().fitScope(train.map(textOf));
    if (replaced.aborted) return;
    // The rest of a file would be answered otherwise than its beginning.
    stopFile();
    store.patch("use", { ...noResults(), scope: "on", prediction: undefined });
    // A model is saved with it. To keep it without its adapter would end it.
    store.patch("keep", { files: undefined });
    if (classifierInHand().info.activeAdapter === undefined) await keepAgain(store);
  } catch (error) {
    if (replaced.aborted) return;
    const scope = classifierInHand().info.scope === undefined ? "off" : "on";
    store.patch("use", { scope, scopeError: toFailure(error) });
  }
}

/** Answers with a lower score are left open from now on. Kept with the project. */
export function leaveOpenBelow(store: Store, leaveOpen: number): void {
  store.patch("use", { leaveOpen, openOnly: false, resultPage: 0 });
  keepSoon(store);
}
