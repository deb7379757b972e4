/**
 * Takes names of columns and rows of cells; gives the CSV that is downloaded. Every cell is quoted, and what a spreadsheet
 * would run as a formula gets an apostrophe in front, which is taken off where the studio reads such a file again. The
 * byte-order mark tells a spreadsheet that the text is UTF-8.
 */
import Papa from "papaparse";

export function csvFile(fields: readonly string[], data: readonly (readonly string[])[]): Blob {
  const csv = Papa.unparse(
    { fields: fields.map(withoutFormula), data: data.map((row) => row.map(withoutFormula)) },
    { newline: "\r\n", quotes: true },
  );
  return new Blob(["\ufeff", csv], { type: "text/csv;charset=utf-8" });
}

/** Spreadsheets run cells that begin with these as formulas, also after white space and in full width. */
const FORMULA = /^\s*[=+\-@＝＋－＠]/;
/**
 * Where lists are split by another sign than the comma, a quoted cell that is not its line's first is split all the same:
 * then what follows the sign begins a cell. A smiley such as ;-) is no formula.
 */
const FORMULA_INSIDE = /([;|\t\r\n]["\s]*)(?=[=@＝＠]|[+\-＋－][\p{L}\p{N}("@=])/gu;

/** A number is no formula, whatever its sign. */
const NUMBER = /^\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?\s*$/i;

/** What was put in front of a formula, taken off where such a file is read again. */
export function withFormula(cell: string): string {
  return /^'[=+\-@＝＋－＠\t\r\n]/.test(cell) ? cell.slice(1) : cell;
}

function withoutFormula(cell: string): string {
  if (NUMBER.test(cell) && !/[\t\r\n]/.test(cell)) return cell;
  const inside = cell.replace(FORMULA_INSIDE, "$1'");
  return FORMULA.test(cell) || /^[\t\r\n]/.test(cell) ? `'${inside}` : inside;
}
