/**
 * A whole file in step 5: its text column, its progress, its results and their downloads.
 */
import { classifyFile, openFile, stopFile } from "../../actions/classify.ts";
import { rowCount } from "../../data/reading/table.ts";
import { unusualCell } from "../../data/reading/unusual.ts";
import { answered, gridRows, resultRows, resultsCsv, resultsJsonl } from "../../data/results.ts";
import { spreadsheetOf } from "../../data/write-spreadsheet.ts";
import { toFailure } from "../../i18n/messages.ts";
import { noRows, type UseState } from "../../state/use.ts";
import { progressBar } from "../../widgets/bars.ts";
import { field, h, select } from "../../widgets/dom.ts";
import { download } from "../../widgets/download.ts";
import { failureBox, failureLine, noticeList } from "../../widgets/failure.ts";
import { encodingField } from "../encoding.ts";
import type { Studio } from "../view.ts";
import { outcomeOf, resultsOf } from "./results.ts";
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
      ...noRows(),
      pairColumn: use.pairColumn === value ? undefined : use.pairColumn,
    }),
  );
  column.disabled = use.running;
  const start = async (): Promise<void> => {
    await classifyFile(store);
    const { results: labelled, fileError } = store.state.use;
    if (labelled) say(t.use.fileDone(answered(labelled)));
    else if (fileError) say(failureLine(t, fileError));
  };
  const save = async (kind: "csv" | "jsonl" | "xlsx"): Promise<void> => {
    const name = `${table.name.replace(/\.\w+$/, "")}-labelled.${kind}`;
    const made = resultRows(table, outcomeOf(studio, store.state.use));
    try {
      const blob =
        kind === "csv"
          ? resultsCsv(made)
          : kind === "jsonl"
            ? resultsJsonl(made)
            : await spreadsheetOf(gridRows(made));
      download(blob, name);
    } catch (error) {
      store.patch("use", { fileError: toFailure(error) });
    }
  };
  const saver = (kind: "csv" | "jsonl" | "xlsx", id: string, text: string): HTMLElement =>
    h(
      "button",
      { type: "button", id, class: kind === "csv" && "primary", onclick: () => void save(kind) },
      text,
    );
  return [
    h("p", {}, h("strong", {}, table.name), ` · ${t.use.fileRows(total)}`),
    noticeList(t, table.notices),
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
    use.running &&
      h(
        "p",
        { class: "help" },
        t.use.fileProgress(use.done, total),
        use.secondsLeft !== undefined && ` · ${t.use.left(use.secondsLeft)}`,
      ),
    results !== undefined && h("p", {}, t.use.fileDone(answered(results))),
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
      ...(results === undefined
        ? []
        : [
            saver("csv", "use-file-save", t.use.downloadCsv),
            saver("jsonl", "use-file-jsonl", "JSONL"),
            saver("xlsx", "use-file-xlsx", "Excel"),
          ]),
    ),
    results !== undefined && h("p", { class: "help" }, t.use.csvHelp),
    ...(results === undefined ? [] : resultsOf(studio, use)),
  ];
}
