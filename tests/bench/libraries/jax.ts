// jax-js as a contender: one compiled function for the forward pass, one for a whole training step.
// Its arrays are counted references: a function takes those it is given, and `.ref` keeps one for later.

import {
  type Array as Arr,
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
} from "@jax-js/jax";
import { batchAt, isTable, randomWeights, type Shape, turned } from "../model/shape.ts";
import {
  type Contender,
  decays,
  firstProbabilities,
  RECIPE,
  repeating,
  type Variant,
} from "../page/contender.ts";

type Params = Record<string, Arr>;
const EMBEDDINGS = ["word_embeddings", "position_embeddings", "token_type_embeddings"];

async function start({ device }: Variant): Promise<void> {
  const found = await init(device);
  if (!found.includes(device)) throw new Error(`expected the device ${device}, found ${found}`);
  defaultDevice(device);
}

/** `tables` are the embeddings. */
function load(shape: Shape): { tables: Params; params: Params } {
  const [tables, params]: [Params, Params] = [{}, {}];
  for (const [name, { shape: dimensions, data }] of turned(randomWeights(shape))) {
    (isTable(name) ? tables : params)[name] = np.array(data).reshape(dimensions);
  }
  return { tables, params };
}

function dense(params: Params, name: string, x: Arr): Arr {
  return np.matmul(x, params[`${name}.weight`] as Arr).add(params[`${name}.bias`] as Arr);
}

function layerNorm(params: Params, name: string, x: Arr): Arr {
  return nn
    .standardize(x, -1, { epsilon: 1e-12 })
    .mul(params[`${name}.weight`] as Arr)
    .add(params[`${name}.bias`] as Arr);
}

/** The sum of the three embeddings, [batch, seqLen, hidden], of token type 0. */
function embed({ seqLen, hidden }: Shape, tables: Params, inputIds: Arr): Arr {
  const [word, position, type] = EMBEDDINGS.map((name) => tables[`bert.embeddings.${name}.weight`] as Arr);
  const positions = (position as Arr).slice([0, seqLen]);
  const first = (type as Arr).slice([0, 1]).reshape([hidden]);
  return np
    .take(word as Arr, inputIds, 0)
    .add(positions)
    .add(first);
}

/** Logits, [batch, classes], from the summed embeddings. */
function encode(shape: Shape, params: Params, embedded: Arr, attentionMask: Arr): Arr {
  const { batch, seqLen, hidden, heads, layers } = shape;
  const split = (x: Arr) => x.reshape([batch, seqLen, heads, hidden / heads]);
  const bias = np.array(1).sub(attentionMask).mul(-1e9).reshape([batch, 1, 1, seqLen]);
  let x = layerNorm(params, "bert.embeddings.LayerNorm", embedded);
  for (let layer = 0; layer < layers; layer++) {
    const name = `bert.encoder.layer.${layer}`;
    const query = split(dense(params, `${name}.attention.self.query`, x.ref));
    const key = split(dense(params, `${name}.attention.self.key`, x.ref));
    const value = split(dense(params, `${name}.attention.self.value`, x.ref));
    const context = nn
      .dotProductAttention(query, key, value, { bias: bias.ref })
      .reshape([batch, seqLen, hidden]);
    const attended = dense(params, `${name}.attention.output.dense`, context).add(x);
    x = layerNorm(params, `${name}.attention.output.LayerNorm`, attended);
    const inner = nn.gelu(dense(params, `${name}.intermediate.dense`, x.ref), { approximate: false });
    x = layerNorm(params, `${name}.output.LayerNorm`, dense(params, `${name}.output.dense`, inner).add(x));
  }
  bias.dispose();
  const pooled = np.tanh(dense(params, "bert.pooler.dense", x.slice([], 0)));
  return dense(params, "classifier", pooled);
}

const ids = (data: Int32Array, dimensions: number[]) =>
  np.array(data, { dtype: np.int32 }).reshape(dimensions);

function inputs(shape: Shape, index: number): { inputIds: Arr; mask: Arr; oneHot: Arr } {
  const { inputIds, attentionMask, targets } = batchAt(shape, index);
  const dimensions = [shape.batch, shape.seqLen];
  return {
    inputIds: ids(inputIds, dimensions),
    mask: np.array(Float32Array.from(attentionMask)).reshape(dimensions),
    oneHot: nn.oneHot(ids(targets, [shape.batch]), shape.classes),
  };
}

export const library: Contender = {
  name: "jax-js",
  package: "@jax-js/jax",
  variants: [{ device: "wasm", threads: navigator.hardwareConcurrency }, { device: "webgpu" }],
  lacks: [
    "the three embedding tables stay frozen in training, since it cannot train them under jit",
    "no dropout and no gradient clipping here",
    "no tokenizer",
  ],

  async forward(shape, variant) {
    await start(variant);
    const weights = load(shape);
    const logits = jit((tables: Params, params: Params, inputIds: Arr, mask: Arr) =>
      encode(shape, params, embed(shape, tables, inputIds), mask),
    );
    const run = async (index: number) => {
      const { inputIds, mask, oneHot } = inputs(shape, index);
      oneHot.dispose();
      return logits(tree.ref(weights.tables), tree.ref(weights.params), inputIds, mask).data();
    };
    return repeating(firstProbabilities((await run(0)) as Float32Array, shape.classes), run);
  },

  async train(shape, variant) {
    await start(variant);
    const { tables, params: initial } = load(shape);
    const zeros = () => tree.map((param: Arr) => np.zeros(param.shape), initial) as Params;
    let state = { params: initial, first: zeros(), second: zeros() };
    const lookUp = jit((tables: Params, inputIds: Arr) => embed(shape, tables, inputIds));
    const step = jit(trainStep(shape));
    const run = async (index: number) => {
      const { inputIds, mask, oneHot } = inputs(shape, index);
      const embedded = lookUp(tree.ref(tables), inputIds);
      const corrections = [RECIPE.beta1, RECIPE.beta2].map((beta) => np.array(1 / (1 - beta ** (index + 1))));
      const [loss, next] = step(state, embedded, mask, oneHot, corrections) as [Arr, typeof state];
      state = await blockUntilReady(next); // lazy: the loss alone does not need the backward pass
      return loss.data();
    };
    const [loss] = await run(0);
    return repeating([loss as number], (index) => run(index + 1));
  },
};

type State = { params: Params; first: Params; second: Params };

/**
 * Loss, gradients and AdamW in one function: gives [loss, the next state]. `corrections`: 1 / (1 -
 * beta^step).
 */
function trainStep(shape: Shape) {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = RECIPE;
  const lossOf = (params: Params, embedded: Arr, mask: Arr, oneHot: Arr) =>
    nn
      .logSoftmax(encode(shape, params, embedded, mask))
      .mul(oneHot)
      .sum()
      .mul(-1 / shape.batch);
  return (state: State, embedded: Arr, mask: Arr, oneHot: Arr, corrections: Arr[]): [Arr, State] => {
    const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(state.params), embedded, mask, oneHot);
    const next: State = { params: {}, first: {}, second: {} };
    const [unbias1, unbias2] = corrections as [Arr, Arr];
    for (const [name, param] of Object.entries(state.params)) {
      const gradient = (gradients as Params)[name] as Arr;
      const first = (state.first[name] as Arr).mul(beta1).add(gradient.ref.mul(1 - beta1));
      const second = (state.second[name] as Arr).mul(beta2).add(np.square(gradient).mul(1 - beta2));
      next.first[name] = first.ref;
      next.second[name] = second.ref;
      const size = np.sqrt(second.mul(unbias2.ref)).add(epsilon);
      const update = np.divide(first.mul(unbias1.ref), size).mul(learningRate);
      next.params[name] = param.mul(decays(name) ? 1 - learningRate * weightDecay : 1).sub(update);
    }
    unbias1.dispose();
    unbias2.dispose();
    return [loss, next];
  };
}
