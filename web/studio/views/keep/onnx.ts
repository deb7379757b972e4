/**
 * What step 6 offers for transformers.js and onnxruntime: the model as ONNX, and the code that runs it. Shows
 * `state.keep.onnx`; saving is in actions/save.ts.
 */
import { saveOnnx } from "../../actions/save.ts";
import { h, refill } from "../../widgets/dom.ts";
import { failureBox, failureLine } from "../../widgets/failure.ts";
import { downloadFolder } from "../../widgets/files.ts";
import { block } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";
import { codeBlock } from "./code.ts";

const FOLDER = "my-classifier-onnx";
/** A weight's bytes. In 8 bits, scales and what stays f32 add little. */
const BYTES = { f32: 4, int8: 1 };

export function onnxBlock(studio: Studio): HTMLElement {
  const { store, t, say, signal } = studio;
  const parameters = store.state.model.info?.parameters ?? 0;
  const choices = (["f32", "int8"] as const).map((dtype) =>
    h(
      "label",
      { class: "pill tall", for: `onnx-${dtype}` },
      h("input", {
        type: "radio",
        name: "onnx-dtype",
        id: `onnx-${dtype}`,
        checked: store.state.keep.onnx.dtype === dtype,
        onchange: () => store.patch("keep", { onnx: { ...store.state.keep.onnx, dtype } }),
      }),
      h(
        "span",
        {},
        h("strong", {}, t.keep.onnx.dtypes[dtype]),
        h(
          "span",
          { class: "help" },
          `${t.keep.about(parameters * BYTES[dtype])} ${t.keep.onnx.dtypeHelp[dtype]}`,
        ),
      ),
    ),
  );
  const save = async (): Promise<void> => {
    const files = await saveOnnx(store);
    const { error } = store.state.keep.onnx;
    if (error) say(failureLine(t, error));
    if (!files) return;
    say(t.keep.saved);
    await downloadFolder(files, FOLDER);
  };
  const zip = h("button", { type: "button", id: "keep-onnx", onclick: () => void save() });
  const outcome = h("div");
  store.on(
    ["keep"],
    ({ keep }) => {
      zip.setAttribute("aria-disabled", String(keep.onnx.saving));
      zip.textContent = keep.onnx.saving ? t.keep.saving : t.keep.onnx.zip;
      refill(outcome, failureBox(t, keep.onnx.error));
    },
    signal,
  );
  return block(
    t.keep.onnx.title,
    h("p", {}, t.keep.onnx.help),
    h(
      "fieldset",
      { class: "plain" },
      h("legend", {}, t.keep.dtype),
      h("div", { class: "pills" }, ...choices),
    ),
    h("div", { class: "actions" }, zip),
    outcome,
    // Its pipeline reads single texts.
    !store.state.use.pairs &&
      h(
        "details",
        { id: "onnx-use" },
        h("summary", {}, t.keep.onnx.use),
        h("div", { class: "stack" }, ...codeBlock(studio, t.keep.onnx.use, CODE, "copy-onnx")),
      ),
  );
}

const CODE = `import { env, pipeline } from "@huggingface/transformers";

env.allowRemoteModels = false;
env.allowLocalModels = true;
env.localModelPath = "./"; // where the unpacked folder lies
const classify = await pipeline("text-classification", "${FOLDER}");
console.log(await classify("a text to classify", { top_k: null }));
`;
