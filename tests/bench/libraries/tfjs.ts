// TensorFlow.js as a contender, through its operations (it has no BERT of its own) and its Adam.

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import "@tensorflow/tfjs-backend-webgpu";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { batchAt, randomWeights, type Shape, turned } from "../model/shape.ts";
import {
  type Contender,
  decays,
  firstProbabilities,
  RECIPE,
  repeating,
  type Variant,
} from "../page/contender.ts";

type Params = Map<string, tf.Variable>;

async function start({ device, threads }: Variant): Promise<void> {
  if (device === "wasm") {
    setWasmPaths(new URL("./", import.meta.url).href);
    if (threads !== undefined) setThreadsCount(threads);
  }
  if (!(await tf.setBackend(device))) throw new Error(`expected the backend ${device}, which did not start`);
}

function load(shape: Shape): Params {
  const weights = turned(randomWeights(shape));
  return new Map([...weights].map(([name, { shape, data }]) => [name, tf.variable(tf.tensor(data, shape))]));
}

function of(params: Params, name: string): tf.Variable {
  const found = params.get(name);
  if (found === undefined) throw new Error(`expected a parameter ${name}, found none`);
  return found;
}

/** x: [rows, in] */
function dense(params: Params, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const b = of(params, `${name}.weight`) as unknown as tf.Tensor2D;
  return tf.fused.matMul({ a: x, b, bias: of(params, `${name}.bias`) }) as tf.Tensor2D;
}

function layerNorm<T extends tf.Tensor>(params: Params, name: string, x: T): T {
  const { mean, variance } = tf.moments(x, -1, true);
  const normal = x.sub(mean).mul(variance.add(1e-12).rsqrt());
  return normal.mul(of(params, `${name}.weight`)).add(of(params, `${name}.bias`));
}

function gelu(x: tf.Tensor2D): tf.Tensor2D {
  return x.mul(0.5).mul(tf.erf(x.mul(Math.SQRT1_2)).add(1));
}

/** Logits, [batch, classes]. The tensors between lie as [batch * seqLen, hidden]. */
function classify(
  shape: Shape,
  params: Params,
  inputIds: tf.Tensor1D,
  attentionMask: tf.Tensor2D,
): tf.Tensor2D {
  const { batch, seqLen, hidden, heads, layers } = shape;
  const embeddings = (name: string) => of(params, `bert.embeddings.${name}_embeddings.weight`);
  const positions = embeddings("position").slice([0, 0], [seqLen, hidden]);
  const type = embeddings("token_type").slice([0, 0], [1, hidden]);
  const words = tf.gather(embeddings("word"), inputIds).reshape([batch, seqLen, hidden]);
  let x = layerNorm(params, "bert.embeddings.LayerNorm", words.add(positions).add(type)).reshape([
    batch * seqLen,
    hidden,
  ]) as tf.Tensor2D;
  const bias = tf.sub(1, attentionMask).mul(-1e9).reshape([batch, 1, 1, seqLen]);
  const split = (x: tf.Tensor2D) => x.reshape([batch, seqLen, heads, hidden / heads]).transpose([0, 2, 1, 3]);
  for (let layer = 0; layer < layers; layer++) {
    const name = `bert.encoder.layer.${layer}`;
    const [query, key, value] = ["query", "key", "value"].map((part) =>
      split(dense(params, `${name}.attention.self.${part}`, x)),
    ) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const scores = tf
      .matMul(query, key, false, true)
      .mul(1 / Math.sqrt(hidden / heads))
      .add(bias);
    const context = tf
      .matMul(tf.softmax(scores), value)
      .transpose([0, 2, 1, 3])
      .reshape([batch * seqLen, hidden]);
    const attended = dense(params, `${name}.attention.output.dense`, context as tf.Tensor2D).add<tf.Tensor2D>(
      x,
    );
    x = layerNorm(params, `${name}.attention.output.LayerNorm`, attended);
    const inner = gelu(dense(params, `${name}.intermediate.dense`, x));
    x = layerNorm(
      params,
      `${name}.output.LayerNorm`,
      dense(params, `${name}.output.dense`, inner).add<tf.Tensor2D>(x),
    );
  }
  const first = x
    .reshape([batch, seqLen, hidden])
    .slice([0, 0, 0], [batch, 1, hidden])
    .reshape([batch, hidden]);
  return dense(params, "classifier", tf.tanh(dense(params, "bert.pooler.dense", first as tf.Tensor2D)));
}

function inputs(shape: Shape, index: number) {
  const { inputIds, attentionMask, targets } = batchAt(shape, index);
  return {
    inputIds: tf.tensor1d(inputIds, "int32"),
    mask: tf.tensor2d(Float32Array.from(attentionMask), [shape.batch, shape.seqLen]),
    labels: tf.oneHot(tf.tensor1d(targets, "int32"), shape.classes),
  };
}

/** Reads the tensor back and frees it. */
async function read(tensor: tf.Tensor): Promise<Float32Array> {
  const data = await tensor.data<"float32">();
  tensor.dispose();
  return data;
}

export const library: Contender = {
  name: "TensorFlow.js",
  package: "@tensorflow/tfjs-core",
  variants: [{ device: "wasm", threads: navigator.hardwareConcurrency }, { device: "webgpu" }],
  trainsOn: ["webgpu"],
  lacks: [
    "no training on wasm, whose backend has no UnsortedSegmentSum, the gradient of an embedding",
    "no dropout and no gradient clipping here",
    "no tokenizer",
  ],

  async forward(shape, variant) {
    await start(variant);
    const params = load(shape);
    const run = (index: number) => {
      const logits = tf.tidy(() => {
        const { inputIds, mask } = inputs(shape, index);
        return classify(shape, params, inputIds, mask);
      });
      return read(logits);
    };
    return repeating(firstProbabilities(await run(0), shape.classes), run);
  },

  async train(shape, variant) {
    await start(variant);
    const params = load(shape);
    const { learningRate, beta1, beta2, epsilon, weightDecay } = RECIPE;
    const adam = tf.train.adam(learningRate, beta1, beta2, epsilon);
    const variables = [...params.values()];
    const run = (index: number) => {
      const loss = tf.tidy(() => {
        const { inputIds, mask, labels } = inputs(shape, index);
        const lossOf = () =>
          tf.losses.softmaxCrossEntropy(labels, classify(shape, params, inputIds, mask)) as tf.Scalar;
        // Its Adam has no decay of its own; AdamW's is taken off the weights before the step.
        for (const [name, variable] of params) {
          if (decays(name)) variable.assign(variable.mul(1 - learningRate * weightDecay));
        }
        return adam.minimize(lossOf, true, variables) as tf.Scalar;
      });
      return read(loss);
    };
    const [loss] = await run(0);
    return repeating([loss as number], (index) => run(index + 1));
  },
};
