/**
 * The bench's answers after each change: embeds the examples that are new, and answers by the nearest mean of their states, or
 * by the trained model where its labels are the same. Sets `state.bench`.
 */
import type { Classifier, TextPair } from "../../src/index.ts";
import {
  centroidsOf,
  FEWEST_JUDGED,
  heldOut,
  mostAlike,
  type Placed,
  rightOf,
  scoresOf,
} from "../data/centroids.ts";
import { type Example, rowKey } from "../data/edits.ts";
import { indexOf } from "../data/example-index.ts";
import { labelsOf, textOf } from "../data/parts.ts";
import { isAbort, toFailure } from "../i18n/messages.ts";
import type { Answer, Held } from "../state/bench.ts";
import { answersByTraining, isPretraining, isTraining } from "../state/selectors.ts";
import type { Store } from "../state/store.ts";
import { classifierInHand } from "./model.ts";

/** Examples that are embedded at most, so that an answer takes seconds. */
export const MOST_EMBEDDED = 600;
/** Held-out texts that are judged, where at least FEWEST_HELD are. */
const MOST_HELD = 200;
const FEWEST_HELD = FEWEST_JUDGED;
const ROWS_AT_ONCE = 16;
/** Words of a text that are left out one by one, at most; and how much of the score a word must carry to be named. */
const MOST_WORDS = 24;
const MATTERS = 0.05;
/** A pause in typing after which the text is asked about. */
const TYPING_MS = 200;

/** The states of texts by the model that gave them: a run makes another `info`, and so others. */
const known = new WeakMap<object, Map<string, Float32Array>>();
let working = false;
let again = false;
let timer: ReturnType<typeof setTimeout> | undefined;

/** From now on the bench answers whenever it is open and something has changed. */
export function answerOnChange(store: Store): void {
  let seen: unknown[] = [];
  store.on(["step", "data", "model", "training"], (state) => {
    const { step, data, model, training } = state;
    const now = [step, data.examples, model.info, model.phase, training.phase];
    if (now.every((value, at) => value === seen[at])) return;
    seen = now;
    if (step === "bench") void refresh(store);
  });
}

export function setTried(store: Store, fields: { text?: string; textPair?: string }): void {
  store.patch("bench", fields);
  clearTimeout(timer);
  timer = setTimeout(() => void refresh(store), TYPING_MS);
}

/** One pass at a time: what changes meanwhile is taken in by the next. */
async function refresh(store: Store): Promise<void> {
  again = true;
  if (working) return;
  working = true;
  while (again) {
    again = false;
    try {
      await pass(store);
    } catch (error) {
      const gone = isAbort(error) || ["disposed", "no-model"].includes(toFailure(error).code);
      store.patch("bench", gone ? { asking: false } : { error: toFailure(error), asking: false });
    }
  }
  working = false;
}

async function pass(store: Store): Promise<void> {
  const { state } = store;
  if (state.model.phase !== "ready" || isTraining(state) || isPretraining(state)) {
    // An answer must not stand under another text until there is a model again.
    const { answer, text, textPair, asking } = state.bench;
    const other = answer !== undefined && (answer.text !== text || answer.textPair !== textPair);
    if (other || asking) store.patch("bench", { ...(other && { answer: undefined }), asking: false });
    return;
  }
  if (state.data.examples.length === 0 || state.data.parts?.multiLabel) {
    store.patch("bench", { held: undefined, answer: undefined, done: 0, total: 0, error: undefined });
    return;
  }
  const classifier = classifierInHand();
  const states = known.get(classifier.info) ?? new Map<string, Float32Array>();
  known.set(classifier.info, states);
  const rows = chosen(indexOf(state.data.examples).train, MOST_EMBEDDED);
  const held = chosen(indexOf(state.data.examples).test, MOST_HELD);
  // A trained model was tested already, and answers before anything is read.
  const trained = answersByTraining(state);
  if (trained) await answerAtOnce(store, classifier);
  const all = [...rows, ...(held.length >= FEWEST_HELD && !trained ? held : [])];
  await embed(store, classifier, states, all);
  if (again) return;
  const labels = [...new Set(rows.flatMap(({ row }) => labelsOf(row)))];
  const place = new Map(labels.map((label, at) => [label, at]));
  const placed = (some: readonly Example[]): Placed[] =>
    some.flatMap(({ row }) => {
      const [known, target] = [states.get(rowKey(row)), place.get(labelsOf(row)[0] ?? "")];
      return known && target !== undefined ? [{ state: known, target }] : [];
    });
  const means = centroidsOf(labels, placed(rows));
  const judged = placed(all.slice(rows.length));
  const outcome: Held =
    judged.length >= FEWEST_HELD
      ? { right: rightOf(means, judged), of: judged.length, by: "test" }
      : { ...heldOut(means, placed(rows)), by: "each-other" };
  store.patch("bench", {
    held: labels.length > 1 && (outcome.by === "test" || outcome.of >= FEWEST_JUDGED) ? outcome : undefined,
    error: undefined,
  });
  await answer(store, classifier, rows, placed(rows), (state) =>
    scoresOf(means, state).map((score, at) => ({ label: labels[at] ?? "", score })),
  );
}

/** Those of a part's rows that are read: the latest own ones, and others evenly from all of the file. */
function chosen(rows: readonly Example[], most: number): readonly Example[] {
  if (rows.length <= most) return rows;
  const latest = rows.slice(-most / 4);
  const others = rows.slice(0, -most / 4);
  const every = others.length / (most - latest.length);
  return [
    ...Array.from({ length: most - latest.length }, (_, at) => others[Math.floor(at * every)]),
    ...latest,
  ].filter((each) => each !== undefined);
}

async function embed(
  store: Store,
  classifier: Classifier,
  states: Map<string, Float32Array>,
  rows: readonly Example[],
): Promise<void> {
  const fresh = new Map(
    rows.filter(({ row }) => !states.has(rowKey(row))).map(({ row }) => [rowKey(row), row]),
  );
  const waiting = [...fresh];
  const total = rows.length;
  const begun = performance.now();
  for (let start = 0; start < waiting.length; start += ROWS_AT_ONCE) {
    const some = waiting.slice(start, start + ROWS_AT_ONCE);
    store.patch("bench", { done: Math.max(0, total - waiting.length + start), total });
    const vectors = await classifier.embed(some.map(([, row]) => textOf(row)));
    for (const [at, [key]] of some.entries()) states.set(key, vectors[at] as Float32Array);
    // Rows that came or went meanwhile need no wait for the others.
    if (again) return;
  }
  const textMs = waiting.length >= ROWS_AT_ONCE ? (performance.now() - begun) / waiting.length : undefined;
  store.patch("bench", { done: total, total, ...(textMs === undefined ? {} : { textMs }) });
}

/** The trained model's answer, without the example that is the most alike. */
async function answerAtOnce(store: Store, classifier: Classifier): Promise<void> {
  const { text, textPair, answer: before } = store.state.bench;
  if (
    text.trim() === "" ||
    (before?.text === text && before.by === "trained" && before.model === classifier.info)
  )
    return;
  const input = textOf(store.state.data.parts?.pairs ? { text, textPair } : { text });
  const { scores } = await classifier.classify(input);
  const sorted = [...scores].sort((a, b) => b.score - a.score);
  store.patch("bench", {
    answer: { text, textPair, scores: sorted, by: "trained", model: classifier.info },
    asking: false,
  });
}

async function answer(
  store: Store,
  classifier: Classifier,
  rows: readonly Example[],
  placed: readonly Placed[],
  byMeans: (state: Float32Array) => Answer["scores"],
): Promise<void> {
  const { text, textPair } = store.state.bench;
  if (text.trim() === "") {
    store.patch("bench", { answer: undefined, asking: false });
    return;
  }
  store.patch("bench", { asking: true });
  const trained = answersByTraining(store.state);
  const inputOf = (some: string): string | TextPair =>
    textOf(store.state.data.parts?.pairs ? { text: some, textPair } : { text: some });
  const scoresOfAll = async (texts: readonly string[]): Promise<Answer["scores"][]> => {
    const inputs = texts.map(inputOf);
    if (trained) return (await classifier.classify(inputs)).map(({ scores }) => scores);
    return (await classifier.embed(inputs)).map(byMeans);
  };
  const [state, [given = []]] = await Promise.all([classifier.embed(inputOf(text)), scoresOfAll([text])]);
  const scores = [...given].sort((a, b) => b.score - a.score);
  const like = rows[mostAlike(placed, state)];
  const made: Answer = {
    ...{ text, textPair, scores, like, model: classifier.info },
    by: trained ? "trained" : "means",
  };
  store.patch("bench", { answer: made, asking: false });
  if (again) return;
  const because = await decisiveWord(text, scores[0], scoresOfAll);
  if (because !== undefined && store.state.bench.answer === made)
    store.patch("bench", { answer: { ...made, because } });
}

/** The word without which the best label loses the most: each is left out once. */
async function decisiveWord(
  text: string,
  best: Answer["scores"][number] | undefined,
  scoresOfAll: (texts: readonly string[]) => Promise<Answer["scores"][]>,
): Promise<string | undefined> {
  const words = text.trim().split(/\s+/);
  if (best === undefined || words.length < 2 || words.length > MOST_WORDS) return undefined;
  const without = await scoresOfAll(words.map((_, left) => words.filter((_, at) => at !== left).join(" ")));
  let [decisive, most]: [string | undefined, number] = [undefined, MATTERS];
  for (const [at, scores] of without.entries()) {
    const loss = best.score - (scores.find(({ label }) => label === best.label)?.score ?? 0);
    if (loss > most) [decisive, most] = [words[at], loss];
  }
  return decisive?.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");
}
