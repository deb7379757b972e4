// The starters' own sums: the band of bad news, headlines in JSON from elsewhere, and a wish moved by likes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { band, headlinesIn } from "../../web/starters/band.ts";
import { headlinesOf } from "../../web/starters/headlines.ts";
import { moved } from "../../web/starters/taste.ts";
import { WORDS } from "../../web/starters/words.ts";

const some = (negative: number, of: number): boolean[] =>
  Array.from({ length: of }, (_, at) => at < negative);

test("an alert comes where the latest share is over the usual band, and never from too few", () => {
  assert.deepEqual(band([]), { share: 0, of: 0, alarm: false });
  assert.deepEqual(band(some(12, 19)), { share: 0.3, of: 10, alarm: false });
  const usual = some(6, 28);
  // (6 + 1) / (28 + 2) and 2 sqrt(p (1 - p) / 10)
  const { low, high, alarm } = band([...usual, ...some(5, 10)]);
  assert.ok(Math.abs((low ?? 1) - 0) < 1e-9 && Math.abs((high ?? 0) - 0.500832) < 1e-5, `${low} ${high}`);
  assert.equal(alarm, false);
  assert.equal(band([...usual, ...some(6, 10)]).alarm, true);
});

for (const [name, json, found] of [
  ["texts", ["a", "b"], ["a", "b"]],
  ["objects, the newest first", [{ title: "b", text: "-" }, { headline: "a" }, { other: 1 }], ["a", "b"]],
  [
    "objects with dates",
    {
      items: [
        { title: "b", date: "2026-02-02" },
        { title: "c", date: "2026-03-01" },
        { title: "a", date: "2026-01-01" },
      ],
    },
    ["a", "b", "c"],
  ],
  [
    "numbers as dates, in seconds",
    [
      { title: "a", date: 1700000000 },
      { title: "b", date_published: "2026-01-01T00:00:00Z" },
    ],
    ["a", "b"],
  ],
  [
    "the oldest first, one without a date",
    [{ title: "a", date: "2026-01-01" }, { title: "b" }, { title: "c", date: "2026-01-03" }],
    ["a", "b", "c"],
  ],
  [
    "lists of other things beside it",
    {
      tags: ["markets", "economy", "bonds"],
      categories: [{ title: "Business" }],
      items: [{ title: "b" }, { title: "a" }],
    },
    ["a", "b"],
  ],
  ["an empty title", [{ title: " ", text: "a" }], ["a"]],
  ["an empty feed", { errors: [], articles: [] }, []],
  ["a list within an object", { status: "ok", articles: [{ title: "a" }] }, ["a"]],
  ["numbers", [1, 2], undefined],
  ["nothing", null, undefined],
  ["a text", "a", undefined],
] as const)
  test(`headlines in JSON: ${name}`, () => assert.deepEqual(headlinesIn(json), found));

test("headlines in a file: lines, or the column of a table by its dates, in any encoding", async () => {
  const of = (name: string, ...parts: BlobPart[]) => headlinesOf(new File(parts, name), WORDS.en.news);
  const gbk = Uint8Array.of(0xb9, 0xc9, 0xca, 0xd0, 0xb4, 0xf3, 0xb5, 0xf8);
  assert.deepEqual(await of("a.txt", "a, b\r\nc"), { texts: ["a, b", "c"], whole: true });
  assert.deepEqual(await of("a.txt", gbk), { texts: ["股市大跌"], whole: true });
  const csv = 'published,Title\n2024-01-02,"Profit rises, again"\n2024-01-01,"A headline on\ntwo lines"\n';
  assert.deepEqual((await of("a.csv", csv)).texts, ["A headline on\ntwo lines", "Profit rises, again"]);
  assert.deepEqual((await of("a.tsv", "id\ttext\n1\tone, and more\n2\ttwo of them\n")).texts, [
    "one, and more",
    "two of them",
  ]);
  assert.deepEqual((await of("a.csv", "Profit rises, again\nShares fall\nA calm day\n")).texts, [
    "Profit rises, again",
    "Shares fall",
    "A calm day",
  ]);
  const partly = await of("a.csv", "id,title\n1,one\n2,two,and more\n3,three\n");
  assert.deepEqual(partly, { texts: ["one", "three"], whole: false });
  await assert.rejects(of("a.csv", Uint8Array.of(0, 1, 2, 0, 255, 0, 3)), { message: WORDS.en.news.notText });
});

test("likes draw a wish near, dislikes push it away, and its length stays 1", () => {
  const [wish, up, right] = [
    [0.6, 0.8],
    [0, 1],
    [1, 0],
  ].map((values) => Float32Array.from(values)) as [Float32Array, Float32Array, Float32Array];
  const taste = moved(wish, [up], [right]);
  assert.ok((taste[1] ?? 0) > 0.8 && (taste[0] ?? 1) < 0.6);
  assert.ok(Math.abs(Math.hypot(...taste) - 1) < 1e-6);
  assert.deepEqual(moved(wish, [], []), wish);
});

test("every reply and every mood has words in both languages", () => {
  for (const { service } of Object.values(WORDS))
    assert.deepEqual(Object.keys(service.replies), Object.keys(service.intents));
});
