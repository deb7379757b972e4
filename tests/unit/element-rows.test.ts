// The rows of a tag, from the address of a file: read as they were meant, or refused by name.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { readRows } from "../../web/element/rows.ts";
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
