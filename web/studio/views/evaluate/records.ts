/**
 * The records of the project's runs: a report of the current one, and files with all of them. Part of step 4's view.
 */
import { type RecordKind, recordFile } from "../../actions/records.ts";
import { toFailure } from "../../i18n/messages.ts";
import { fill, h } from "../../widgets/dom.ts";
import { download } from "../../widgets/download.ts";
import { failureBox, failureLine } from "../../widgets/failure.ts";
import { block } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";

const KINDS: readonly RecordKind[] = ["report", "csv", "json", "tensorboard"];

export function recordsOf({ store, t, say }: Studio): HTMLElement {
  const failure = h("div");
  const save = async (kind: RecordKind): Promise<void> => {
    fill(failure);
    try {
      const file = await recordFile(store.state, t, kind);
      if (file === undefined) return;
      download(file.blob, file.name);
      say(t.records.made(file.name));
    } catch (error) {
      const shown = toFailure(error);
      fill(failure, failureBox(t, shown));
      say(failureLine(t, shown));
    }
  };
  return block(
    t.records.title,
    h("p", {}, t.records.help),
    h(
      "div",
      { class: "actions" },
      ...KINDS.map((kind) =>
        h(
          "button",
          { type: "button", id: `record-${kind}`, onclick: () => void save(kind) },
          t.records[kind],
        ),
      ),
    ),
    failure,
    h("p", { class: "help" }, t.records.tensorboardHelp),
  );
}
