// Writes an ONNX model as protobuf: the fields of onnx.proto3 that a graph of BERT needs, by their numbers there.

import { PbfWriter } from "pbf";

/** IR version 8 and operator set 17: every onnxruntime since 1.12 reads both. */
const IR_VERSION = 8;
const OPSET = 17;

/** TensorProto.DataType. */
export const TYPES = { float: 1, uint8: 2, int8: 3, int64: 7 } as const;
export type ElementType = keyof typeof TYPES;

/** AttributeProto.AttributeType of what JavaScript has: a float is `{ float }`. */
export type Attribute = number | readonly number[] | { float: number };

export interface Node {
  op: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

export interface Initializer {
  name: string;
  type: ElementType;
  shape: readonly number[];
  byteLength: number;
  /** Makes the content, little-endian. Called once, when the file is written. */
  bytes: () => Uint8Array;
}

/** An input or output: a name stands for a size that varies. */
export interface ValueInfo {
  name: string;
  type: ElementType;
  shape: readonly (number | string)[];
}

export interface Graph {
  nodes: readonly Node[];
  initializers: readonly Initializer[];
  inputs: readonly ValueInfo[];
  outputs: readonly ValueInfo[];
}

/** Bytes of the file beside its tensors, at most: names and nodes. */
export const MOST_STRUCTURE_BYTES = 8 * 2 ** 20;

/**
 * The file. Tensors are written into their places in it one by one, so that at most one is in memory twice.
 */
export function modelProto(graph: Graph, producer: { name: string; version: string }): Uint8Array {
  const structure = message((pbf) => {
    for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
    pbf.writeStringField(2, "classifier");
    for (const input of graph.inputs) pbf.writeMessage(11, writeValueInfo, input);
    for (const output of graph.outputs) pbf.writeMessage(12, writeValueInfo, output);
  });
  const tensors = graph.initializers.map((tensor) => {
    const head = [tensorHead(tensor), fieldHead(9, tensor.byteLength)];
    const length = byteLength(head) + tensor.byteLength;
    return { head: [fieldHead(5, length), ...head], tensor };
  });
  const graphBytes =
    structure.length +
    tensors.reduce((sum, { head, tensor }) => sum + byteLength(head) + tensor.byteLength, 0);
  const modelHead = message((pbf) => {
    pbf.writeVarintField(1, IR_VERSION);
    pbf.writeStringField(2, producer.name);
    pbf.writeStringField(3, producer.version);
    pbf.writeMessage(8, (version: number, to: PbfWriter) => to.writeVarintField(2, version), OPSET);
  });
  const start = [modelHead, fieldHead(7, graphBytes), structure];
  const file = new Uint8Array(byteLength(start) + graphBytes - structure.length);
  let at = 0;
  const put = (bytes: Uint8Array) => {
    file.set(bytes, at);
    at += bytes.length;
  };
  start.forEach(put);
  for (const { head, tensor } of tensors) {
    head.forEach(put);
    put(tensor.bytes());
  }
  return file;
}

const byteLength = (parts: readonly Uint8Array[]) => parts.reduce((sum, { length }) => sum + length, 0);

function message(write: (pbf: PbfWriter) => void): Uint8Array {
  const pbf = new PbfWriter();
  write(pbf);
  return pbf.finish();
}

/** The tag of a field of bytes, and how many there are. */
const fieldHead = (field: number, length: number) =>
  message((pbf) => {
    pbf.writeTag(field, 2);
    pbf.writeVarint(length);
  });

const tensorHead = ({ name, type, shape }: Initializer) =>
  message((pbf) => {
    for (const size of shape) pbf.writeVarintField(1, size);
    pbf.writeVarintField(2, TYPES[type]);
    pbf.writeStringField(8, name);
  });

function writeNode({ op, inputs, outputs, attributes }: Node, pbf: PbfWriter): void {
  for (const name of inputs) pbf.writeStringField(1, name);
  for (const name of outputs) pbf.writeStringField(2, name);
  pbf.writeStringField(3, outputs[0] as string);
  pbf.writeStringField(4, op);
  for (const attribute of Object.entries(attributes)) pbf.writeMessage(5, writeAttribute, attribute);
}

function writeAttribute([name, value]: [string, Attribute], pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  if (typeof value === "number") {
    pbf.writeVarintField(3, value);
    pbf.writeVarintField(20, 2);
  } else if ("float" in value) {
    pbf.writeFloatField(2, value.float);
    pbf.writeVarintField(20, 1);
  } else {
    for (const number of value) pbf.writeVarintField(8, number);
    pbf.writeVarintField(20, 7);
  }
}

function writeValueInfo({ name, type, shape }: ValueInfo, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(2, writeType, { type, shape });
}

function writeType(value: Pick<ValueInfo, "type" | "shape">, pbf: PbfWriter): void {
  pbf.writeMessage(1, writeTensorType, value);
}

function writeTensorType({ type, shape }: Pick<ValueInfo, "type" | "shape">, pbf: PbfWriter): void {
  pbf.writeVarintField(1, TYPES[type]);
  pbf.writeMessage(2, writeShape, shape);
}

function writeShape(shape: ValueInfo["shape"], pbf: PbfWriter): void {
  for (const size of shape) pbf.writeMessage(1, writeDimension, size);
}

function writeDimension(size: number | string, pbf: PbfWriter): void {
  if (typeof size === "number") pbf.writeVarintField(1, size);
  else pbf.writeStringField(2, size);
}
