/**
 * Takes the files and choices of step 2; sets `state.data`. Multi-label rows rule out some methods: then the
 * recipe's method changes too. The only actions on the data: add, remove, read again, assign a part, choose columns,
 * join labels, label by hand, load a sample.
 */

import { nextTurn } from "../../src/shared/next-turn.ts";
import { withLabel, withLabelColumn } from "../data/by-hand.ts";
import { type Edits, type Example, isOwn, noEdits, replaces, rowKey, withSpellings } from "../data/edits.ts";
import { type DataFile, newFile, type Role } from "../data/parts.ts";
import type { ExamplesRecord } from "../data/project/project-record.ts";
import { guessColumns, listsIn } from "../data/reading/columns.ts";
import { joined } from "../data/reading/look-alikes.ts";
import { readTable } from "../data/reading/parse.ts";
import { LIST, likelySeparator, type Separator } from "../data/reading/separator.ts";
import { type Reading, type Table, withHeader } from "../data/reading/table.ts";
import { assemble, type FileRows, noRows, rowsOfFiles, someCells } from "../data/rows.ts";
import { ROWS } from "../data/slices.ts";
import { type Notice, PageError, toFailure } from "../i18n/messages.ts";
import type { DataState } from "../state/data.ts";
import { trainsHead, withMethod } from "../state/recipe.ts";
import type { Store } from "../state/store.ts";
import { editsOf } from "./project-parts.ts";

const MOST_FILES = 3;
const MOST_UNDONE = 100;
/** Label cells that are searched for several labels in one cell. */
const LOOKED_AT = 500;
const ROLE_NAMES: readonly [Role, RegExp][] = [
  ["test", /test|测试/i],
  ["dev", /dev|val|验证/i],
  ["train", /train|训练/i],
];

let adding: Promise<void> = Promise.resolve();
/** Of the project whose examples these are: what was being read for the one before is dropped. */
let project = 0;

/** Another project takes the place of the one in hand. */
export function dropExamples(): void {
  project++;
  latest++;
  pending = {};
}

/** Files that are given while others are read join them: one after another. */
export function addFiles(store: Store, files: readonly File[], sample = false): Promise<void> {
  const of = project;
  adding = adding.then(() => readFiles(store, files, sample, () => of === project));
  return adding;
}

async function readFiles(
  store: Store,
  files: readonly File[],
  sample: boolean,
  current: () => boolean,
): Promise<void> {
  if (!current()) return;
  store.patch("data", { reading: true, error: undefined });
  const refuseMore = (before: readonly DataFile[]): void => {
    const count = before.length + files.length;
    if (count > MOST_FILES) throw new PageError("too-many-files", (t) => t.data.tooMany(MOST_FILES, count));
  };
  const there = (): readonly DataFile[] => {
    const { sample: own, files } = { ...store.state.data, ...pending };
    return sample || own ? [] : files;
  };
  try {
    refuseMore(there());
    const tables: Table[] = [];
    for (const file of files) tables.push(await readTable(file));
    if (!current()) return;
    // Some may have been removed meanwhile.
    const before = there();
    refuseMore(before);
    const added: DataFile[] = [];
    for (const table of tables) added.push(newFile(table, freeRole(table.name, [...before, ...added])));
    const all = [...before, ...added];
    // The page splits a single file, whatever its name says.
    const kinds =
      before.length === 0 ? { pairColumn: undefined, separator: undefined, joins: new Map() } : {};
    // What was changed over the rows of files that are gone is of no other file's.
    const { edits } = { ...store.state.data, ...pending };
    const changes = before.length === 0 && edits.changed.size + edits.renamed.size > 0;
    const others = changes ? { edits: { ...edits, changed: new Map(), renamed: new Map() }, past: [] } : {};
    store.patch("data", { sample, ...kinds, ...others });
    await setFiles(store, all.length === 1 ? all.map((file) => ({ ...file, role: "train" as const })) : all);
  } catch (error) {
    if (current()) store.patch("data", { error: toFailure(error) });
  } finally {
    store.patch("data", { reading: false });
  }
}

/** Loads the sample in one language, a file in the page's own folder. */
export async function addSample(store: Store, language: "en" | "zh"): Promise<void> {
  const name = `sample-${language}.csv`;
  const [of, { edits }] = [project, current(store)];
  store.patch("data", { reading: true, error: undefined });
  try {
    const response = await fetch(`./sample/${name}`);
    if (!response.ok) throw new PageError("fetch-failed", (t) => t.data.noSample(name, response.status));
    const text = await response.blob();
    if (of !== project) return;
    // What was typed while it came stays.
    if (current(store).edits === edits) store.patch("data", { edits: noEdits, past: [] });
    await addFiles(store, [new File([text], name)], true);
  } catch (error) {
    if (of === project) store.patch("data", { error: toFailure(error), reading: false });
  }
}

/** Puts the files of a kept project in place, with all that was chosen of them. */
export async function restoreExamples(
  store: Store,
  record: ExamplesRecord,
  files: readonly DataFile[],
): Promise<void> {
  const { sample, textColumn, pairColumn, labelColumn, separator, joins, splitSeed } = record;
  const choices = { sample, textColumn, pairColumn, labelColumn, separator, splitSeed };
  pending = {};
  await reassemble(store, {
    ...choices,
    ...{ files, joins: new Map(joins), past: [] },
    edits: record.edits ? editsOf(record.edits, files) : noEdits,
  });
}

export function removeFile(store: Store, index: number): void {
  const files = current(store).files.filter((_, at) => at !== index);
  void setFiles(
    store,
    files.length === 1 ? files.map((file) => ({ ...file, role: "train" as const })) : files,
  );
}

/** Assigns a part to a file. The file that had this part takes the other's. */
export function setRole(store: Store, index: number, role: Role): void {
  const files = current(store).files;
  const former = files[index]?.role;
  void setFiles(
    store,
    files.map((file, at) =>
      at === index ? { ...file, role } : file.role === role && former ? { ...file, role: former } : file,
    ),
  );
}

export function setHeader(store: Store, index: number, hasHeader: boolean): void {
  void setTable(store, index, (table) => withHeader(table, hasHeader));
}

/** Reads a file once more, after a choice of its encoding, delimiter or sheet. It stays as it was if that fails. */
export async function readAgain(store: Store, index: number, reading: Reading): Promise<void> {
  const file = current(store).files[index];
  if (file === undefined) return;
  const { id, table } = file;
  const of = project;
  store.patch("data", { reading: true, error: undefined });
  try {
    const again = await readTable(table.source, { ...table.reading, ...reading });
    if (of !== project) return;
    // It may have been removed, or stand at another place.
    const place = current(store).files.findIndex((each) => each.id === id);
    // Changes over the rows of one sheet are none over another's.
    const { edits } = current(store);
    const changed = new Map([...edits.changed].filter(([key]) => !key.startsWith(`${id}/`)));
    const others = reading.sheet === undefined ? {} : { edits: { ...edits, changed }, past: [] };
    if (place >= 0) await setTable(store, place, () => again, others);
  } catch (error) {
    if (of === project) store.patch("data", { error: toFailure(error) });
  } finally {
    if (of === project) store.patch("data", { reading: false });
  }
}

/** Gives a file without labels a column for them. */
export function labelByHand(store: Store, index: number): void {
  void setTable(store, index, withLabelColumn, { handPage: 0 });
}

export function setHandLabel(store: Store, index: number, row: number, label: string): void {
  void setTable(store, index, (table) => withLabel(table, row, label));
}

/** Joins labels that look alike, each to its most frequent spelling. */
export function joinAlike(store: Store): void {
  const { alike, joins, edits } = current(store);
  const all = joined(alike, joins);
  void reassemble(store, { joins: all, edits: withSpellings(edits, all) });
}

export function takeApart(store: Store): void {
  void reassemble(store, { joins: new Map() });
}

function setTable(
  store: Store,
  index: number,
  change: (table: Table) => Table,
  fields: Partial<DataState> = {},
): Promise<void> {
  const files = current(store).files.map((file, at) =>
    at === index ? { ...file, table: change(file.table) } : file,
  );
  return setFiles(store, files, fields);
}

export function setColumns(
  store: Store,
  fields: Partial<Pick<DataState, "textColumn" | "pairColumn" | "labelColumn" | "separator">>,
): void {
  // The separator and the joins were chosen for another column.
  const { files } = current(store);
  const { edits } = current(store);
  const ofLabels = {
    separator: listSeparator(files, fields.labelColumn),
    joins: new Map(),
    // Own rows stay; the other changes were made over that column's labels, and none comes back by an undo.
    edits: { ...noEdits, own: edits.own, cards: edits.cards },
    past: [],
  };
  void reassemble(store, "labelColumn" in fields ? { ...ofLabels, ...fields } : fields);
}

export function setSplitSeed(store: Store, splitSeed: number): void {
  void reassemble(store, { splitSeed });
}

function freeRole(name: string, taken: readonly DataFile[]): Role {
  const free = (["train", "dev", "test"] as const).filter(
    (role) => !taken.some((file) => file.role === role),
  );
  const named = ROLE_NAMES.find(([, pattern]) => pattern.test(name))?.[0];
  return (named && free.includes(named) ? named : free[0]) ?? "test";
}

async function setFiles(
  store: Store,
  files: readonly DataFile[],
  fields: Partial<DataState> = {},
): Promise<void> {
  const first = trainFile(files);
  const { textColumn, pairColumn, labelColumn, separator, joins } = current(store);
  const has = (column: string | undefined): boolean =>
    column !== undefined && first?.table.columns.includes(column) === true;
  const guess = first ? guessColumns(first.table) : { text: undefined, label: undefined };
  const label = has(labelColumn) ? labelColumn : guess.label;
  await reassemble(store, {
    files,
    textColumn: has(textColumn) ? textColumn : guess.text,
    pairColumn: has(pairColumn) ? pairColumn : undefined,
    labelColumn: label,
    separator: separator ?? listSeparator(files, label),
    joins: label === labelColumn ? joins : new Map(),
    ...fields,
  });
}

/** Where the file itself lists labels, and one row at least has several: that these are lists needs no choice. */
function listSeparator(files: readonly DataFile[], label: string | undefined): Separator | undefined {
  const table = trainFile(files)?.table;
  return table && listsIn(table, label) ? LIST : undefined;
}

/** Changes made in the bench. The state before is kept, so that the change can be undone. */
export function setEdits(store: Store, change: (edits: Edits) => Edits): void {
  const { edits, past } = current(store);
  const next = change(edits);
  if (next !== edits) void reassemble(store, { edits: next, past: [...past, edits].slice(-MOST_UNDONE) });
}

/** Rows of files in whose places corrected or confirmed ones stand: with those gone, they would be back. */
export function hiddenBehind(store: Store, own: readonly Example[]): string[] {
  const texts = new Set(
    own.filter(({ key, origin }) => isOwn(key) && replaces(origin)).map(({ row }) => rowKey(row)),
  );
  if (texts.size === 0) return [];
  const shown = new Set(store.state.data.examples.map(({ key }) => key));
  const hidden = (read?.rows.examples ?? []).filter(
    ({ key, row }) => !shown.has(key) && texts.has(rowKey(row)),
  );
  return hidden.map(({ key }) => key);
}

export function undoEdit(store: Store): void {
  const { past } = current(store);
  const edits = past.at(-1);
  if (edits) void reassemble(store, { edits, past: past.slice(0, -1) });
}

/** The rows of the files as they were read last: what is changed in the bench needs no file read once more. */
let read: { of: readonly unknown[]; rows: FileRows } | undefined;

async function rowsRead(
  files: readonly DataFile[],
  columns: Parameters<typeof rowsOfFiles>[1],
  split: Parameters<typeof rowsOfFiles>[2],
): Promise<FileRows> {
  const of = [files, ...Object.values(columns), ...Object.values(split)];
  if (read?.of.length === of.length && read.of.every((value, at) => value === of[at])) return read.rows;
  const rows = await rowsOfFiles(files, columns, split);
  read = { of, rows };
  return rows;
}

/** Fields that wait for their parts. */
let pending: Partial<DataState> = {};
let latest = 0;

function current(store: Store): DataState {
  return { ...store.state.data, ...pending };
}

/** Makes the parts and the notices again from the files and choices. A later call replaces an earlier one. */
async function reassemble(store: Store, fields: Partial<DataState> = {}): Promise<void> {
  pending = { ...pending, ...fields };
  const mine = ++latest;
  const data = current(store);
  const { files, textColumn: text, labelColumn: label, separator, splitSeed, joins } = data;
  const pair = data.pairColumn === text || data.pairColumn === label ? undefined : data.pairColumn;
  const ready = files.length > 0 && text !== undefined && label !== undefined;
  const found = ready
    ? await rowsRead(files, { text, pair, label, separator, joins }, { splitSeed, sample: data.sample })
    : { ...noRows, notices: unlabelled(files) };
  const none = found.examples.length === 0 && data.edits.own.length === 0 && found.files === 0;
  const made = none
    ? { examples: [], parts: undefined, notices: [...found.notices], alike: [] }
    : await assemble(found, data.edits);
  if (made.examples.length > ROWS) await nextTurn();
  if (mine !== latest) return;
  const first = trainFile(files);
  const likely = ready && first ? likelySeparator(someCells(first.table, label, LOOKED_AT)) : undefined;
  const patch = { ...pending, pairColumn: pair, likely, ...made };
  pending = {};
  store.patch("data", patch);
  const { recipe } = store.state;
  if (made.parts?.multiLabel && !trainsHead(recipe.method)) store.set({ recipe: withMethod(recipe, "full") });
}

/** What a file without a second column has to say. */
function unlabelled(files: readonly DataFile[]): Notice[] {
  const first = trainFile(files)?.table;
  if (first === undefined) return [];
  return [
    ...first.notices,
    { level: "error", text: (t) => t.rows.oneColumn(first.name), advice: (t) => t.rows.oneColumnHelp },
  ];
}

/** The file whose columns are offered. */
export function trainFile(files: readonly DataFile[]): DataFile | undefined {
  return files.find((file) => file.role === "train") ?? files[0];
}
