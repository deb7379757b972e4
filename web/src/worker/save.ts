// Saves the model: gives the texts of its folder and its weights.

import type { Calls, SavedText } from "../shared/messages.ts";
import { wholeFile } from "./pieces.ts";
import { withScope } from "./saved-scope.ts";
import type { Session } from "./session.ts";

/** To be called within a turn. */
export async function save(
  { engine, scope }: Session,
  { dtype, as }: Calls["save"]["request"],
): Promise<Calls["save"]["response"]> {
  const weights = await wholeFile(engine.save(as, dtype));
  const text: SavedText = {
    config:
      as === "masked-lm" ? engine.savedConfig(as, dtype) : withScope(engine.savedConfig(as, dtype), scope),
    tokenizer: engine.savedTokenizer(),
    tokenizerConfig: engine.savedTokenizerConfig(),
  };
  const modelingCode = engine.savedModelingCode(as);
  if (modelingCode !== undefined) text.modelingCode = modelingCode;
  return { ...text, weights };
}
