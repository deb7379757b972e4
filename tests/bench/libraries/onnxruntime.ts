// onnxruntime-web as a contender: the graph of onnx/model.ts in a session with every optimization on.

import { onnxModel } from "../model/onnx-graph.ts";
import { batchAt, randomWeights, turned } from "../model/shape.ts";
import { type Contender, firstProbabilities, repeating } from "../page/contender.ts";

export const library: Contender = {
  name: "onnxruntime-web",
  package: "onnxruntime-web",
  variants: [
    { device: "wasm", threads: 1 },
    { device: "wasm", threads: navigator.hardwareConcurrency },
    { device: "webgpu" },
  ],
  lacks: ["no training", "no tokenizer"],

  async forward(shape, { device, threads }) {
    // Each build has a wasm file of its own; the one for the CPU alone is the smaller and the faster there.
    const ort =
      device === "wasm" ? await import("onnxruntime-web/wasm") : await import("onnxruntime-web/webgpu");
    ort.env.wasm.wasmPaths = new URL("./", import.meta.url).href;
    if (threads !== undefined) ort.env.wasm.numThreads = threads;
    ort.env.logLevel = "error";
    const session = await ort.InferenceSession.create(onnxModel(shape, turned(randomWeights(shape))), {
      executionProviders: [device],
      graphOptimizationLevel: "all",
    });
    const run = async (index: number) => {
      const { inputIds, attentionMask } = batchAt(shape, index);
      const tensor = (data: Int32Array) =>
        new ort.Tensor("int64", BigInt64Array.from(data, BigInt), [shape.batch, shape.seqLen]);
      const { logits } = await session.run({
        input_ids: tensor(inputIds),
        attention_mask: tensor(attentionMask),
      });
      return (await logits?.getData()) as Float32Array;
    };
    return repeating(firstProbabilities(await run(0), shape.classes), run);
  },
};
