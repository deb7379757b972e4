// Builds a graph node by node. A value is its name; the layers that BERT is made of are in layers.ts.

import type { Attribute, ElementType, Graph, Initializer, Node, ValueInfo } from "./model-proto.ts";

export type Value = string;

type Numbers = Float32Array | Uint8Array | Int8Array | BigInt64Array;

export class GraphBuilder implements Graph {
  readonly nodes: Node[] = [];
  readonly initializers: Initializer[] = [];
  readonly inputs: ValueInfo[] = [];
  readonly outputs: ValueInfo[] = [];
  readonly #constants = new Map<string, Value>();

  input(name: string, type: ElementType, shape: ValueInfo["shape"]): Value {
    this.inputs.push({ name, type, shape });
    return name;
  }

  output(value: Value, name: string, type: ElementType, shape: ValueInfo["shape"]): void {
    this.nodes.push({ op: "Identity", inputs: [value], outputs: [name], attributes: {} });
    this.outputs.push({ name, type, shape });
  }

  /** A node with one output. */
  op(op: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    return this.ops(op, inputs, 1, attributes)[0] as Value;
  }

  ops(
    op: string,
    inputs: readonly Value[],
    count: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const name = `${op}_${this.nodes.length}`;
    const outputs = Array.from({ length: count }, (_, index) => (index === 0 ? name : `${name}_${index}`));
    this.nodes.push({ op, inputs, outputs, attributes });
    return outputs;
  }

  /** A tensor of the file, whose numbers are made when it is written. */
  tensor(name: string, type: ElementType, shape: readonly number[], numbers: () => Numbers): Value {
    const width = { float: 4, uint8: 1, int8: 1, int64: 8 }[type];
    const byteLength = shape.reduce((product, size) => product * size, width);
    const bytes = () => {
      const { buffer, byteOffset, byteLength } = numbers();
      return new Uint8Array(buffer, byteOffset, byteLength);
    };
    this.initializers.push({ name, type, shape, byteLength, bytes });
    return name;
  }

  float(value: number): Value {
    return this.#constant(`float_${value}`, "float", [], () => Float32Array.of(value));
  }

  byte(value: number): Value {
    return this.#constant(`byte_${value}`, "uint8", [], () => Uint8Array.of(value));
  }

  int(value: number): Value {
    return this.#constant(`int_${value}`, "int64", [], () => BigInt64Array.of(BigInt(value)));
  }

  ints(...values: number[]): Value {
    const numbers = () => BigInt64Array.from(values, BigInt);
    return this.#constant(`ints_${values.join("_")}`, "int64", [values.length], numbers);
  }

  #constant(name: string, type: ElementType, shape: number[], numbers: () => Numbers): Value {
    const found = this.#constants.get(name) ?? this.tensor(name, type, shape, numbers);
    this.#constants.set(name, found);
    return found;
  }
}
