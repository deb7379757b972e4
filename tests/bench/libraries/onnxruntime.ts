// onnxruntime-web as a contender: the graph of model/onnx-graph.ts in a session with every optimization on; and the
// forms of it that driver/onnx-forms.ts makes and serves, as people run them.

import { onnxModel } from "../model/onnx-graph.ts";
import { batchAt, randomWeights, type Shape, turned } from "../model/shape.ts";
import { answering, type Contender, firstProbabilities, type Variant } from "../page/contender.ts";

const CPU = [1, navigator.hardwareConcurrency].map((threads) => ({ device: "wasm", threads }) as const);

export const library: Contender = {
  name: "onnxruntime-web",
  package: "onnxruntime-web",
  variants: [
    ...CPU,
    { device: "webgpu" },
    ...CPU.map((on) => ({ ...on, form: "fused" }) as const),
    ...CPU.map((on) => ({ ...on, form: "int8" }) as const),
  ],
  lacks: ["no training", "no tokenizer"],

  async forward(shape, variant) {
    const { device, threads } = variant;
    // Each build has a wasm file of its own; the one for the CPU alone is the smaller and the faster there.
    const ort =
      device === "wasm" ? await import("onnxruntime-web/wasm") : await import("onnxruntime-web/webgpu");
    ort.env.wasm.wasmPaths = new URL("./", import.meta.url).href;
    if (threads !== undefined) ort.env.wasm.numThreads = threads;
    ort.env.logLevel = "error";
    const session = await ort.InferenceSession.create(await modelOf(shape, variant), {
      executionProviders: [device],
      graphOptimizationLevel: "all",
    });
    return answering(async (index, { batch, seqLen } = shape) => {
      const { inputIds, attentionMask } = batchAt({ ...shape, batch, seqLen }, index);
      const tensor = (data: Int32Array) =>
        new ort.Tensor("int64", BigInt64Array.from(data, BigInt), [batch, seqLen]);
      const { logits } = await session.run({
        input_ids: tensor(inputIds),
        attention_mask: tensor(attentionMask),
        token_type_ids: tensor(new Int32Array(batch * seqLen)),
      });
      return firstProbabilities((await logits?.getData()) as Float32Array, shape.classes);
    });
  },
};

async function modelOf(shape: Shape, { form }: Variant): Promise<Uint8Array> {
  if (form === undefined) return onnxModel(shape, turned(randomWeights(shape)));
  const response = await fetch(new URL(`../onnx/${shape.name}/${form}.onnx`, import.meta.url));
  if (!response.ok) throw new Error(`expected ${response.url}, found ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
