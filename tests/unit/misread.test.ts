// Tables that were once read as something else without a word, each beside a sibling that is read as before.

import assert from "node:assert/strict";
import { test } from "node:test";
import { utils, write } from "@e965/xlsx";
import { splitRows } from "../../web/src/index.ts";
import { delimiterOf } from "../../web/studio/data/delimiter.ts";
import { parseJson } from "../../web/studio/data/json.ts";
import { readTable } from "../../web/studio/data/parse.ts";
import { readPasted } from "../../web/studio/data/pasted.ts";
import { sheetsOf } from "../../web/studio/data/workbook.ts";
import { en } from "../../web/studio/i18n/en.ts";
import type { Notice } from "../../web/studio/i18n/messages.ts";

async function json(text: string) {
  const notices: Notice[] = [];
  const { records, columns } = await parseJson("a.json", text, notices);
  return { records, columns, told: notices.map((notice) => notice.text(en)) };
}

test("a list of texts whose first has a comma is one column; a table with short lines is one still", () => {
  const texts = [
    "Well, it came late",
    "It broke",
    "All is well",
    "I would buy it again",
    "No, never again",
    "Good",
  ];
  assert.equal(delimiterOf(texts.join("\n")), undefined);
  assert.equal(delimiterOf("text,label\na,x\nb,y\nc\nd,x\n"), ",");
  assert.equal(delimiterOf("a,b,c\n1,2,3\n1,2,3,4\n1,2\n"), ",");
});

test("names above both columns are a header, also where they come again", async () => {
  const file = new File(["text,label\na,x\ntext,label\nb,y\n"], "a.csv");
  const table = await readTable(file);
  assert.deepEqual(table.columns, ["text", "label"]);
  assert.deepEqual(
    table.records.map(([text]) => text),
    ["text", "a", "b"],
  );
  assert.match(
    table.notices.map((notice) => notice.text(en)).join(),
    /come again in 1 line, the first time in line 3/,
  );
});

test("a quote inside of a text is a part of it where each line is a record; quoted cells are read as before", async () => {
  const records = async (name: string, text: string) =>
    (await readTable(new File([text], name))).records.map((record) => [...record]);
  const films = [
    ["text", "label"],
    ['"Great" film', "pos"],
    ['12" too long', "neg"],
    ['"Never again', "neg"],
    ["fine", "pos"],
    ['again "', "neg"],
  ];
  const lines = (sign: string) => films.map((film) => film.join(sign)).join("\n");
  assert.deepEqual(await records("a.tsv", lines("\t")), films);
  assert.deepEqual(await records("a.csv", lines(",")), films);
  assert.deepEqual(
    readPasted(lines("\t")).rows.map(({ text, label }) => [text, label]),
    films.slice(1),
  );
  for (const [name, sign] of [
    ["a.tsv", "\t"],
    ["a.csv", ","],
  ] as const)
    assert.deepEqual(
      await records(name, `text${sign}label\n"one ""x"" two\nthree"${sign}pos\n"a${sign}b"${sign}neg\n`),
      [
        ["text", "label"],
        ['one "x" two\nthree', "pos"],
        [`a${sign}b`, "neg"],
      ],
    );
});

test("pasted labels that are names of columns elsewhere are labels", () => {
  const rows = "How do I reset it?\tquestion\nYour app is broken\tcomplaint\nWhere is my order?\tquestion";
  assert.deepEqual(
    readPasted(rows).rows.map(({ label }) => label),
    ["question", "complaint", "question"],
  );
  for (const header of ["text\tlabel", "message\tkind", "utterance\tintent"])
    assert.equal(readPasted(`${header}\na b\tx\nc d\ty`).rows.length, 2, header);
});

test("numbers of JSON keep all of their digits", async () => {
  const { records } = await json(
    '[{"id":1212092628029698048,"a":0.1234567890123,"t":"\\"12345678901234567890"}]',
  );
  assert.deepEqual(records, [["1212092628029698048", "0.1234567890123", '"12345678901234567890']]);
});

test("lists of rows by part are one list, and told; columns may be numbers", async () => {
  const { records, told } = await json('{"train":[["pay it","pay"],["hi","greet"]],"val":[["bye","leave"]]}');
  assert.deepEqual(records, [
    ["pay it", "pay"],
    ["hi", "greet"],
    ["bye", "leave"],
  ]);
  assert.match(told.join(), /train, val/);
  const split = await json('{"columns":[0,1],"index":[0],"data":[["pay it","pay"]]}');
  assert.deepEqual([split.columns, split.records], [["0", "1"], [["pay it", "pay"]]]);
  assert.deepEqual((await json('{"pay":["pay it"],"greet":["hi","hello"]}')).columns, ["text", "label"]);
});

test("long numbers and dates of a workbook come as they are", () => {
  const sheet = utils.aoa_to_sheet([
    ["order", "when", "share"],
    [123456789012, new Date(Date.UTC(2024, 0, 5)), 0.5],
  ]);
  sheet.C2.z = "0%";
  const book = utils.book_new(sheet, "a");
  for (const bookType of ["xlsx", "xls"] as const) {
    const [read] = sheetsOf(write(book, { type: "buffer", bookType }) as Uint8Array);
    assert.deepEqual(read?.records[1], ["123456789012", "2024-01-05", "50%"], bookType);
  }
});

test("a label of three texts has one in each part, however often they come", () => {
  const twice = Array.from({ length: 7 }, (_, at) => ({ text: `text ${at}`, label: "a" })).flatMap((row) => [
    row,
    row,
  ]);
  const rows = [...twice, ...twice.map(({ text }) => ({ text: `${text} b`, label: "b" }))];
  const parts = splitRows(rows);
  for (const part of ["train", "dev", "test"] as const)
    assert.deepEqual(new Set(parts[part]?.map(({ label }) => label)), new Set(["a", "b"]), part);
  const three = ["x", "y", "z"].map((text) => ({ text, label: "a" }));
  const few = splitRows(three, { dev: 0.5, test: 0.2 });
  assert.deepEqual([few.train.length, few.dev?.length, few.test?.length], [1, 1, 1]);
});
