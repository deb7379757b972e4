/**
 * What step 6 offers after a run with an adapter: the adapter alone, as the folder that Python's peft loads. Shows
 * `state.keep`; saving is in actions/save.ts.
 */
import { saveAdapter } from "../../actions/save.ts";
import { h, refill } from "../../widgets/dom.ts";
import { failureBox, failureLine } from "../../widgets/failure.ts";
import { downloadFolder } from "../../widgets/files.ts";
import { block } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";
import { codeBlock } from "./code.ts";

const FOLDER = "my-adapter";

export function adapterBlock(studio: Studio): HTMLElement {
  const { store, t, say, signal } = studio;
  const { info } = store.state.model;
  const save = async (): Promise<void> => {
    await saveAdapter(store);
    const { adapter, adapterError: error } = store.state.keep;
    if (error) say(failureLine(t, error));
    if (!adapter) return;
    say(t.keep.adapterSaved);
    await downloadFolder(adapter, FOLDER);
  };
  const button = h(
    "button",
    { type: "button", class: "primary", id: "keep-adapter", onclick: () => void save() },
    t.keep.adapter,
  );
  const outcome = h("div", { class: "stack" });
  store.on(
    ["keep"],
    ({ keep }) => {
      const bytes = Object.values(keep.adapter ?? {}).reduce((sum, blob: Blob) => sum + blob.size, 0);
      refill(
        outcome,
        failureBox(t, keep.adapterError),
        bytes > 0 && h("p", { class: "help" }, t.keep.size(bytes)),
      );
    },
    signal,
  );
  return block(
    t.keep.adapterTitle,
    h("p", {}, t.keep.adapterHelp),
    store.state.model.original !== undefined && h("p", { class: "notice-line" }, t.pretrain.base),
    h("div", { class: "actions" }, button),
    outcome,
    h(
      "details",
      { id: "adapter-use" },
      h("summary", {}, t.keep.adapterUse),
      h(
        "div",
        { class: "stack" },
        ...codeBlock(studio, t.keep.adapterInPage, inPage(), "copy-add"),
        ...(info?.pooling === "pooler"
          ? codeBlock(studio, t.keep.python, inPython(info.labels.length), "copy-peft")
          : [h("p", { class: "help" }, t.keep.adapterPooling)]),
      ),
    ),
  );
}

function inPage(): string {
  return `// Onto the checkpoint that it was trained on:
await classifier.addAdapter("mine", "${FOLDER}/");
await classifier.useAdapter("mine");
await classifier.classify("a text to classify");
`;
}

function inPython(labels: number): string {
  return `from peft import PeftModel
from transformers import AutoModelForSequenceClassification

base = "the-model-it-was-trained-on"
model = AutoModelForSequenceClassification.from_pretrained(
    base, num_labels=${labels}, ignore_mismatched_sizes=True
)
model = PeftModel.from_pretrained(model, "${FOLDER}").eval()
`;
}
