/**
 * How each file is read, where a person may have to choose: its encoding, the separator of its cells, its sheet. Takes and
 * sets `state.data`; the preview below shows the outcome.
 */
import { readAgain } from "../../actions/dataset.ts";
import { ONE_COLUMN, type Reading, type Table } from "../../data/reading/table.ts";
import type { DataState } from "../../state/data.ts";
import { losesWorkOf } from "../../state/selectors.ts";
import { field, h, select } from "../../widgets/dom.ts";
import { encodingField } from "../encoding.ts";
import type { Studio } from "../view.ts";

/** The value of a select for no delimiter. */
const NONE = "";

export function readingChoice(studio: Studio, data: DataState): HTMLElement | false {
  const fields = data.files.flatMap(({ table }, index) => choicesOf(studio, table, index));
  return fields.length > 0 && h("div", { class: "fields", id: "reading" }, ...fields);
}

function choicesOf({ store, t }: Studio, table: Table, index: number): HTMLElement[] {
  const again = (reading: Reading): void => {
    const file = store.state.data.files[index];
    const loses = file !== undefined && losesWorkOf(store.state.data, file);
    if (!loses || confirm(t.project.ask.readAgain)) void readAgain(store, index, reading);
    // The choice before stands there again.
    else store.patch("data", {});
  };
  const { name, sheets = [] } = table;
  const fields: HTMLElement[] = [];
  const encoding = encodingField(t, `encoding-${index}`, table, undefined, (chosen) =>
    again({ encoding: chosen }),
  );
  if (encoding) fields.push(encoding);
  if (table.kind === "grid" && table.format !== "HTML" && sheets.length === 0)
    if (table.columns.length === 1 || table.reading.delimiter !== undefined) {
      const { delimiters } = t.reading;
      const known = table.delimiter === undefined || table.delimiter in delimiters;
      const options = [
        { value: NONE, text: t.reading.oneColumn },
        ...Object.entries(delimiters).map(([value, text]) => ({ value, text })),
        ...(known ? [] : [{ value: table.delimiter ?? NONE, text: table.delimiter ?? "" }]),
      ];
      const control = select(options, table.delimiter ?? NONE, (value) =>
        again({ delimiter: value === NONE ? ONE_COLUMN : value }),
      );
      fields.push(field(`delimiter-${index}`, t.reading.delimiter(name), control, t.reading.delimiterHelp));
    }
  if (sheets.length > 1) {
    const options = sheets.map((value) => ({ value, text: value }));
    const control = select(options, table.reading.sheet ?? sheets[0], (sheet) => again({ sheet }));
    fields.push(field(`sheet-${index}`, t.reading.sheet(name), control));
  }
  return fields;
}
