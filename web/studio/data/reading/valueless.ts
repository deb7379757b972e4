/**
 * Takes a sheet of an .xlsx in pieces of its XML; counts the formulas that have no value. Programs that write workbooks
 * without computing them leave the values to the spreadsheet program, and this page computes no formulas.
 */

/** A cell of a number, which is what a formula is taken for that has none. A text may be empty. */
const VALUELESS =
  /<c(?=[\s>])(?![^<>]*\st=")[^<>]*>\s*<f(?:\s[^<>]*)?(?:\/>|>[^<]*<\/f>)\s*(?:<v\s*\/>|<v>\s*<\/v>)?\s*<\/c>/g;
/** Excel's longest formula has 8,192 characters: what is longer without a cell's end is no cell. */
const LONGEST_CELL = 100_000;

export class Valueless {
  count = 0;
  readonly #decoder = new TextDecoder();
  #rest = "";

  add(piece: Uint8Array): void {
    const text = this.#rest + this.#decoder.decode(piece, { stream: true });
    const end = text.lastIndexOf("</c>") + 4;
    const whole = end > 3 ? text.slice(0, end) : "";
    if (whole.includes("<f")) this.count += whole.match(VALUELESS)?.length ?? 0;
    this.#rest = text.slice(whole.length).slice(-LONGEST_CELL);
  }
}
