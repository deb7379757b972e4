/**
 * Takes a workbook's bytes, or the markup of a table; gives the cells of each sheet as they are shown. A file of its own
 * in the build, since the reader inside is many times larger than the page.
 */
import { read, utils } from "@e965/xlsx";

export interface Sheet {
  name: string;
  /** The row number of its first record. */
  first: number;
  records: string[][];
}

/** Throws where the content is no workbook. */
export function sheetsOf(content: Uint8Array | string): Sheet[] {
  const options = { dense: true, cellHTML: false, cellFormula: false, cellStyles: false } as const;
  const book =
    typeof content === "string"
      ? read(content, { ...options, type: "string" })
      : read(content, { ...options, type: "array" });
  return book.SheetNames.map((name) => {
    const sheet = book.Sheets[name];
    const range = sheet?.["!ref"];
    if (sheet === undefined || range === undefined) return { name, first: 1, records: [] };
    const records = utils.sheet_to_json<string[]>(sheet, {
      header: 1,
      raw: false,
      defval: "",
      blankrows: true,
    });
    return { name, first: utils.decode_range(range).s.r + 1, records };
  });
}
