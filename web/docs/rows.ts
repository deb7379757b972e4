/**
 * Takes the studio's English sample; gives it as rows, on which the examples of the docs page train.
 */
import Papa from "papaparse";
import type { LabelledText } from "../bertlet.d.ts";

const response = await fetch(new URL("../../sample/sample-en.csv", import.meta.url));
if (!response.ok) throw new Error(`sample-en.csv: the server answered ${response.status}`);

export const rows: LabelledText<string>[] = Papa.parse<LabelledText<string>>(await response.text(), {
  header: true,
  skipEmptyLines: true,
}).data;

/** The labels, sorted by name. */
export const labels = [...new Set(rows.map((row) => row.label))].sort();
