// A saved classifier as ONNX: config.json and the model's file, as transformers.js and onnxruntime read them. Built as onnx.js of
// its own, since few pages need it: save-onnx.ts loads it.

import { version } from "../../../package.json";
import { BertletError } from "../../shared/errors.ts";
import { classifierGraph } from "./classifier-graph.ts";
import { MOST_STRUCTURE_BYTES, modelProto } from "./model-proto.ts";
import { Tensors } from "./safetensors.ts";
import { type Config, settingsOf } from "./settings.ts";

/** What protobuf can hold, and every reader of it takes. */
const MOST_BYTES = 2 ** 31 - 1 - MOST_STRUCTURE_BYTES;

export interface OnnxModel {
  config: string;
  model: Uint8Array;
}

/**
 * Takes config.json as the classifier is saved in f32 or in 8 bits, model.safetensors in f32, and tokenizer_config.json, which
 * names the model's inputs.
 */
export function toOnnx(config: string, weights: Uint8Array, tokenizerConfig: string): OnnxModel {
  const saved: Config = JSON.parse(config);
  const tensors = new Tensors(weights);
  const settings = settingsOf(saved, JSON.parse(tokenizerConfig));
  const graph = classifierGraph(tensors, settings);
  const [unknown] = tensors.left();
  if (unknown !== undefined) {
    throw new BertletError(
      "unsupported-architecture",
      `save: the tensor ${unknown} has no place in the ONNX model`,
      'save() without as: "onnx" keeps it, in safetensors',
    );
  }
  const bytes = graph.initializers.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes > MOST_BYTES) {
    throw new BertletError(
      "out-of-memory",
      `save: an ONNX file holds at most 2 GiB, and the weights are ${(bytes / 2 ** 30).toFixed(1)} GiB`,
      settings.int8 ? "use a smaller model" : 'dtype: "int8" takes a quarter',
    );
  }
  return { config: configOf(saved), model: modelProto(graph, { name: "bertlet", version }) };
}

/** transformers.js takes the file of its own default, by the device, unless the config names another. */
function configOf(saved: Config): string {
  const { auto_map: _, quantization_config: int8, architectures, ...kept } = saved;
  const config = {
    ...kept,
    architectures: architectures.map((name) =>
      name.replace(/^Bertlet(?=For)/, "Bert").replace(/^Bertlet/, ""),
    ),
    "transformers.js_config": { dtype: int8 ? "q8" : "fp32" },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
