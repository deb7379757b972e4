// Takes a text and the checked options of an explanation; gives the request, and of its response the explanation as the public
// API has it.

import type { ExplainOptions, Explanation, LabelledText, Prediction } from "../../bertlet.d.ts";
import { EXPLAIN } from "../shared/defaults.ts";
import type { Explained, ExplainRequest, Text } from "../shared/messages.ts";
import { predictionsOf } from "./results.ts";
import { checkLabelled, checkTexts, textOf } from "./rows.ts";

/** The request, and the examples among which it looks for the nearest. */
export function explainRequestOf(
  text: unknown,
  { method = EXPLAIN.method, label, steps, examples: given, nearest = EXPLAIN.nearest }: ExplainOptions,
): [ExplainRequest, LabelledText[] | undefined] {
  const [one] = checkTexts("explain", [text]) as [Text];
  const examples = given && checkLabelled("explain: examples", given);
  const request = {
    text: one,
    method,
    nearest,
    ...(steps !== undefined && { steps }),
    ...(label !== undefined && { label: label.toWellFormed() }),
    ...(examples && { examples: examples.map(textOf) }),
  };
  return [request, examples];
}

export function explanationOf(
  { label, words, truncated, answers, without, tokens, completeness, nearest }: Explained,
  { text, method }: Pick<ExplainRequest, "text" | "method">,
  examples: readonly LabelledText[] | undefined,
): Explanation {
  const texts = typeof text === "string" ? [text] : text;
  const [prediction, ...changed] = predictionsOf(answers, undefined) as [Prediction, ...Prediction[]];
  const found = nearest?.map(({ index, similarity }) => ({
    ...(examples?.[index] as LabelledText),
    index,
    similarity,
  }));
  return {
    method,
    label: answers.labels[label] as string,
    score: answers.scores[label] as number,
    prediction,
    words: words.map(({ segment, start, end, attribution }, index) => ({
      word: (texts[segment] as string).slice(start, end),
      segment,
      start,
      end,
      attribution,
      ...(without && { without: { text: without[index] as string, ...(changed[index] as Prediction) } }),
    })),
    truncated,
    ...(tokens && { tokens }),
    ...(completeness && { completeness }),
    ...(found && { nearest: found }),
  };
}
