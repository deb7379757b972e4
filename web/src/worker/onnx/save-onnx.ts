// Saves the classifier as an ONNX folder. Loads what writes ONNX only when it is called.

import { BertletError } from "../../shared/errors.ts";
import type { Calls } from "../../shared/messages.ts";
import { wholeFile } from "../pieces.ts";
import type { Session } from "../session.ts";
import { checkHasLabels } from "../targets.ts";
import type * as Onnx from "./onnx.ts";

/** Reads the model in one turn, and writes it after that: what fails there leaves the engine as it was. */
export async function saveOnnx(
  session: Session,
  { dtype }: Calls["saveOnnx"]["request"],
): Promise<Calls["saveOnnx"]["response"]> {
  const { toOnnx } = await loadWriter();
  const { engine } = session;
  const saved = await session.turn(async () => {
    checkHasLabels("save", session.info);
    return {
      weights: await wholeFile(engine.save("classifier", "f32")),
      config: engine.savedConfig("classifier", dtype),
      tokenizer: engine.savedTokenizer(),
      tokenizerConfig: engine.savedTokenizerConfig(),
    };
  });
  const { tokenizer, tokenizerConfig } = saved;
  try {
    return { ...toOnnx(saved.config, saved.weights, tokenizerConfig), tokenizer, tokenizerConfig };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new BertletError(
      "out-of-memory",
      `save: no room for the ONNX model beside ${saved.weights.byteLength} bytes of weights`,
      'dtype: "int8" takes a quarter; close other tabs, or use a smaller model',
      { cause: error },
    );
  }
}

async function loadWriter(): Promise<typeof Onnx> {
  try {
    return await import("./onnx.ts");
  } catch (error) {
    throw new BertletError(
      "fetch-failed",
      `onnx.js: it could not be loaded: ${error}`,
      "onnx.js must lie in the same folder as worker.js",
    );
  }
}
