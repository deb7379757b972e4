// Weights in several files, joined into one; and shards that are missing, damaged or doubled.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ErrorCode } from "../../web/bertlet.d.ts";
import { joinShards, shardsOf } from "../../web/src/worker/files/shards.ts";
import { withHeader } from "../support/checkpoints.ts";
import { hasCode } from "../support/fake-classifier.ts";
import { indexOf, safetensors, splitIntoShards, tensorsOf } from "../support/shards.ts";

const from = (shards: Record<string, Uint8Array>) => async (name: string) => shards[name] as Uint8Array;

describe("weights in several files", () => {
  const tensors = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`layer.${i}`, Array(i).fill(i)]));

  for (const count of [1, 2, 4]) {
    test(`become one file of the same tensors, from ${count}`, async () => {
      const { index, shards } = splitIntoShards(safetensors(tensors), count);
      assert.deepEqual(shardsOf(index), Object.keys(shards));
      assert.deepEqual(tensorsOf(await joinShards(index, from(shards))), tensors);
    });
  }

  test("keep tensors that the index does not name, and odd names", async () => {
    const odd = JSON.parse('{"__proto__": [1], "x\\"\\\\": [2]}');
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`extra.${i}`.repeat(9), [i]]));
    const shards = { "a.safetensors": safetensors({ x: [3], ...many }), "b.safetensors": safetensors(odd) };
    const index = indexOf({ x: "a.safetensors", 'x"\\': "b.safetensors" });
    const joined = tensorsOf(await joinShards(index, from(shards)));
    assert.deepEqual(Object.entries(joined).sort(), Object.entries({ x: [3], ...many, ...odd }).sort());
  });
});

describe("bad shards", () => {
  const good = safetensors({ x: [1, 2] });
  const other = safetensors({ y: [3] });
  const index = indexOf({ x: "a.safetensors", y: "b.safetensors" });
  const entry = (begin: number, end: number) => ({ dtype: "F32", shape: [1], data_offsets: [begin, end] });
  const broken = (entries: unknown, bytes = 8) =>
    withHeader(Buffer.from(JSON.stringify(entries)), Buffer.alloc(bytes));
  const BAD: [name: string, code: ErrorCode, b: Uint8Array, message: RegExp][] = [
    ["doubled tensors", "bad-weights", safetensors({ y: [3], x: [1] }), /"x" also in a\.safetensors/],
    [
      "a tensor that is not there",
      "missing-tensor",
      safetensors({ z: [1] }),
      /"y" in this shard, which lacks it/,
    ],
    ["a truncated file", "bad-weights", other.subarray(0, other.length - 2), /truncated/],
    ["a header longer than the file", "bad-weights", other.subarray(0, 20), /header/],
    ["an empty file", "bad-weights", new Uint8Array(), /header/],
    ["a header that is no JSON", "bad-weights", withHeader(Buffer.from("{oops"), Buffer.alloc(8)), /JSON/],
    ["a header that is an array", "bad-weights", broken([]), /JSON object/],
    ["offsets that overlap", "bad-weights", broken({ y: entry(0, 8), z: entry(4, 8) }), /overlap/],
    ["a gap", "bad-weights", broken({ y: entry(0, 2), z: entry(4, 8) }), /gap/],
    ["offsets beyond the file", "bad-weights", broken({ y: entry(0, 800) }), /expected 800 bytes/],
    ["negative offsets", "bad-weights", broken({ y: entry(-4, 8) }), /data_offsets/],
    ["no offsets", "bad-weights", broken({ y: null }), /data_offsets/],
  ];
  for (const [name, code, b, message] of BAD) {
    test(`with ${name} are ${code}, by the shard's name`, async () => {
      const joining = joinShards(index, from({ "a.safetensors": good, "b.safetensors": b }));
      await assert.rejects(joining, hasCode(code, message));
      await assert.rejects(joining, hasCode(code, /b\.safetensors/));
    });
  }

  for (const path of [
    "../x.safetensors",
    "/x.safetensors",
    "a/b.safetensors",
    "a\\b.safetensors",
    ".safetensors",
  ]) {
    test(`at ${path} are refused`, () => {
      assert.throws(
        () => shardsOf(indexOf({ x: path })),
        hasCode("bad-weights", /file of the folder, found "x"/),
      );
    });
  }

  const indices = ["", "[]", "{}", '{"weight_map": []}', '{"weight_map": {}}', '{"weight_map": {"x": 1}}'];
  for (const text of [...indices, '{"weight_map": {"x": "pytorch_model-00001-of-00002.bin"}}']) {
    test(`of the index ${text} are bad-weights`, () => {
      const bytes = new TextEncoder().encode(text);
      assert.throws(() => shardsOf(bytes), hasCode("bad-weights", /model\.safetensors\.index\.json/));
    });
  }

  test("of more than there is room for are out-of-memory", async () => {
    const large = indexOf({ x: "a.safetensors" }, 2 ** 40);
    await assert.rejects(joinShards(large, from({})), hasCode("out-of-memory"));
  });
});
