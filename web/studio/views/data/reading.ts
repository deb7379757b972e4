/**
 * How each file is read, where a person may have to choose: its encoding, the separator of its cells, its sheet. Takes and
 * sets `state.data`; the preview below shows the outcome.
 */
import { readAgain } from "../../actions/dataset.ts";
import { ENCODINGS, type Encoding } from "../../data/encodings.ts";
import { ONE_COLUMN, type Table } from "../../data/table.ts";
import type { DataState } from "../../state/data.ts";
import { field, h, select } from "../../widgets/dom.ts";
import type { Studio } from "../view.ts";

/** The value of a select for no delimiter. */
const NONE = "";

export function readingChoice(studio: Studio, data: DataState): HTMLElement | false {
  const fields = data.files.flatMap(({ table }, index) => choicesOf(studio, table, index));
  return fields.length > 0 && h("div", { class: "fields", id: "reading" }, ...fields);
}

function choicesOf({ store, t }: Studio, table: Table, index: number): HTMLElement[] {
  const { name, sheets = [] } = table;
  const fields: HTMLElement[] = [];
  if (table.guessed) {
    const control = encodingSelect(
      t.encodings,
      table,
      (encoding) => void readAgain(store, index, { encoding }),
    );
    fields.push(field(`encoding-${index}`, t.reading.encoding(name), control, t.reading.encodingHelp));
  }
  if (table.kind === "grid" && table.format !== "HTML" && sheets.length === 0)
    if (table.columns.length === 1 || table.reading.delimiter !== undefined) {
      const { delimiters } = t.reading;
      const known = table.delimiter === undefined || table.delimiter in delimiters;
      const options = [
        { value: NONE, text: t.reading.oneColumn },
        ...Object.entries(delimiters).map(([value, text]) => ({ value, text })),
        ...(known ? [] : [{ value: table.delimiter ?? NONE, text: table.delimiter ?? "" }]),
      ];
      const control = select(
        options,
        table.delimiter ?? NONE,
        (value) => void readAgain(store, index, { delimiter: value === NONE ? ONE_COLUMN : value }),
      );
      fields.push(field(`delimiter-${index}`, t.reading.delimiter(name), control, t.reading.delimiterHelp));
    }
  if (sheets.length > 1) {
    const options = sheets.map((value) => ({ value, text: value }));
    const control = select(
      options,
      table.reading.sheet ?? sheets[0],
      (sheet) => void readAgain(store, index, { sheet }),
    );
    fields.push(field(`sheet-${index}`, t.reading.sheet(name), control));
  }
  return fields;
}

/** All encodings, the file's own chosen. */
export function encodingSelect(
  names: Record<Encoding, string>,
  table: Table,
  onChange: (encoding: Encoding) => void,
): HTMLSelectElement {
  const options = ENCODINGS.map((value) => ({ value, text: names[value] }));
  return select(options, table.encoding, (value) => onChange(value as Encoding));
}
