// The graph of a classifier: embeddings, layers, pooling and head, from the tensors of model.safetensors.

import { GraphBuilder, type Value } from "./graph.ts";
import { embeddings, inputs, type Parts, scoreBiases } from "./inputs.ts";
import { Layers } from "./layers.ts";
import type { Graph } from "./model-proto.ts";
import type { Tensors } from "./safetensors.ts";
import type { Settings } from "./settings.ts";

/** The least finite f32. */
const LEAST = -3.4028234663852886e38;

export function classifierGraph(tensors: Tensors, settings: Settings): Graph {
  const graph = new GraphBuilder();
  const layers = new Layers(graph, tensors, settings.int8);
  const parts = { graph, layers, tensors, settings };
  const given = inputs(parts);
  let hidden = embeddings(parts, given);
  const biases = scoreBiases(parts, given);
  const { names } = settings;
  for (let index = 0; tensors.has(`${names.layers}.${index}.${names.query}.weight`); index++) {
    hidden = encoderLayer(parts, `${names.layers}.${index}`, hidden, biases);
  }
  const logits = layers.dense(names.head, pooled(parts, hidden, given.mask));
  const [classes] = tensors.shapeOf(`${names.head}.weight`) as [number, number];
  graph.output(logits, "logits", "float", ["batch", classes]);
  return graph;
}

/** `[batch, sequence, hidden]` to the same: each block with a residual, and LayerNorm after it. */
function encoderLayer(parts: Parts, layer: string, hidden: Value, biases: readonly Value[]): Value {
  const { graph, layers, settings } = parts;
  const { names, activation, layerNormEps } = settings;
  const dense = (name: string, x: Value) => layers.dense(`${layer}.${name}`, x);
  const plusNorm = (name: string, x: Value, residual: Value) =>
    layers.layerNorm(`${layer}.${name}`, graph.op("Add", [x, residual]), layerNormEps);
  const adapted = (name: string, x: Value) => layers.adapted(`${layer}.${name}`, x, activation);
  const attended = dense(names.attentionOutput, attention(parts, layer, hidden, biases));
  const middle = plusNorm(names.attentionNorm, adapted(names.attentionAdapter, attended), hidden);
  const wide = layers.activation(activation, dense(names.intermediate, middle));
  return plusNorm(names.outputNorm, adapted(names.outputAdapter, dense(names.output, wide)), middle);
}

function attention(parts: Parts, layer: string, hidden: Value, biases: readonly Value[]): Value {
  const { graph, layers, tensors, settings } = parts;
  const { names } = settings;
  const [width, hiddenSize] = tensors.shapeOf(`${layer}.${names.query}.weight`) as [number, number];
  const headDim = hiddenSize / settings.heads;
  const ofHeads = graph.ints(0, 0, width / headDim, headDim);
  const split = (name: string, perm: number[]) => {
    const states = layers.dense(`${layer}.${name}`, hidden);
    return graph.op("Transpose", [graph.op("Reshape", [states, ofHeads])], { perm });
  };
  const queries = split(names.query, [0, 2, 1, 3]);
  const keys = split(names.key, [0, 2, 3, 1]);
  const values = split(names.value, [0, 2, 1, 3]);
  let scores = graph.op("Div", [graph.op("MatMul", [queries, keys]), graph.float(Math.sqrt(headDim))]);
  for (const bias of biases) scores = graph.op("Add", [scores, bias]);
  const context = graph.op("MatMul", [graph.op("Softmax", [scores], { axis: -1 }), values]);
  const rows = graph.op("Transpose", [context], { perm: [0, 2, 1, 3] });
  return graph.op("Reshape", [rows, graph.ints(0, 0, width)]);
}

/** `[batch, sequence, hidden]` to `[batch, hidden]`. */
function pooled({ graph, layers, settings }: Parts, hidden: Value, mask: Value): Value {
  const { names, pooling } = settings;
  const first = () => graph.op("Gather", [hidden, graph.int(0)], { axis: 1 });
  switch (pooling) {
    case "pooler":
      return layers.activation(names.poolerActivation, layers.dense(names.pooler, first()));
    case "cls":
      return first();
    case "mean": {
      const counted = graph.op("Unsqueeze", [mask, graph.ints(2)]);
      const sum = (x: Value) => graph.op("ReduceSum", [x, graph.ints(1)], { keepdims: 0 });
      return graph.op("Div", [sum(graph.op("Mul", [hidden, counted])), sum(counted)]);
    }
    case "max": {
      const isPadding = graph.op("Equal", [graph.op("Unsqueeze", [mask, graph.ints(2)]), graph.float(0)]);
      const real = graph.op("Where", [isPadding, graph.float(LEAST), hidden]);
      return graph.op("ReduceMax", [real], { axes: [1], keepdims: 0 });
    }
  }
}
