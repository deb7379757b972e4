// Takes a text; gives what each of its words and tokens does for a label, by integrated gradients or by leaving words out,
// and the examples nearest to it. May not change the model.

import type { TokenizedText } from "../../../bertlet.d.ts";
import { EXPLAIN_STEPS, INFERENCE } from "../../shared/defaults.ts";
import { BertletError, describe } from "../../shared/errors.ts";
import type { Explained, ExplainRequest, Scores, Text } from "../../shared/messages.ts";
import { nextTurn } from "../../shared/next-turn.ts";
import type { Job, Session } from "../session.ts";
import { checkHasLabels } from "../targets.ts";
import { answersOf, type OnProgress, vectorsOf } from "./infer.ts";
import type { PooledStates } from "./pooled-states.ts";
import { tokenize } from "./tokenize.ts";
import { type TokenPlace, textWithout, type Word, wordOf, wordsOf } from "./words.ts";

/** Tokens of a backward pass: a step of a training run has about as many. */
const BATCH_TOKENS = 512;

type Part = Pick<Explained, "words" | "answers" | "without" | "tokens" | "completeness">;

export function explain(
  session: Session,
  states: PooledStates,
  request: ExplainRequest,
  job: Job,
  onProgress: OnProgress,
): Promise<Explained> {
  return session.turn(async () => {
    checkHasLabels("explain", session.info);
    const { text, method, examples } = request;
    const [row] = await tokenize(session, [text], job, () => {});
    const { tokens, truncated } = row as TokenizedText;
    const places = placesOf(text, row as TokenizedText);
    const words = wordsOf(text, places);
    const changed = method === "occlusion" ? words.map((word) => textWithout(text, word)) : [];
    const asked = { texts: [text, ...changed], batchSize: INFERENCE.batchSize };
    const answers = await answersOf(session, asked, job, onProgress);
    const label = labelOf(session, request.label, answers);
    const part =
      method === "occlusion"
        ? occlusion(words, changed, answers, label)
        : await gradients(session, request, { tokens, places, words }, answers, label, job, onProgress);
    const nearest =
      examples && (await nearestOf(session, states, text, examples, request.nearest, job, onProgress));
    job.check();
    return { label, truncated, ...part, ...(nearest && { nearest }) };
  });
}

/** Where each token is, and in which of a pair's texts: behind the special tokens that end the first one. */
function placesOf(text: Text, { offsets, specialTokensMask: special }: TokenizedText): TokenPlace[] {
  let specials = 0;
  return offsets.map(([start, end], token) => {
    specials += special[token] as number;
    return { segment: typeof text !== "string" && specials > 1 ? 1 : 0, start, end };
  });
}

/** The label asked for, or the one with the highest score. */
function labelOf({ info }: Session, asked: string | undefined, { scores, labels }: Scores): number {
  if (labels.length === 1 && info.problemType !== "multi_label_classification") {
    throw new BertletError(
      "bad-state",
      "explain: the model has one label alone, which is the answer to each text",
      "load a model of at least two labels",
    );
  }
  if (asked === undefined) {
    const own = scores.subarray(0, labels.length);
    return own.indexOf(Math.max(...own));
  }
  const label = labels.indexOf(asked);
  if (label >= 0) return label;
  const shown = labels.slice(0, 20).map(describe).join(", ");
  throw new BertletError(
    "bad-option",
    `explain: option label must be one of the model's labels, ${shown}${labels.length > 20 ? ", ..." : ""}; found ${describe(asked)}`,
  );
}

/** What the label's score loses without each word. */
function occlusion(words: Word[], changed: Text[], answers: Scores, label: number): Part {
  const score = (row: number) => answers.scores[row * answers.labels.length + label] as number;
  return {
    words: words.map((word, index) => ({ ...word, attribution: score(0) - score(index + 1) })),
    without: changed.map((text, index) =>
      typeof text === "string" ? text : text[(words[index] as Word).segment],
    ),
    answers,
  };
}

async function gradients(
  { engine }: Session,
  { text, steps: asked }: ExplainRequest,
  read: { tokens: string[]; places: TokenPlace[]; words: Word[] },
  answers: Scores,
  label: number,
  job: Job,
  onProgress: OnProgress,
): Promise<Part> {
  const [first, pair] = typeof text === "string" ? [text] : text;
  const { tokens, places, words } = read;
  const [evidence = 0, blank = 0] = await engine.evidence(first, pair, label);
  const along = async (steps: number): Promise<Float64Array> => {
    const sums = new Float64Array(tokens.length);
    const batch = Math.max(1, Math.floor(BATCH_TOKENS / tokens.length));
    for (let from = 0; from < steps; from += batch) {
      job.check();
      const to = Math.min(from + batch, steps);
      const part = await engine.integratedGradients(first, pair, label, steps, from, to);
      for (const [token, value] of part.entries()) sums[token] = (sums[token] as number) + value;
      onProgress({ stage: "infer", loaded: to, total: steps });
      await nextTurn();
    }
    return sums;
  };
  let taken: number = asked ?? EXPLAIN_STEPS.first;
  let sums = await along(taken);
  if (asked === undefined && leavesOut(sums, evidence - blank) > EXPLAIN_STEPS.leavesOut) {
    taken = EXPLAIN_STEPS.second;
    sums = await along(taken);
  }
  const ofWords = words.map((word) => ({ ...word, attribution: 0 }));
  for (const [token, place] of places.entries()) {
    const word = ofWords[wordOf(words, place)];
    if (word !== undefined) word.attribution += sums[token] as number;
  }
  const sum = sums.reduce((a, b) => a + b, 0);
  return {
    words: ofWords,
    answers,
    tokens: tokens.map((token, index) => ({
      token,
      ...(places[index] as TokenPlace),
      attribution: sums[index] as number,
    })),
    completeness: { text: evidence, blank, sum, delta: sum - (evidence - blank), steps: taken },
  };
}

/** What is missing of the attributions' sum, as a share of their sizes: where words speak for and against, the sum is near 0. */
function leavesOut(attributions: Float64Array, expected: number): number {
  let [sum, size] = [0, 0];
  for (const value of attributions) [sum, size] = [sum + value, size + Math.abs(value)];
  return Math.abs(sum - expected) / (size || 1);
}

/** The examples with the largest cosine between pooled states, the largest first. */
async function nearestOf(
  session: Session,
  states: PooledStates,
  text: Text,
  examples: readonly Text[],
  count: number,
  job: Job,
  onProgress: OnProgress,
): Promise<{ index: number; similarity: number }[]> {
  // What is known is taken now: another call may change the model, and with it all states are forgotten.
  const own = new Map<Text, Float32Array>();
  for (const example of examples) {
    const known = states.of(example);
    if (known !== undefined) own.set(example, known);
  }
  const missing = examples.filter((example) => !own.has(example));
  const asked = [text, ...missing];
  const { hiddenSize } = session.info;
  const request = { texts: asked, batchSize: INFERENCE.batchSize, normalize: true };
  const vectors = await vectorsOf(session, request, job, onProgress);
  for (const [row, example] of missing.entries()) {
    const state = vectors.slice((row + 1) * hiddenSize, (row + 2) * hiddenSize);
    own.set(example, state);
    states.keep(example, state);
  }
  const target = vectors.subarray(0, hiddenSize);
  const similarity = (example: Text) => {
    const state = own.get(example) as Float32Array;
    return state.reduce((sum, value, index) => sum + value * (target[index] as number), 0);
  };
  return examples
    .map((example, index) => ({ index, similarity: similarity(example) }))
    .sort((a, b) => b.similarity - a.similarity || a.index - b.index)
    .slice(0, count);
}
