// Words of a text, the text without one of them, and what is remembered of examples. The numbers of explanations are held by
// tests/native and tests/browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PooledStates } from "../../web/src/worker/answers/pooled-states.ts";
import { textWithout, wordOf, wordsOf } from "../../web/src/worker/answers/words.ts";
import { hasCode, loadFake } from "../support/fake-classifier.ts";
import { install, script } from "../support/fake-engine.ts";

/** A token for each letter and mark. */
const letters = (text: string, segment: 0 | 1 = 0) =>
  Array.from(text.matchAll(/\S/gu), ({ index, 0: { length } }) => ({
    segment,
    start: index,
    end: index + length,
  }));

for (const [text, expected] of [
  ["The parcel's late, isn't it?", ["The", "parcel's", "late", ",", "isn't", "it", "?"]],
  ["well-known 3.14", ["well", "-", "known", "3.14"]],
  ["great 👍🏽!", ["great", "👍🏽", "!"]],
  ["  \n ", []],
  ["", []],
] as const) {
  test(`the words of ${JSON.stringify(text)}`, () => {
    const words = wordsOf(text, letters(text));
    assert.deepEqual(
      words.map(({ start, end }) => text.slice(start, end)),
      expected,
    );
  });
}

test("Chinese words are told apart without spaces", () => {
  const text = "我的包裹迟到了。";
  const words = wordsOf(text, letters(text)).map(({ start, end }) => text.slice(start, end));
  assert.ok(words.includes("包裹") && words.at(-1) === "。", words.join("|"));
});

test("words that share a token are one, and words behind the cut are none", () => {
  const words = wordsOf("so good!!! yes", [
    { segment: 0, start: 0, end: 2 },
    { segment: 0, start: 3, end: 7 },
    { segment: 0, start: 7, end: 10 },
  ]);
  assert.deepEqual(
    words.map(({ start, end }) => [start, end]),
    [
      [0, 2],
      [3, 7],
      [7, 10],
    ],
  );
  assert.equal(wordOf(words, { segment: 0, start: 7, end: 10 }), 2);
  // A space of its own, as byte-level BPE has before an emoji, counts with what follows it.
  assert.equal(wordOf(words, { segment: 0, start: 2, end: 2 }), 1);
  assert.equal(wordOf(words, { segment: 0, start: 10, end: 10 }), 2);
  assert.equal(wordOf(words, { segment: 1, start: 0, end: 0 }), -1);
});

for (const [text, word, expected] of [
  ["a good movie", "good", "a movie"],
  ["a good movie", "a", "good movie"],
  ["a good movie.", "movie", "a good."],
  ["good, or not", ",", "good or not"],
  ["好的包裹", "的", "好包裹"],
  ["one", "one", ""],
] as const) {
  test(`${JSON.stringify(text)} without ${JSON.stringify(word)}`, () => {
    const start = text.indexOf(word);
    const place = { segment: 0, start, end: start + word.length } as const;
    assert.equal(textWithout(text, place), expected);
    assert.deepEqual(textWithout(["first", text], { ...place, segment: 1 }), ["first", expected]);
  });
}

test("states are remembered until a call changes the model", () => {
  const states = new PooledStates();
  const state = Float32Array.of(1, 2);
  states.keep("a", state);
  states.keep(["a", "b"], state);
  assert.equal(states.of("a"), state);
  assert.equal(states.of(["a", "b"]), state);
  assert.equal(states.of('["a","b"]'), undefined);
  const settled = states.changing();
  assert.equal(states.of("a"), undefined);
  states.keep("a", state);
  assert.equal(states.of("a"), undefined, "nothing is remembered while the model changes");
  settled();
  states.keep("a", state);
  assert.equal(states.of("a"), state);
  states.keep("large", new Float32Array(2 ** 24));
  assert.equal(states.of("large"), undefined, "64 MiB at most");
});

test("a word's part is the sum of its tokens', and a model of one label has none to explain", async () => {
  install(script());
  const { words, completeness, label } = await (await loadFake()).explain("one two three");
  assert.equal(label, "b");
  // The fake engine's tokens are a letter each, at the places 0, 1 and 2: all in the first word.
  assert.deepEqual(
    words.map(({ word, attribution }) => [word, Number(attribution.toFixed(6))]),
    [["one", 3]],
  );
  assert.ok(Math.abs(completeness?.delta ?? 1) < 1e-9);
  assert.equal(completeness?.steps, 16);

  install({ ...script(), labels: ["a"] });
  await assert.rejects((await loadFake()).explain("one"), hasCode("bad-state"));
});

test("where few steps miss the sum, more are taken; as many as were asked for are taken once", async () => {
  install({ ...script(), blankEvidence: 1 });
  const classifier = await loadFake();
  const totals: number[] = [];
  const onProgress = ({ total }: { total: number }) => totals.push(total);
  // The attributions add up to 3, the evidence to 2.
  const { completeness } = await classifier.explain("one two three", { onProgress });
  assert.deepEqual([completeness?.steps, completeness?.delta.toFixed(6)], [50, "1.000000"]);
  assert.deepEqual([totals.includes(16), totals.includes(50)], [true, true]);
  const asked = await classifier.explain("one two three", { steps: 4 });
  assert.equal(asked.completeness?.steps, 4);
});
