/**
 * Takes the address of a CSV, TSV or JSON file; gives its labelled rows. A file of its own, with Papa Parse in it, which
 * is fetched with the first rows.
 */
import Papa from "papaparse";
import type { LabelledText } from "../src/index.ts";
import { BertletError } from "../src/shared/errors.ts";
import { LABEL_NAMES, TEXT_NAMES } from "../studio/data/reading/column-names.ts";
import { decodeBytes } from "../studio/data/reading/encodings.ts";
import { listOf } from "../studio/data/reading/json-shapes.ts";

/** The columns that rows are made of. */
const KNOWN = [...TEXT_NAMES, ...LABEL_NAMES];

export async function readRows(address: string, signal: AbortSignal): Promise<LabelledText<string>[]> {
  const name = new URL(address).pathname.split("/").at(-1) || address;
  const text = await fetched(address, name, signal);
  const records = /^\s*[[{]/.test(text) ? fromJson(text, name) : fromTable(text, name);
  return rowsOf(records, name);
}

async function fetched(address: string, name: string, signal: AbortSignal): Promise<string> {
  const fail = (message: string) =>
    new BertletError("fetch-failed", `rows: ${name} ${message}`, "check the address of the attribute rows");
  const response = await fetch(address, { signal }).catch((error) => {
    if (signal.aborted) throw new BertletError("aborted", "reading the rows was aborted");
    throw fail(`could not be fetched: ${error}`);
  });
  if (!response.ok) throw fail(`answered with HTTP ${response.status}`);
  const text = decodeBytes(new Uint8Array(await response.arrayBuffer()))?.text;
  if (text === undefined) throw fail("is no text, expected CSV or JSON");
  if (/^\s*<(!doctype|html)/i.test(text)) throw fail("is a web page, expected CSV or JSON");
  return text;
}

function fromJson(text: string, name: string): Record<string, unknown>[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  try {
    const whole = () => listOf(JSON.parse(text), false)?.rows ?? [];
    const found =
      lines.length > 1 && lines.every((line) => /^\s*\{.*\}\s*$/.test(line))
        ? lines.map((line) => JSON.parse(line))
        : whole();
    return found as Record<string, unknown>[];
  } catch (error) {
    throw new BertletError(
      "bad-row",
      `rows: ${name} is no valid JSON: ${error}`,
      "save it as JSON or CSV again",
    );
  }
}

function fromTable(text: string, name: string): Record<string, unknown>[] {
  const { data, errors, meta } = Papa.parse<Record<string, string> & { __parsed_extra?: string[] }>(
    text.replace(/^\uFEFF/, ""),
    { header: true, skipEmptyLines: "greedy" },
  );
  // Papa gives the second of two columns another name.
  const columns = (meta.fields ?? []).map((field) => nameOf(meta.renamedHeaders?.[field] ?? field));
  const twice = columns.find((each, at) => KNOWN.includes(each) && columns.indexOf(each) < at);
  if (twice !== undefined)
    throw new BertletError(
      "bad-row",
      `rows: ${name} has two columns "${twice}"`,
      "give each column a name of its own",
    );
  // A comma or a quote that is not meant as one would cut a text, or join rows, and change labels.
  const unquoted = data.findIndex(({ __parsed_extra: more = [] }) => more.some((cell) => cell.trim() !== ""));
  const quoted = errors.find(({ type }) => type === "Quotes")?.row;
  // Papa counts the header with them here.
  const row = unquoted >= 0 ? unquoted : quoted && quoted - 1;
  if (row === undefined) return data;
  throw new BertletError(
    "bad-row",
    `rows: ${name}: row ${row + 1}: ${unquoted >= 0 ? "more cells than columns" : "a quote that does not end its cell"}`,
    'put a text with commas or quotes in quotes, and write "" for a quote in it',
  );
}

function nameOf(column: string): string {
  return column.trim().toLowerCase();
}

function rowsOf(records: Record<string, unknown>[], name: string): LabelledText<string>[] {
  const columns = Object.keys(records[0] ?? {});
  const column = (names: readonly string[]) =>
    names.map((each) => columns.find((found) => nameOf(found) === each)).find((found) => found !== undefined);
  const [text, label] = [column(TEXT_NAMES), column(LABEL_NAMES)];
  if (text === undefined || label === undefined)
    throw new BertletError(
      "bad-row",
      `rows: ${name} needs a column "text" and a column "label", found ${columns.join(", ") || "no rows"}`,
      "name the columns in the first line: text,label",
    );
  return records.map((record, index) => {
    const [read, said] = [record[text], record[label]];
    const isText = typeof read === "string" && read.trim() !== "";
    // No list and no object is a label, nor is null.
    if (!isText || typeof said === "object" || String(said ?? "").trim() === "")
      throw new BertletError("bad-row", `rows: ${name}: row ${index + 1}: expected a text and one label`);
    return { text: read, label: String(said).trim() };
  });
}
