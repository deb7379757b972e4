/**
 * Step 6: download the model, and load it elsewhere. Shows `state.keep`; saving is in actions/save.ts.
 */
import type { SavedCheckpoint } from "../../../src/index.ts";
import { saveModel } from "../../actions/save.ts";
import { hasExamples, hasVirtualTokens, lacksLabels } from "../../state/selectors.ts";
import type { KeepState } from "../../state/use.ts";
import { h, refill } from "../../widgets/dom.ts";
import { download } from "../../widgets/download.ts";
import { failureBox, failureLine } from "../../widgets/failure.ts";
import { downloadFolder } from "../../widgets/files.ts";
import { block } from "../../widgets/layout.ts";
import { projectBlock } from "../project/project-block.ts";
import { onceThere, type Studio, type View, waitingFor } from "../view.ts";
import { adapterBlock } from "./adapter.ts";
import { awayBlock } from "./away.ts";
import { codeBlock } from "./code.ts";
import { onnxBlock } from "./onnx.ts";
import { pythonOf } from "./python.ts";
import { shareBlock } from "./share.ts";

const FOLDER = "my-classifier";

export const keepStep: View = (studio) => [
  onceThere(
    studio,
    lacksLabels,
    (own, lacks) => {
      const { t, store } = own;
      if (lacks === "model") return [waitingFor(t, t.train.needsModel, "load")];
      if (lacks) return [waitingFor(t, t.use.notTrained, store.state.data.parts ? "train" : "data")];
      return modelParts(own);
    },
    // A run that ends may have given it an adapter, or another threshold.
    ({ model }) => model.info,
  ),
  onceThere(
    studio,
    ({ data, model }) => (data.parts && model.phase === "ready" ? undefined : "model"),
    (own, lacks) => (lacks ? [] : [awayBlock(own)]),
  ),
  onceThere(
    studio,
    (state) => (hasExamples(state) || state.runs.length > 0 ? undefined : "data"),
    (own, lacks) => (lacks ? [] : [projectBlock(own)]),
  ),
];

const modelParts: View = (studio) => {
  const { store, t, say, signal } = studio;
  const { info } = store.state.model;
  if (!info) return [];
  const bytes = { f32: info.parameters * 4, f16: info.parameters * 2 };
  const precision = h("fieldset", { class: "plain" }, h("legend", {}, t.keep.dtype));
  const choices = (["f32", "f16"] as const).map((dtype) => {
    const radio = h("input", {
      type: "radio",
      name: "dtype",
      id: `dtype-${dtype}`,
      checked: store.state.keep.dtype === dtype,
      onchange: () => store.patch("keep", { dtype, files: undefined }),
    });
    return h(
      "label",
      { class: "pill tall", for: `dtype-${dtype}` },
      radio,
      h(
        "span",
        {},
        h("strong", {}, t.keep.dtypes[dtype]),
        h("span", { class: "help" }, `${t.keep.about(bytes[dtype])} ${t.keep.dtypeHelp[dtype]}`),
      ),
    );
  });
  precision.append(h("div", { class: "pills" }, ...choices));
  const zip = h(
    "button",
    {
      type: "button",
      class: "primary",
      id: "keep-zip",
      onclick: () => void save().then((files) => files && downloadFolder(files, FOLDER)),
    },
    t.keep.zip,
  );
  const save = async (): Promise<SavedCheckpoint | undefined> => {
    await saveModel(store);
    const { files, error } = store.state.keep;
    if (error) say(failureLine(t, error));
    if (!files) return undefined;
    say(t.keep.saved);
    return files;
  };
  const list = h("div");
  store.on(
    ["keep"],
    ({ keep }) => {
      precision.disabled = keep.saving;
      zip.setAttribute("aria-disabled", String(keep.saving));
      zip.textContent = keep.saving ? t.keep.saving : t.keep.zip;
      refill(list, failureBox(t, keep.error), fileList(studio, keep, save));
    },
    signal,
  );
  // transformers' own class has neither bottlenecks nor a pooling other than BERT's pooler.
  const ownClass = info.pooling !== "pooler" || info.adapterSize !== undefined;
  const { pairs } = store.state.use;
  const python = pythonOf({ folder: FOLDER, remoteCode: ownClass, pairs, threshold: info.threshold });
  const adapter = info.activeAdapter !== undefined && adapterBlock(studio);
  // A checkpoint cannot hold virtual tokens, so only the adapter is offered.
  if (adapter && hasVirtualTokens(store.state)) return [adapter];
  return [
    block(
      t.keep.title,
      adapter && h("p", {}, t.keep.merged),
      precision,
      h("div", { class: "actions" }, zip),
      list,
    ),
    adapter,
    shareBlock(studio),
    block(
      t.keep.python,
      h("p", {}, t.keep.pythonHelp(FOLDER)),
      ...codeBlock(studio, t.keep.python, python, "copy-python"),
      ownClass && h("p", { class: "help" }, t.keep.remoteCode),
    ),
    onnxBlock(studio),
  ].filter((part) => part !== false);
};

/** The files one by one. They are made on the first request. */
function fileList(
  { t }: Studio,
  keep: KeepState,
  save: () => Promise<SavedCheckpoint | undefined>,
): HTMLElement {
  const { files } = keep;
  // The model card is made anew.
  const one = async (name: string): Promise<void> => {
    const blob = (await save())?.[name as keyof SavedCheckpoint];
    if (blob) download(blob, name);
  };
  return h(
    "details",
    { id: "one-by-one" },
    h("summary", {}, t.keep.oneByOne),
    files
      ? h(
          "ul",
          { class: "files" },
          ...Object.entries(files).map(([name, blob]) =>
            h(
              "li",
              {},
              h("button", { type: "button", id: `file-${name}`, onclick: () => void one(name) }, name),
              " ",
              h("span", { class: "help" }, t.keep.size((blob as Blob).size)),
            ),
          ),
        )
      : h("p", {}, h("button", { type: "button", id: "keep-make", onclick: () => void save() }, t.keep.make)),
  );
}
