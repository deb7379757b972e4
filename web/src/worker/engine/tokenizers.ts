// Opens the wasm of tokenizers beyond BERT's WordPiece, for a checkpoint that needs it; gives what the engine reads its
// tokenizer by. An instance of its own: where a hostile file breaks it, the engine's goes on.

import { BertletError, type Failure, failureOf } from "../../shared/errors.ts";
import type { OtherTokenizer, TokenizerReader, WasmModule } from "./wasm-boundary.ts";
import { openWasm } from "./wasm-builds.ts";

/** The bytes of a tokenizer that the engine reads itself, or what reads it. */
export async function tokenizerSource(
  engine: Pick<WasmModule, "isBeyondWordPiece">,
  tokenizer: Uint8Array,
): Promise<Uint8Array | TokenizerReader> {
  if (!engine.isBeyondWordPiece(tokenizer)) return tokenizer;
  const { wasm } = await openWasm("tokenizers");
  const guard = guardOf();
  return {
    read(config, vocabSize, maxLength) {
      const read = guard(() => wasm.AnyTokenizer.read(tokenizer, config, vocabSize, maxLength));
      // Read now: a model is saved, too, after a text has broken its tokenizer.
      const [json, configJson] = [guard(() => read.toJson()), guard(() => read.toConfigJson())];
      const guarded: OtherTokenizer = {
        encode: (texts, pairs) => guard(() => read.encode(texts, pairs)),
        tokenize: (text, pair) => guard(() => read.tokenize(text, pair)),
        special: () => guard(() => read.special()),
        maskToken: () => guard(() => read.maskToken()),
        kinds: () => guard(() => read.kinds()),
        decode: (ids, skipSpecialTokens) => guard(() => read.decode(ids, skipSpecialTokens)),
        toJson: () => json,
        toConfigJson: () => configJson,
      };
      return guarded;
    },
  };
}

/** Runs calls of one instance. A panic or trap is thrown as a failure, and so is every call after it. */
function guardOf(): <T>(call: () => T) => T {
  let broken: Failure | undefined;
  return (call) => {
    if (broken !== undefined) throw broken;
    try {
      return call();
    } catch (error) {
      const failure = failureOf(error);
      if (failure !== undefined) throw failure;
      const { code, message, hint } = new BertletError(
        "bad-tokenizer",
        `tokenizer.json: its parts failed on a text: ${error}`,
        "save the tokenizer again with a current version of transformers, and load it anew",
      );
      broken = hint === undefined ? { code, message } : { code, message, hint };
      throw broken;
    }
  };
}
