/**
 * Takes parsed files, their roles and the chosen columns, and what was changed in the bench; gives labelled rows in train,
 * dev and test parts. What stands in the way comes as notices. The data report finds faults within texts (actions/inspect.ts).
 */
import type { LabelledText } from "../../src/index.ts";
import { nextTurn } from "../../src/shared/next-turn.ts";
import type { Notice } from "../i18n/messages.ts";
import { type Edits, type Example, edited, isOwn, noEdits } from "./edits.ts";
import { indexInSlices } from "./example-index.ts";
import { countLabels, type DataFile, labelsOf, type Parts, type Role } from "./parts.ts";
import { listsTexts } from "./reading/columns.ts";
import { inOrder } from "./reading/label-order.ts";
import { type Joins, type LookAlikes, lookAlikes } from "./reading/look-alikes.ts";
import { LIST, plainText, type Separator, splitLabels } from "./reading/separator.ts";
import { dataRecords, type Table } from "./reading/table.ts";
import { inSlices, ROWS } from "./slices.ts";
import { partOfEach, SAMPLE_SHARES } from "./split.ts";

/** The role of each column. */
interface Columns {
  text: string;
  /** Left out if rows have one text. */
  pair: string | undefined;
  label: string;
  /** Left out if rows have one label. */
  separator: Separator | undefined;
  /** Labels that the person joined to others. */
  joins: Joins;
}

const EXAMPLES = 20;
const MANY_LABELS = 0.5;
/** The texts of one record count up by this from its number: more than any file has records, and a whole number still. */
const NEXT_TEXT = 2 ** 32;

/** The rows of all files, each in its part, before any change of the bench. */
export interface FileRows {
  examples: readonly Example[];
  notices: readonly Notice[];
  /** How many files they are from. */
  files: number;
  pairs: boolean;
  multiLabel: boolean;
}

interface Assembled {
  examples: readonly Example[];
  parts: Parts | undefined;
  notices: Notice[];
  /** Labels that look alike, not joined yet. */
  alike: LookAlikes[];
}

export const noRows: FileRows = { examples: [], notices: [], files: 0, pairs: false, multiLabel: false };

/** Reads the rows of files, and splits those of a single one. */
export async function rowsOfFiles(
  files: readonly DataFile[],
  columns: Columns,
  { splitSeed, sample }: { splitSeed: number; sample: boolean },
): Promise<FileRows> {
  const notices: Notice[] = files.flatMap((file) => [...file.table.notices]);
  const origin = sample ? "sample" : "file";
  const examples: Example[] = [];
  for (const file of files)
    for (const [line, row] of await rowsOf(file, columns, notices))
      examples.push({ key: `${file.id}/${line}`, row, origin, part: file.role });
  if (columns.text === columns.label) notices.push({ level: "error", text: (t) => t.rows.sameColumn });
  if (files.length === 1 && examples.length > 0) {
    const parts = await partOfEach(
      examples.map(({ row }) => row),
      splitSeed,
      sample ? SAMPLE_SHARES : undefined,
    );
    for (const [at, each] of examples.entries()) each.part = parts[at] ?? "train";
  }
  return {
    examples,
    notices,
    files: files.length,
    pairs: columns.pair !== undefined,
    multiLabel: columns.separator !== undefined,
  };
}

/** Makes the parts of the files' rows and of what was changed in the bench. `fewest`: labels that are needed. */
export async function assemble(found: FileRows, edits: Edits = noEdits, fewest = 2): Promise<Assembled> {
  const { files, pairs, multiLabel } = found;
  const notices = [...found.notices];
  const examples = await edited(found.examples, edits, (each) => fitting(each, found));
  const rows: Record<Role, LabelledText[]> = { train: [], dev: [], test: [] };
  await inSlices(examples, ({ part, row }) => {
    rows[part].push(row);
  });
  let { train, dev, test }: Pick<Parts, Role> = rows;
  // All views look rows up by this.
  const { byLabel, counts } = await indexInSlices(examples);
  const alike = lookAlikes(new Map([...byLabel].map(([label, { length }]) => [label, length])));
  const labels = inOrder([...counts.keys()]);
  if (train.length === 0) notices.push({ level: "error", text: (t) => t.rows.noTrain });
  else if (multiLabel && fewest > 1 && allEqual(train))
    notices.push({ level: "error", text: (t) => t.rowKinds.sameLabels });
  else if (!multiLabel && labels.length < fewest)
    notices.push({ level: "error", text: (t) => t.rows.oneLabel(labels[0] ?? "") });
  else if (labels.length > 20 && labels.length > train.length * MANY_LABELS)
    notices.push({ level: "warning", text: (t) => t.rows.manyLabels(labels.length, train.length) });

  if (byLabel.size > counts.size) {
    dev = knownOnly(dev, "dev", counts, notices);
    test = knownOnly(test, "test", counts, notices);
  }
  if (files > 1 && dev.length === 0) notices.push({ level: "note", text: (t) => t.rows.noDev });
  if (files > 1 && test.length === 0) notices.push({ level: "note", text: (t) => t.rows.noTest });
  const blocked = notices.some((notice) => notice.level === "error");
  const parts = blocked ? undefined : { train, dev, test, labels, pairs, multiLabel };
  return { examples, parts, notices, alike };
}

/** An own row in the form that the files' rows have. */
function fitting(each: Example, { files, pairs, multiLabel }: FileRows): Example {
  const { text, textPair, label } = each.row;
  const names = labelsOf(each.row);
  const ofKind = Array.isArray(label) === multiLabel;
  // Pairs come with the files.
  if (!isOwn(each.key))
    return ofKind
      ? each
      : { ...each, row: { ...each.row, label: multiLabel ? [...names] : (names[0] ?? "") } };
  if (ofKind && (files === 0 || (textPair !== undefined) === pairs)) return each;
  const row: LabelledText = { text, label: multiLabel ? [...names] : (names[0] ?? "") };
  return { ...each, row: pairs ? { ...row, textPair: textPair ?? "" } : row };
}

/** Whether all rows have the same labels. */
function allEqual(rows: readonly LabelledText[]): boolean {
  const key = (row: LabelledText): string => [...labelsOf(row)].sort().join("\n");
  const [first] = rows;
  return first === undefined || rows.every((row) => key(row) === key(first));
}

async function rowsOf(
  { table }: DataFile,
  columns: Columns,
  notices: Notice[],
): Promise<[line: number, row: LabelledText][]> {
  const { text: textColumn, pair, label: labelColumn, separator, joins } = columns;
  const missing = [textColumn, pair, labelColumn].find((name) => name && !table.columns.includes(name));
  if (missing !== undefined) {
    notices.push({ level: "error", text: (t) => t.rows.noColumn(table.name, missing) });
    return [];
  }
  const rows: [line: number, row: LabelledText][] = [];
  const noText: string[] = [];
  const noPair: string[] = [];
  const noLabel: string[] = [];
  const cellsOf = (name: string): ((record: readonly string[]) => string) => {
    const at = table.columns.indexOf(name);
    return (record) => plainText(record[at]).trim();
  };
  const [textIn, pairIn] = [cellsOf(textColumn), pair && cellsOf(pair)];
  const labelAt = table.columns.indexOf(labelColumn);
  const listed = !table.lists.includes(labelAt) && listsTexts(table, textColumn);
  const textAt = table.columns.indexOf(textColumn);
  const textsIn = (record: readonly string[]): string[] =>
    listed ? splitLabels(record[textAt] ?? "", LIST) : [textIn(record)].filter((text) => text !== "");
  let several = 0;
  const joinedTo = (label: string): string => joins.get(label) ?? label;
  let since = 0;
  for (const [line, record] of dataRecords(table)) {
    if (++since % ROWS === 0) await nextTurn();
    const texts = textsIn(record);
    const [text] = texts;
    const cell = (record[labelAt] ?? "").trim();
    const label =
      separator === undefined
        ? joinedTo(cell.replaceAll(LIST, ", "))
        : [...new Set(splitLabels(cell, separator).map(joinedTo))];
    if (text === undefined) {
      noText.push(`${line}`);
      continue;
    }
    if (label.length === 0) noLabel.push(`${line}: ${shortened(text)}`);
    if (label === "") continue;
    const second = pairIn ? { textPair: pairIn(record) } : {};
    if (second.textPair === "") noPair.push(`${line}: ${shortened(text)}`);
    for (const [at, each] of texts.entries())
      rows.push([line + at * NEXT_TEXT, { text: each, ...second, label }]);
    if (texts.length > 1) several++;
  }
  if (several > 0)
    notices.push({ level: "note", text: (t) => t.parse.listedTexts(table.name, several, rows.length) });
  const say = (level: Notice["level"], places: readonly string[], text: Notice["text"]): void => {
    if (places.length > 0) notices.push({ level, text, details: places.slice(0, EXAMPLES) });
  };
  say("warning", noText, (t) => t.rows.emptyText(table.name, noText.length));
  say("note", noPair, (t) => t.rowKinds.noPair(table.name, noPair.length));
  if (separator === undefined) say("warning", noLabel, (t) => t.rows.emptyLabel(table.name, noLabel.length));
  else say("note", noLabel, (t) => t.rowKinds.noLabels(table.name, noLabel.length));
  return rows;
}

/** The first cells of a column. */
export function someCells(table: Table, column: string, most: number): string[] {
  const at = table.columns.indexOf(column);
  const cells: string[] = [];
  for (const [, record] of dataRecords(table)) if (cells.push(record[at] ?? "") >= most) break;
  return cells;
}

/** A label that train lacks cannot be predicted. Such rows are left out, with a notice. */
function knownOnly(
  rows: readonly LabelledText[],
  part: Role,
  counts: ReadonlyMap<string, number>,
  notices: Notice[],
): LabelledText[] {
  const known = (row: LabelledText): boolean => labelsOf(row).every((label) => counts.has(label));
  const left = rows.filter((row) => !known(row));
  const unknown = [...countLabels(left)].filter(([label]) => !counts.has(label));
  if (unknown.length > 0 && counts.size > 0) {
    notices.push({
      level: "warning",
      text: (t) => t.rows.unknownLabels(t.roles[part], unknown.length, left.length),
      details: unknown.slice(0, EXAMPLES).map(([label, count]) => `${label}: ${count}`),
    });
  }
  return rows.filter(known);
}

export function shortened(text: string, length = 120): string {
  const characters = [...text.slice(0, length * 2)];
  return characters.length > length ? `${characters.slice(0, length).join("")}…` : text;
}
