/**
 * A whole file in step 5: its text column, its progress, and the CSV to download.
 */
import { classifyFile, openFile, stopFile } from "../../actions/classify.ts";
import { classifierInHand } from "../../actions/model.ts";
import { resultsCsv } from "../../data/results-csv.ts";
import { rowCount } from "../../data/table.ts";
import { unusualCell } from "../../data/unusual.ts";
import type { UseState } from "../../state/use.ts";
import { progressBar } from "../../widgets/bars.ts";
import { field, h, select } from "../../widgets/dom.ts";
import { download } from "../../widgets/download.ts";
import { failureBox, failureLine } from "../../widgets/failure.ts";
import { encodingField } from "../encoding.ts";
import type { Studio } from "../view.ts";
import { secondColumn } from "./second-text.ts";

export function fileOf(studio: Studio, use: UseState): (HTMLElement | false)[] {
  const { store, t, say } = studio;
  if (use.fileError && !use.table) return [failureBox(t, use.fileError)];
  const { table, results } = use;
  if (!table) return [];
  const total = rowCount(table);
  const options = table.columns.map((value) => ({ value, text: value }));
  const column = select(options, use.column, (value) =>
    store.patch("use", {
      column: value,
      pairColumn: use.pairColumn === value ? undefined : use.pairColumn,
      results: undefined,
    }),
  );
  column.disabled = use.running;
  const start = async (): Promise<void> => {
    await classifyFile(store);
    const { results: labelled, fileError } = store.state.use;
    if (labelled) say(t.use.fileDone(labelled.length));
    else if (fileError) say(failureLine(t, fileError));
  };
  const save = (): void => {
    if (results)
      download(
        resultsCsv(table, results, classifierInHand().info.labels),
        `${table.name.replace(/\.\w+$/, "")}-labelled.csv`,
      );
  };
  return [
    h("p", {}, h("strong", {}, table.name), ` · ${t.use.fileRows(total)}`),
    field("use-column", t.data.textColumn, column),
    use.pairs && secondColumn(studio, use, table.columns),
    !use.running &&
      encodingField(
        t,
        "use-encoding",
        table,
        unusualCell(table, use.column) ?? "",
        (encoding) => void openFile(store, table.source, { ...table.reading, encoding }),
      ),
    failureBox(t, use.fileError),
    use.running && progressBar(t.use.fileTitle, use.done, total),
    use.running && h("p", { class: "help" }, t.use.fileProgress(use.done, total)),
    results !== undefined && h("p", {}, t.use.fileDone(results.length)),
    h(
      "div",
      { class: "actions" },
      use.running
        ? h("button", { type: "button", id: "use-file-run", onclick: stopFile }, t.train.stop)
        : h(
            "button",
            {
              type: "button",
              id: "use-file-run",
              class: results ? false : "primary",
              onclick: () => void start(),
            },
            t.use.classifyFile,
          ),
      results !== undefined &&
        h(
          "button",
          { type: "button", id: "use-file-save", class: "primary", onclick: save },
          t.use.downloadCsv,
        ),
    ),
    results !== undefined && h("p", { class: "help" }, t.use.csvHelp),
  ];
}
