// A .txt of own texts: every line keeps its place, and lines without text are none to pretrain on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readTexts, textsOf } from "../../web/studio/data/unlabelled.ts";

const file = (content: string) => new File([content], "own.txt");

test("each line keeps its place; only what follows the last line's end is none", async () => {
  const own = await readTexts(file("one\n\n  \r\ntwo\rthree\n\n"));
  assert.deepEqual(own.lines, ["one", "", "  ", "two", "three", ""]);
  assert.deepEqual((await readTexts(file("one\ntwo"))).lines, ["one", "two"]);
});

test("lines without text are none to pretrain on, and a file of them alone is empty", async () => {
  const own = await readTexts(file("one\n\n  \ntwo\n"));
  const { train, dev = [] } = textsOf(own, undefined) as { train: string[]; dev?: string[] };
  assert.deepEqual([...train, ...dev].sort(), ["one", "two"]);
  await assert.rejects(readTexts(file("\n  \n")), { code: "empty-file" });
});
