/**
 * Takes the examples and a finding of the data report about repeated texts; gives the rows that its remedy takes out.
 */
import type { FindingCode } from "../../src/index.ts";
import { textKey } from "../../src/shared/text-key.ts";
import type { Example } from "./edits.ts";
import { labelsOf } from "./parts.ts";

export type Repeated = Extract<FindingCode, "duplicate" | "near-duplicate" | "leakage">;

/** Of equal rows of a part the first stays; of texts in several parts, those in train, then those in dev. */
export function surplus(examples: readonly Example[], code: Repeated): Example[] {
  const seen = new Map<string, Example["part"]>();
  const left: Example[] = [];
  for (const part of ["train", "dev", "test"] as const)
    for (const example of examples) {
      if (example.part !== part) continue;
      const { text, textPair } = example.row;
      const plain = textPair === undefined ? text : `${text}\u0000${textPair}`;
      const near = textPair === undefined ? textKey(text) : textKey([text, textPair]);
      const labels = [...labelsOf(example.row)].sort().join("\u0001");
      const key =
        code === "leakage" ? near : `${part}\u0001${code === "duplicate" ? plain : near}\u0001${labels}`;
      const before = seen.get(key);
      if (before !== undefined && (code !== "leakage" || before !== part)) left.push(example);
      else seen.set(key, part);
    }
  return left;
}
