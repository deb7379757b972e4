/**
 * Takes values that are lists, or cells that are written as lists; gives cells that `splitLabels` can split. JSON has
 * lists; Python and NumPy write them into CSV as [0, 2], ['joy', 'love'] or [0 2], or with the brackets of a tuple or a set.
 */
import { LIST } from "./separator.ts";

type Scalar = string | number | boolean;

const LISTED = /^\s*\[([^[\]]*)\]\s*$/;
/** A tuple of texts, which has a comma, or a set of them. Numbers between such brackets may be anything. */
const QUOTED = /^\s*(?:\((['"][^()]*['"]\s*,[^()]*)\)|\{(['"][^{}]*['"])\})\s*$/;

/** Cells of a column that are examined. */
const EXAMINED = 200;

export function isScalar(value: unknown): value is Scalar {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** Undefined where the value is no list of plain values. */
export function listCell(value: unknown): string | undefined {
  if (!Array.isArray(value) || !value.every((each) => each === null || isScalar(each))) return undefined;
  return value
    .filter(isScalar)
    .map((each) => String(each).replaceAll(LIST, " ").trim())
    .filter((each) => each !== "")
    .join(LIST);
}

/** Turns the columns whose every filled cell is written as a list into lists; gives their places. */
export function readLists(records: string[][], from: number): number[] {
  const width = records[from]?.length ?? 0;
  return Array.from({ length: width }, (_, column) => column).filter((column) => {
    const end = Math.min(records.length, from + EXAMINED);
    const cells = records.slice(from, end).map((record) => record[column] ?? "");
    const filled = cells.filter((cell) => cell.trim() !== "");
    if (filled.length === 0 || filled.some((cell) => writtenList(cell) === undefined)) return false;
    for (let row = from; row < records.length; row++) {
      const record = records[row] as string[];
      record[column] = writtenList(record[column] ?? "") ?? record[column] ?? "";
    }
    return true;
  });
}

function writtenList(cell: string): string | undefined {
  const inside = (LISTED.exec(cell)?.[1] ?? QUOTED.exec(cell)?.slice(1).find(Boolean))?.trim();
  if (inside === undefined) return /^\s*(\(\)|set\(\))\s*$/.test(cell) ? "" : undefined;
  if (inside === "") return "";
  try {
    return listCell(JSON.parse(`[${inside}]`));
  } catch {
    return pythonList(inside);
  }
}

/** Quoted texts, or numbers between commas or spaces. */
function pythonList(inside: string): string | undefined {
  const item = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([-+.\w]+))\s*(?:,|$|(?=[\s'"]))/y;
  const items: string[] = [];
  while (item.lastIndex < inside.length) {
    const found = item.exec(inside);
    if (!found) return undefined;
    items.push((found[1] ?? found[2] ?? found[3] ?? "").replace(/\\(.)/g, "$1"));
  }
  return listCell(items);
}
