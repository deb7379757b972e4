/**
 * Takes parsed files, their roles and the chosen columns; gives labelled rows in train, dev and test
 * parts, and as notices what stands in the way of that. What is in the texts is the data report's, in inspecting.ts.
 */
import { type LabelledText, splitRows } from "../src/index.ts";
import { dataRecords } from "./parse.ts";
import type { DataFile, Notice, Parts, Role } from "./state.ts";

type Row = LabelledText<string>;

const EXAMPLES = 20;
const MANY_LABELS = 0.5;

export interface Assembled {
  parts: Parts | undefined;
  notices: Notice[];
}

export function assemble(
  files: readonly DataFile[],
  textColumn: string,
  labelColumn: string,
  splitSeed: number,
): Assembled {
  const notices: Notice[] = files.flatMap((file) => [...file.table.notices]);
  const rows: Record<Role, Row[]> = { train: [], dev: [], test: [] };
  for (const file of files) rows[file.role].push(...rowsOf(file, textColumn, labelColumn, notices));
  if (textColumn === labelColumn) notices.push({ level: "error", text: (t) => t.rows.sameColumn });
  let { train, dev, test }: Omit<Parts, "labels"> = rows;
  if (files.length === 1 && train.length > 0)
    ({ train, dev = [], test = [] } = splitRows(train, { seed: splitSeed }));

  const counts = countLabels(train);
  const labels = [...counts.keys()].sort();
  if (train.length === 0) notices.push({ level: "error", text: (t) => t.rows.noTrain });
  else if (labels.length < 2) notices.push({ level: "error", text: (t) => t.rows.oneLabel(labels[0] ?? "") });
  else if (labels.length > 20 && labels.length > train.length * MANY_LABELS)
    notices.push({ level: "warning", text: (t) => t.rows.manyLabels(labels.length, train.length) });

  dev = knownOnly(dev, "dev", counts, notices);
  test = knownOnly(test, "test", counts, notices);
  if (files.length > 1 && dev.length === 0) notices.push({ level: "note", text: (t) => t.rows.noDev });
  if (files.length > 1 && test.length === 0) notices.push({ level: "note", text: (t) => t.rows.noTest });
  const blocked = notices.some((notice) => notice.level === "error");
  return { parts: blocked ? undefined : { train, dev, test, labels }, notices };
}

export function countLabels(rows: readonly Row[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { label } of rows) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

function rowsOf(file: DataFile, textColumn: string, labelColumn: string, notices: Notice[]): Row[] {
  const { table } = file;
  const textAt = table.columns.indexOf(textColumn);
  const labelAt = table.columns.indexOf(labelColumn);
  if (textAt < 0 || labelAt < 0) {
    const missing = textAt < 0 ? textColumn : labelColumn;
    notices.push({ level: "error", text: (t) => t.rows.noColumn(table.name, missing) });
    return [];
  }
  const rows: Row[] = [];
  const noText: string[] = [];
  const noLabel: string[] = [];
  for (const [line, record] of dataRecords(table)) {
    const text = (record[textAt] ?? "").trim();
    const label = (record[labelAt] ?? "").trim();
    if (text === "") noText.push(`${line}`);
    else if (label === "") noLabel.push(`${line}: ${shortened(text)}`);
    else rows.push({ text, label });
  }
  if (noText.length > 0)
    notices.push({
      level: "warning",
      text: (t) => t.rows.emptyText(table.name, noText.length),
      details: noText.slice(0, EXAMPLES),
    });
  if (noLabel.length > 0)
    notices.push({
      level: "warning",
      text: (t) => t.rows.emptyLabel(table.name, noLabel.length),
      details: noLabel.slice(0, EXAMPLES),
    });
  return rows;
}

/** A label that train lacks cannot be predicted: such rows are left out, and said so. */
function knownOnly(rows: readonly Row[], part: Role, counts: Map<string, number>, notices: Notice[]): Row[] {
  const unknown = countLabels(rows.filter((row) => !counts.has(row.label)));
  if (unknown.size > 0 && counts.size > 0) {
    const left = [...unknown.values()].reduce((sum, count) => sum + count, 0);
    notices.push({
      level: "warning",
      text: (t) => t.rows.unknownLabels(t.roles[part], unknown.size, left),
      details: [...unknown].slice(0, EXAMPLES).map(([label, count]) => `${label}: ${count}`),
    });
  }
  return rows.filter((row) => counts.has(row.label));
}

export function shortened(text: string, length = 120): string {
  const characters = [...text.slice(0, length * 2)];
  return characters.length > length ? `${characters.slice(0, length).join("")}…` : text;
}
