/**
 * The parts of a project between the page's state and its record: the examples with their choices, and the model that a
 * run began from.
 */
import type { LabelledText, Source } from "../../src/index.ts";
import { withLabel, withLabelColumn } from "../data/by-hand.ts";
import { type Edits, type Example, noEdits } from "../data/edits.ts";
import { type DataFile, newFile } from "../data/parts.ts";
import type {
  BaseRecord,
  EditsRecord,
  ExamplesRecord,
  ProjectFiles,
} from "../data/project/project-record.ts";
import { readTable } from "../data/reading/parse.ts";
import { type Reading, rowCount, withHeader } from "../data/reading/table.ts";
import { PageError } from "../i18n/messages.ts";
import type { DataState } from "../state/data.ts";
import type { Base } from "../state/evaluation.ts";

/** Files by their paths. */
export type Paths = Map<string, Blob>;

/** The path of each file, for as long as the page has it. */
const pathOf = new WeakMap<Blob, string>();
let next = Date.now();

function pathFor(file: Blob, folder: string, name: string, paths: Paths): string {
  const path = pathOf.get(file) ?? `${folder}/${(next++).toString(36)}/${name}`;
  pathOf.set(file, path);
  paths.set(path, file);
  return path;
}

export function examplesRecord(data: DataState, paths: Paths): ExamplesRecord {
  const { sample, textColumn, pairColumn, labelColumn, separator, joins, splitSeed } = data;
  const files = data.files.map(({ table, role }) => ({
    path: pathFor(table.source, "examples", table.name, paths),
    name: table.name,
    role,
    hasHeader: table.hasHeader,
    reading: { ...table.reading },
    byHand: table.labelledByHand ? table.records.slice(1).map((record) => record.at(-1) ?? "") : undefined,
  }));
  const choices = { sample, textColumn, pairColumn, labelColumn, separator, joins: [...joins], splitSeed };
  return { files, ...choices, edits: data.edits === noEdits ? undefined : editsRecord(data) };
}

function editsRecord({ edits, files }: DataState): EditsRecord {
  const place = new Map(files.map(({ id }, at) => [String(id), at]));
  const plain = (label: LabelledText["label"]) => (typeof label === "string" ? label : [...label]);
  const changed: EditsRecord["changed"] = [];
  for (const [key, label] of edits.changed) {
    const [id = "", line] = key.split("/");
    const file = place.get(id);
    if (file !== undefined)
      changed.push({ file, line: Number(line), label: label === null ? undefined : plain(label) });
  }
  const own = edits.own.map(({ row: { text, textPair, label }, origin, part }) => {
    return { text, textPair, label: plain(label), origin, part };
  });
  return { own, changed, renamed: [...edits.renamed], cards: [...edits.cards] };
}

/** The changes over files that were read once more. */
export function editsOf(record: EditsRecord, files: readonly DataFile[]): Edits {
  const own = record.own.map(({ origin, part, text, textPair, label }, at): Example => {
    const row = { text, ...(textPair === undefined ? {} : { textPair }), label };
    return { key: `own/${at + 1}`, row, origin, part };
  });
  const changed = new Map<string, LabelledText["label"] | null>();
  for (const { file, line, label } of record.changed)
    if (files[file]) changed.set(`${files[file].id}/${line}`, label ?? null);
  return { own, changed, renamed: new Map(record.renamed), cards: record.cards };
}

/** Reads the files once more, as the person had chosen. */
export async function filesOfExamples(record: ExamplesRecord, files: ProjectFiles): Promise<DataFile[]> {
  const read: DataFile[] = [];
  for (const { path, name, role, hasHeader, reading, byHand } of record.files) {
    const source = new File([fileAt(files, path)], name);
    pathOf.set(source, path);
    let table = await readTable(source, reading as Reading);
    if (table.hasHeader !== hasHeader && byHand === undefined) table = withHeader(table, hasHeader);
    if (byHand) {
      table = withLabelColumn(table);
      const rows = Math.min(rowCount(table), byHand.length);
      for (let row = 0; row < rows; row++)
        if (byHand[row]) table = withLabel(table, row, byHand[row] as string);
    }
    read.push(newFile(table, role));
  }
  return read;
}

export function baseRecord({ name, source, ownLabels, maskedLmHead }: Base, paths: Paths): BaseRecord {
  const about = { name, ownLabels: ownLabels && [...ownLabels], maskedLmHead };
  const path = (file: Blob, called: string): [string, string] => [
    called,
    pathFor(file, "bases", called, paths),
  ];
  if (typeof source === "string" || source instanceof URL) return { ...about, address: String(source) };
  if (source instanceof Blob) return { ...about, form: "zip", files: [path(source, "model.zip")] };
  if (Array.isArray(source) || source instanceof FileList) {
    const files = [...source].map((file) => path(file, file.name));
    return { ...about, form: "folder", files };
  }
  const parts = Object.entries(source).filter(([, file]) => file instanceof Blob) as [string, Blob][];
  return { ...about, form: "parts", files: parts.map(([part, file]) => path(file, part)) };
}

export function baseOf(record: BaseRecord, files: ProjectFiles): Base {
  const { name, ownLabels, maskedLmHead } = record;
  return { name, ownLabels, maskedLmHead, source: sourceOf(record, files) };
}

/** The same source for the same files, so that runs from it have it in common. */
function sourceOf({ address, form, files: listed = [] }: BaseRecord, files: ProjectFiles): Source {
  if (address !== undefined) return address;
  const named = listed.map(([called, path]) => {
    const file = fileAt(files, path);
    pathOf.set(file, path);
    return [called, file] as const;
  });
  if (form === "parts") return Object.fromEntries(named) as unknown as Source;
  const [first] = named;
  if (form === "zip" && first) return first[1];
  return named.map(([called, blob]) => {
    const file = new File([blob], called);
    pathOf.set(file, pathOf.get(blob) ?? "");
    return file;
  });
}

function fileAt(files: ProjectFiles, path: string): Blob {
  const file = files.get(path);
  if (file === undefined) throw new PageError("bad-project", (t) => t.project.missing(path));
  return file;
}
