// What writes ONNX, without a browser: 8-bit rows by their formula, what the graph takes of the settings, and models that it refuses
// by name. That onnxruntime gives the
// same probabilities is in tests/browser/library/onnx.test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { classifierGraph } from "../../web/src/worker/onnx/classifier-graph.ts";
import { quantizeRows, transposed } from "../../web/src/worker/onnx/int8.ts";
import type { Graph } from "../../web/src/worker/onnx/model-proto.ts";
import { toOnnx } from "../../web/src/worker/onnx/onnx.ts";
import { Tensors } from "../../web/src/worker/onnx/safetensors.ts";
import { type Config, settingsOf } from "../../web/src/worker/onnx/settings.ts";
import { checkpointFile, readData, readJson } from "../support/checkpoints.ts";

const MODEL = "sequence_classification_f32";
const weights = new Uint8Array(checkpointFile(MODEL, "model.safetensors"));
const config = JSON.parse(checkpointFile(MODEL, "config.json").toString());
const saved = (changes: object) => JSON.stringify({ ...config, bertlet: { pooling: "pooler" }, ...changes });
/** tokenizer_config.json of a tokenizer that gives segments. */
const SEGMENTS = JSON.stringify({ model_input_names: ["input_ids", "token_type_ids", "attention_mask"] });

/** The file with another header, whose tensors need not be there: shapes alone are read before a tensor is written. */
function withTensors(
  file: Uint8Array,
  change: (header: Record<string, { shape: number[] }>) => void,
): Uint8Array {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  change(header);
  const text = new TextEncoder().encode(JSON.stringify(header));
  const changed = new Uint8Array(8 + text.length + file.length - 8 - length);
  new DataView(changed.buffer).setBigUint64(0, BigInt(text.length), true);
  changed.set(text, 8);
  changed.set(file.subarray(8 + length), 8 + text.length);
  return changed;
}

test("rows of 8 bits: halves away from zero, a scale for each, none of 0", () => {
  const scale = Math.fround(1 / 63);
  const rows = [
    [1, -1, 0.5 * scale, -0.5 * scale, 1.4 * scale, 0],
    [0, 0, 0, 0, 0, 0],
    [-126, 126, 3, -3, 1, 0.9],
  ];
  const values = () => Float32Array.from(rows.flat());
  const { numbers, scales } = quantizeRows({ name: "w", shape: [3, 6], values });
  assert.deepEqual([...scales], [scale, 1, 2]);
  assert.deepEqual([...numbers], [63, -63, 1, -1, 1, 0, ...Array(6).fill(0), -63, 63, 2, -2, 1, 0]);
});

test("a matrix is turned over whole, where its sides are no multiples of a tile", () => {
  const [rows, columns] = [37, 70];
  const values = Float32Array.from({ length: rows * columns }, (_, at) => at);
  const turned = transposed(values, rows, columns);
  assert.equal(turned[5 * rows + 36], 36 * columns + 5);
  assert.deepEqual(transposed(turned, columns, rows), values);
});

test("dense layers that stay f32 are not in 8 bits", () => {
  const bytes = (ignore: string[]) =>
    toOnnx(saved({ quantization_config: { ignore } }), weights, SEGMENTS).model.length;
  const head = ["classifier", "bert.pooler.dense"];
  const layer = "bert.encoder.layer.0.intermediate.dense";
  const { intermediate_size: rows, hidden_size: columns } = config;
  const more = bytes([...head, layer]) - bytes(head);
  // Three bytes more a number, less a scale a row; nodes are small beside.
  assert.ok(Math.abs(more - (3 * rows * columns - 4 * rows)) < 1000, `${more} bytes more`);
  const { config: written } = toOnnx(saved({ quantization_config: { ignore: head } }), weights, SEGMENTS);
  assert.deepEqual(JSON.parse(written)["transformers.js_config"], { dtype: "q8" });
  assert.equal("quantization_config" in JSON.parse(written), false);
});

/** The graph of an encoder of the references. */
function graphOf(encoder: string, changes: object, inputs: string[], segments?: number): Graph {
  const config = readJson<Config>(`encoders/${encoder}/config.json`);
  const file = new Uint8Array(readData(`encoders/${encoder}/model.safetensors`));
  const weights = withTensors(file, (header) => {
    const table = header[`${encoder}.embeddings.token_type_embeddings.weight`];
    if (table !== undefined && segments !== undefined) table.shape[0] = segments;
  });
  const changed = { ...config, bertlet: { pooling: "pooler" as const }, ...changes };
  return classifierGraph(new Tensors(weights), settingsOf(changed, { model_input_names: inputs }));
}

for (const [encoder, entry, value] of [
  ["distilbert", "layer_norm_eps", 0.1],
  ["mpnet", "pad_token_id", 3],
] as const) {
  test(`${encoder} computes with its own ${entry}, whatever config.json says`, () => {
    assert.deepEqual(graphOf(encoder, { [entry]: value }, []).nodes, graphOf(encoder, {}, []).nodes);
  });
}

for (const [encoder, segments, given, takes] of [
  ["roberta", 2, ["token_type_ids"], true],
  ["roberta", 2, [], false],
  ["roberta", 1, ["token_type_ids"], false],
  ["electra", 2, [], true],
] as const) {
  test(`${encoder} of ${segments} segments, of a tokenizer with [${given}]: ${takes ? "an" : "no"} input`, () => {
    const { inputs } = graphOf(encoder, {}, ["input_ids", ...given, "attention_mask"], segments);
    assert.equal(
      inputs.some(({ name }) => name === "token_type_ids"),
      takes,
    );
  });
}

const REFUSED: [name: string, code: string, call: () => unknown, message: RegExp][] = [
  [
    "an encoder without names",
    "unsupported-architecture",
    () => toOnnx(saved({ model_type: "albert" }), weights, SEGMENTS),
    /bert, distilbert.*found albert/,
  ],
  [
    "a tensor that the graph has no place for",
    "unsupported-architecture",
    () => {
      const more = withTensors(weights, (header) => {
        header["bert.extra.weight"] = header["classifier.bias"] as { shape: number[] };
      });
      return toOnnx(saved({}), more, SEGMENTS);
    },
    /bert\.extra\.weight/,
  ],
  [
    "more than protobuf holds",
    "out-of-memory",
    () => {
      const large = withTensors(weights, (header) => {
        for (const [name, { shape }] of Object.entries(header)) {
          if (name.endsWith("word_embeddings.weight")) shape[0] = 20_000_000;
        }
      });
      return toOnnx(saved({}), large, SEGMENTS);
    },
    /2 GiB.*2\.4 GiB/,
  ],
];
for (const [name, code, call, message] of REFUSED) {
  test(`${name}: ${code}`, () => {
    assert.throws(call, (error: { code: string; message: string }) => {
      assert.match(error.message, message);
      return error.code === code;
    });
  });
}
