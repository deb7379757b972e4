// The rows of a tag, from the address of a file: read as they were meant, or refused by name.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { METHODS, MOST } from "../../web/element/attributes.ts";
import { keptName } from "../../web/element/kept-name.ts";
import { Lesson } from "../../web/element/lesson.ts";
import { readRows } from "../../web/element/rows.ts";
import { LIMITS } from "../../web/src/shared/defaults.ts";
import { METHOD_DEFAULTS } from "../../web/studio/state/method-defaults.ts";
import { hasCode } from "../support/fake-classifier.ts";

const real = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = real;
});

function read(content: string | Uint8Array) {
  globalThis.fetch = async () => new Response(content as BodyInit);
  return readRows("https://site.example/rows.csv", new AbortController().signal);
}

test("a comma or a quote that is not meant as one is refused by its row", async () => {
  const refused = hasCode("bad-row", /rows\.csv: row 2: /);
  await assert.rejects(read("text,label\nsad,blue\nWe won, and they cheered,happy\n"), refused);
  await assert.rejects(read('text,label\nsad,blue\n"We won,happy\nWe lost,sad\n'), refused);
});

test("a row without a text, or with what is no label, is refused by its number", async () => {
  const refused = hasCode("bad-row", /rows\.csv: row 2: expected a text and one label/);
  await assert.rejects(read("text,label\nsad,blue\n ,happy\n"), refused);
  for (const label of ['{"name":"x"}', '["x","y"]', "null", '""'])
    await assert.rejects(read(`[{"text":"a","label":"x"},{"text":"b","label":${label}}]`), refused, label);
  const given = [
    { text: "a", label: "x" },
    { text: " ", label: "y" },
  ] as const;
  assert.throws(() => new Lesson().fill(given, undefined), hasCode("bad-row", /rows\[1\]: expected a text/));
});

test("of two columns of one name, neither is taken for the other", async () => {
  const refused = hasCode("bad-row", /rows\.csv has two columns "label"/);
  await assert.rejects(read("text,label,label\na,x,y\nb,y,x\n"), refused);
  await assert.rejects(read("text,label,Label \na,x,y\nb,y,x\n"), refused);
  assert.deepEqual(await read("text,note,note,label\na,1,2,x\n"), [{ text: "a", label: "x" }]);
});

test("JSON lines may have blank lines between them", async () => {
  const lines = ['{"text":"a","label":"x"}', "", ' {"text":"b","label":2} ', ""];
  assert.deepEqual(await read(lines.join("\n")), [
    { text: "a", label: "x" },
    { text: "b", label: "2" },
  ]);
});

test("blank lessons are kept by their page and their name there, and all others by what they teach", async () => {
  const settings = {
    src: "https://site.example/model/",
    adapter: undefined,
    labels: undefined,
    rows: undefined,
  };
  const own = globalThis.location;
  const nameAt = (pathname: string, named: string, more = {}) => {
    globalThis.location = { pathname } as Location;
    return keptName({ ...settings, ...more } as Parameters<typeof keptName>[0], undefined, named);
  };
  try {
    const blank = [nameAt("/a", "one"), nameAt("/a", "two"), nameAt("/b", "one"), nameAt("/a", "one")];
    assert.equal(new Set(await Promise.all(blank)).size, 3);
    for (const more of [{ rows: "https://site.example/rows.csv" }, { labels: ["x", "y"] }])
      assert.equal(await nameAt("/a", "one", more), await nameAt("/b", "two", more));
  } finally {
    globalThis.location = own;
  }
});

test("the tag's own lists are those of the library", () => {
  assert.deepEqual(METHODS, Object.keys(METHOD_DEFAULTS));
  assert.deepEqual(
    [LIMITS.labels, LIMITS.epochs],
    [
      [1, MOST],
      [1, MOST],
    ],
  );
});

test("quotes, empty columns and blank lines are read", async () => {
  const rows = [
    { text: 'We "won", twice', label: "happy" },
    { text: "We lost", label: "sad" },
  ];
  assert.deepEqual(await read('text,label\n"We ""won"", twice",happy\n\nWe lost,sad,\n'), rows);
});

test("files of other encodings have their own letters", async () => {
  const gbk = Uint8Array.of(
    ...[0xbf, 0xaa, 0xd0, 0xc4, 0xb5, 0xc4, 0xd2, 0xbb, 0xcc, 0xec, 0x2c, 0xbf, 0xaa, 0xd0, 0xc4, 0x0a],
    ...[0xce, 0xd2, 0xba, 0xdc, 0xc9, 0xfa, 0xc6, 0xf8, 0x2c, 0xc9, 0xfa, 0xc6, 0xf8, 0x0a],
  );
  const header = new TextEncoder().encode("text,label\n");
  assert.deepEqual(await read(Uint8Array.of(...header, ...gbk)), [
    { text: "开心的一天", label: "开心" },
    { text: "我很生气", label: "生气" },
  ]);
  const latin = Uint8Array.from("text,label\nC'était très bien,content\nC'était raté,déçu\n", (letter) =>
    letter.charCodeAt(0),
  );
  const labels = (await read(latin)).map(({ text, label }) => [text, label]);
  assert.deepEqual(labels, [
    ["C'était très bien", "content"],
    ["C'était raté", "déçu"],
  ]);
});
