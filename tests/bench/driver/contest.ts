// Who takes part in a table of contenders: those of --only, on the devices of the browser; of BERT-base, only what its
// size lets run on a CPU. Has the forms of onnxruntime's models made, and says what is missing.

import type { Site } from "../../support/serve.ts";
import type { Shape } from "../model/shape.ts";
import type { Variant } from "../page/contender.ts";
import type { Field } from "../tables/turns.ts";
import type { BenchBrowser } from "./browsers.ts";
import { serveOnnxForms } from "./onnx-forms.ts";

export interface Contest {
  field: Omit<Field, "task">;
  /** A line about the models that onnxruntime's own tools made. */
  note: string;
}

/** `files`, of ../libraries; `only` is a part of "jax wasm". */
export async function contest(
  browser: BenchBrowser,
  site: Site,
  shape: Shape,
  files: readonly string[],
  only: string,
): Promise<Contest> {
  const needsForms = files.includes("onnxruntime") && "onnxruntime wasm".includes(only);
  const made = needsForms ? await serveOnnxForms(site, shape) : { missing: "not asked for" };
  const large = shape.name === "base";
  const takesPart = (file: string, { device, form }: Variant): boolean => {
    if (!`${file} ${device}`.includes(only)) return false;
    if (large && (device !== "wasm" || form === "fused" || !["bertlet", "onnxruntime"].includes(file)))
      return false;
    return file !== "onnxruntime" || form === undefined || !("missing" in made);
  };
  const tools =
    'onnxruntime-web\'s forms "fused" (attention, LayerNorm, GELU) and "int8" (fused; quantize_dynamic, QInt8)';
  const note =
    "missing" in made
      ? `Missing: ${tools}, since its Python tools are not there: ${made.missing}`
      : `${tools} are made by ${made.versions} in Python.`;
  return { field: { browser, site, shape, files, takesPart }, note: needsForms ? note : "" };
}
