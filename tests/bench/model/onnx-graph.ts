// Takes a shape and its weights; gives the bytes of an ONNX model of the same classifier, for any batch and
// length: standard operators in the forms that exporters write and that onnxruntime fuses. Pure.

import protobuf from "protobufjs/light.js";
import type { Shape, Weights } from "./shape.ts";

const field = (type: string, id: number) => ({ type, id });
const list = (type: string, id: number) => ({ rule: "repeated", type, id });
const message = (fields: Record<string, object>) => ({ fields });

/** The part of onnx.proto (https://github.com/onnx/onnx) that is written here. */
const ONNX = protobuf.Root.fromJSON({
  nested: {
    Model: message({
      irVersion: field("int64", 1),
      graph: field("Graph", 7),
      opsetImport: list("OperatorSetId", 8),
    }),
    OperatorSetId: message({ domain: field("string", 1), version: field("int64", 2) }),
    Graph: message({
      node: list("Node", 1),
      name: field("string", 2),
      initializer: list("Tensor", 5),
      input: list("ValueInfo", 11),
      output: list("ValueInfo", 12),
    }),
    Node: message({
      input: list("string", 1),
      output: list("string", 2),
      name: field("string", 3),
      opType: field("string", 4),
      attribute: list("Attribute", 5),
    }),
    Attribute: message({
      name: field("string", 1),
      f: field("float", 2),
      i: field("int64", 3),
      ints: list("int64", 8),
      type: field("int32", 20),
    }),
    Tensor: message({
      dims: list("int64", 1),
      dataType: field("int32", 2),
      name: field("string", 8),
      rawData: field("bytes", 9),
    }),
    ValueInfo: message({ name: field("string", 1), type: field("Type", 2) }),
    Type: message({ tensorType: field("TensorType", 1) }),
    TensorType: message({ elemType: field("int32", 1), shape: field("TensorShape", 2) }),
    TensorShape: message({ dim: list("Dimension", 1) }),
    Dimension: message({ dimValue: field("int64", 1), dimParam: field("string", 2) }),
  },
} as protobuf.INamespace);

const FLOAT = 1;
const INT64 = 7;
/** The first with LayerNormalization. */
const OPSET = 17;
const IR_VERSION = 8;

const integer = (name: string, i: number) => ({ name, i, type: 2 });
const real = (name: string, f: number) => ({ name, f, type: 1 });
const integers = (name: string, ints: number[]) => ({ name, ints, type: 7 });

/** Nodes and constants, each named by its output. */
class Graph {
  readonly node: object[] = [];
  readonly initializer: object[] = [];

  op(opType: string, input: string[], ...attribute: object[]): string {
    const output = `${opType}_${this.node.length}`;
    this.node.push({ opType, name: output, input, output: [output], attribute });
    return output;
  }

  tensor(name: string, dims: number[], data: Float32Array | BigInt64Array): string {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.initializer.push({ name, dims, dataType: data instanceof Float32Array ? FLOAT : INT64, rawData });
    return name;
  }

  number(value: number): string {
    return this.tensor(`number_${this.initializer.length}`, [], Float32Array.of(value));
  }

  whole(values: number[]): string {
    return this.tensor(
      `whole_${this.initializer.length}`,
      [values.length],
      BigInt64Array.from(values, BigInt),
    );
  }
}

/** `weights`: dense layers' as [in, out]. */
export function onnxModel(shape: Shape, weights: Weights): Uint8Array<ArrayBuffer> {
  const graph = new Graph();
  for (const [name, tensor] of weights) graph.tensor(name, tensor.shape, tensor.data);
  classify(graph, shape);
  const value = (name: string, elemType: number, dim: object[]) => ({
    name,
    type: { tensorType: { elemType, shape: { dim } } },
  });
  const batch = { dimParam: "batch" };
  const input = ["input_ids", "attention_mask", "token_type_ids"].map((name) =>
    value(name, INT64, [batch, { dimParam: "length" }]),
  );
  const output = [value("logits", FLOAT, [batch, { dimValue: shape.classes }])];
  const Model = ONNX.lookupType("Model");
  return Model.encode({
    irVersion: IR_VERSION,
    opsetImport: [{ domain: "", version: OPSET }],
    graph: { name: "bert", node: graph.node, initializer: graph.initializer, input, output },
  } as object as protobuf.Message).finish() as Uint8Array<ArrayBuffer>;
}

/** From the inputs, [batch, length] each, to the output "logits". */
function classify(graph: Graph, { hidden, heads, layers, positions }: Shape): void {
  const add = (a: string, b: string) => graph.op("Add", [a, b]);
  const dense = (name: string, x: string) => add(graph.op("MatMul", [x, `${name}.weight`]), `${name}.bias`);
  const norm = (name: string, x: string) =>
    graph.op(
      "LayerNormalization",
      [x, `${name}.weight`, `${name}.bias`],
      integer("axis", -1),
      real("epsilon", 1e-12),
    );
  const rows = (name: string, ids: string) =>
    graph.op("Gather", [`bert.embeddings.${name}_embeddings.weight`, ids], integer("axis", 0));
  const [zero, one] = [graph.whole([0]), graph.whole([1])];
  const every = graph.tensor(
    "every",
    [1, positions],
    BigInt64Array.from({ length: positions }, (_, i) => BigInt(i)),
  );
  const index = graph.tensor("index", [], BigInt64Array.of(1n));
  const length = graph.op("Gather", [graph.op("Shape", ["input_ids"]), index], integer("axis", 0));
  const places = graph.op("Slice", [every, zero, graph.op("Unsqueeze", [length, zero]), one, one]);
  const embedded = add(
    add(rows("word", "input_ids"), rows("token_type", "token_type_ids")),
    rows("position", places),
  );
  let x = norm("bert.embeddings.LayerNorm", embedded);

  const seen = graph.op("Unsqueeze", [graph.op("Unsqueeze", ["attention_mask", one]), graph.whole([2])]);
  const absent = graph.op("Sub", [graph.number(1), graph.op("Cast", [seen], integer("to", FLOAT))]);
  const mask = graph.op("Mul", [absent, graph.number(-1e9)]);
  // A 0 keeps the size that the input has there.
  const byHead = graph.whole([0, 0, heads, hidden / heads]);
  const merged = graph.whole([0, 0, hidden]);
  const split = (x: string, order: number[]) =>
    graph.op("Transpose", [graph.op("Reshape", [x, byHead])], integers("perm", order));
  for (let layer = 0; layer < layers; layer++) {
    const name = `bert.encoder.layer.${layer}`;
    const query = split(dense(`${name}.attention.self.query`, x), [0, 2, 1, 3]);
    const key = split(dense(`${name}.attention.self.key`, x), [0, 2, 3, 1]);
    const value = split(dense(`${name}.attention.self.value`, x), [0, 2, 1, 3]);
    const products = graph.op("MatMul", [query, key]);
    const scores = graph.op("Div", [products, graph.number(Math.sqrt(hidden / heads))]);
    const shares = graph.op("Softmax", [add(scores, mask)], integer("axis", -1));
    const mixed = graph.op(
      "Transpose",
      [graph.op("MatMul", [shares, value])],
      integers("perm", [0, 2, 1, 3]),
    );
    const context = graph.op("Reshape", [mixed, merged]);
    x = norm(`${name}.attention.output.LayerNorm`, add(dense(`${name}.attention.output.dense`, context), x));
    const inner = gelu(graph, dense(`${name}.intermediate.dense`, x));
    x = norm(`${name}.output.LayerNorm`, add(dense(`${name}.output.dense`, inner), x));
  }
  const first = graph.tensor("first", [], BigInt64Array.of(0n));
  const pooled = graph.op("Tanh", [
    dense("bert.pooler.dense", graph.op("Gather", [x, first], integer("axis", 1))),
  ]);
  const logits = dense("classifier", pooled);
  graph.node.push({ opType: "Identity", name: "logits", input: [logits], output: ["logits"], attribute: [] });
}

function gelu(graph: Graph, x: string): string {
  const erf = graph.op("Erf", [graph.op("Div", [x, graph.number(Math.SQRT2)])]);
  const product = graph.op("Mul", [x, graph.op("Add", [erf, graph.number(1)])]);
  return graph.op("Mul", [product, graph.number(0.5)]);
}
