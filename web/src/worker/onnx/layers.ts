// The layers that BERT is made of, as nodes of a graph: in f32, or with dense layers and word embeddings in 8 bits.

import type { GraphBuilder, Value } from "./graph.ts";
import { quantizeRows, type Rows, transposed } from "./int8.ts";
import { TYPES } from "./model-proto.ts";
import type { Tensor, Tensors } from "./safetensors.ts";
import type { Activation } from "./settings.ts";

/** What is in 8 bits: the word embeddings, and all dense layers but these. */
export interface Int8 {
  f32Dense: readonly string[];
}

/** Whole numbers from 1 to 255, of which 128 is 0, and a scale for each token. */
interface InEightBits {
  numbers: Value;
  scale: Value;
}

const ZERO_POINT = 128;
/** Of a token whose state is 0. */
const LEAST_SCALE = 1e-30;

export class Layers {
  readonly #graph: GraphBuilder;
  readonly #tensors: Tensors;
  readonly #int8: Int8 | undefined;
  /** Activations in 8 bits, by the value that they are of: queries, keys and values share theirs. */
  readonly #quantized = new Map<Value, InEightBits>();

  constructor(graph: GraphBuilder, tensors: Tensors, int8: Int8 | undefined) {
    this.#graph = graph;
    this.#tensors = tensors;
    this.#int8 = int8;
  }

  /** A tensor as it is in the file, or with another shape of as many numbers. */
  weight(name: string, shape?: readonly number[]): Value {
    const tensor = this.#tensors.take(name);
    return this.#graph.tensor(name, "float", shape ?? tensor.shape, tensor.values);
  }

  /** x Wᵀ + b. */
  dense(name: string, x: Value): Value {
    if (this.#int8 !== undefined && !this.#int8.f32Dense.includes(name))
      return this.#denseInEightBits(name, x);
    const weight = this.#tensors.take(`${name}.weight`);
    const [outputs, inputs] = weight.shape as [number, number];
    const matrix = this.#graph.tensor(weight.name, "float", [inputs, outputs], () =>
      transposed(weight.values(), outputs, inputs),
    );
    return this.#plusBias(name, outputs, this.#graph.op("MatMul", [x, matrix]));
  }

  #denseInEightBits(name: string, x: Value): Value {
    const graph = this.#graph;
    const weight = this.#tensors.take(`${name}.weight`);
    const [outputs, inputs] = weight.shape as [number, number];
    const rows = quantizing(weight);
    const matrix = graph.tensor(weight.name, "int8", [inputs, outputs], () =>
      transposed(rows().numbers, outputs, inputs),
    );
    const scales = graph.tensor(`${weight.name}_scale`, "float", [outputs], () => rows().scales);
    const { numbers, scale } = this.#inEightBits(x);
    const sums = graph.op("MatMulInteger", [numbers, matrix, graph.byte(ZERO_POINT)]);
    // One scale after the other: onnxruntime would fuse a product of both as if all tokens shared one.
    const ofTokens = graph.op("Mul", [graph.op("Cast", [sums], { to: TYPES.float }), scale]);
    const product = graph.op("Mul", [ofTokens, scales]);
    return this.#plusBias(name, outputs, product);
  }

  /** max|x| / 127 of each token as its scale, and round(x / scale) + 128: unsigned, for which onnxruntime has quick products. */
  #inEightBits(x: Value): InEightBits {
    const found = this.#quantized.get(x);
    if (found !== undefined) return found;
    const graph = this.#graph;
    const most = graph.op("ReduceMax", [graph.op("Abs", [x])], { axes: [-1], keepdims: 1 });
    const scale = graph.op("Max", [graph.op("Div", [most, graph.float(127)]), graph.float(LEAST_SCALE)]);
    const shifted = graph.op("Add", [graph.op("Div", [x, scale]), graph.float(ZERO_POINT)]);
    const numbers = graph.op("Cast", [graph.op("Round", [shifted])], { to: TYPES.uint8 });
    const made = { numbers, scale };
    this.#quantized.set(x, made);
    return made;
  }

  #plusBias(name: string, outputs: number, product: Value): Value {
    return this.#graph.op("Add", [product, this.weight(`${name}.bias`, [outputs])]);
  }

  /** The rows of the word embeddings that `ids` name. */
  words(name: string, ids: Value): Value {
    if (this.#int8 === undefined) return this.#graph.op("Gather", [this.weight(name), ids]);
    const graph = this.#graph;
    const table = this.#tensors.take(name);
    const rows = quantizing(table);
    const numbers = graph.tensor(name, "int8", table.shape, () => rows().numbers);
    const scales = graph.tensor(`${name}_scale`, "float", [table.shape[0] as number, 1], () => rows().scales);
    return graph.op("Mul", [
      graph.op("Cast", [graph.op("Gather", [numbers, ids])], { to: TYPES.float }),
      graph.op("Gather", [scales, ids]),
    ]);
  }

  layerNorm(name: string, x: Value, epsilon: number): Value {
    const parameters = [this.weight(`${name}.weight`), this.weight(`${name}.bias`)];
    return this.#graph.op("LayerNormalization", [x, ...parameters], {
      axis: -1,
      epsilon: { float: epsilon },
    });
  }

  /** x + up(act(down(x))), where the model has this bottleneck. */
  adapted(name: string, x: Value, activation: Activation): Value {
    if (!this.#tensors.has(`${name}.down.weight`)) return x;
    const inner = this.activation(activation, this.dense(`${name}.down`, x));
    return this.#graph.op("Add", [x, this.dense(`${name}.up`, inner)]);
  }

  activation(kind: Activation, x: Value): Value {
    const graph = this.#graph;
    const half = (gate: Value) => graph.op("Mul", [graph.op("Mul", [x, gate]), graph.float(0.5)]);
    switch (kind) {
      case "gelu": {
        const error = graph.op("Erf", [graph.op("Div", [x, graph.float(Math.SQRT2)])]);
        return half(graph.op("Add", [error, graph.float(1)]));
      }
      case "gelu_new": {
        const cube = graph.op("Mul", [graph.op("Mul", [x, x]), x]);
        const inner = graph.op("Add", [x, graph.op("Mul", [cube, graph.float(0.044715)])]);
        const tanh = graph.op("Tanh", [graph.op("Mul", [inner, graph.float(Math.sqrt(2 / Math.PI))])]);
        return half(graph.op("Add", [tanh, graph.float(1)]));
      }
      case "relu":
        return graph.op("Relu", [x]);
      case "silu":
        return graph.op("Mul", [x, graph.op("Sigmoid", [x])]);
      case "tanh":
        return graph.op("Tanh", [x]);
    }
  }
}

/** Numbers and scales are asked for one after the other: the work is done once, and forgotten after both. */
function quantizing(tensor: Tensor): () => Rows {
  let made: Rows | undefined;
  return () => {
    const rows = made ?? quantizeRows(tensor);
    made = made === undefined ? rows : undefined;
    return rows;
  };
}
