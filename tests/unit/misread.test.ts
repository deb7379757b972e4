// Tables that were once read as something else without a word, each beside a sibling that is read as before.

import assert from "node:assert/strict";
import { test } from "node:test";
import { splitRows } from "../../web/src/index.ts";
import { newFile } from "../../web/studio/data/parts.ts";
import { readPasted } from "../../web/studio/data/pasted.ts";
import { guessColumns } from "../../web/studio/data/reading/columns.ts";
import { delimiterOf } from "../../web/studio/data/reading/delimiter.ts";
import { parseJson } from "../../web/studio/data/reading/json.ts";
import { readTable } from "../../web/studio/data/reading/parse.ts";
import { LIST, splitLabels } from "../../web/studio/data/reading/separator.ts";
import { rowsOfFiles } from "../../web/studio/data/rows.ts";
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

const rowsIn = (rows: readonly { text: string; label: string }[]) =>
  rows.map(({ text, label }) => [text, label]);

/** The rows as they come into the bench, with their keys and what is said. */
async function examplesOf(name: string, content: string) {
  const table = await readTable(new File([content], name));
  const { text = "", label = "" } = guessColumns(table);
  const columns = { text, label, pair: undefined, separator: undefined, joins: new Map<string, string>() };
  const file = newFile(table, "train");
  const { examples, notices } = await rowsOfFiles([file], columns, { splitSeed: 42, sample: false });
  return {
    rows: examples.map(({ row }) => [row.text, row.label]),
    keys: examples.map(({ key }) => Number(key.replace(`${file.id}/`, ""))),
    told: notices.map((notice) => notice.text(en)).join(),
  };
}

test("texts by label are no columns where the lists are equally long; columns stay columns", async () => {
  const sports = { sports: ["the team won", "he scored"], politics: ["the vote", "a law"] };
  const { records, columns, told } = await json(JSON.stringify(sports));
  assert.deepEqual(columns, ["text", "label"]);
  assert.deepEqual(records, [
    ["the team won", "sports"],
    ["he scored", "sports"],
    ["the vote", "politics"],
    ["a law", "politics"],
  ]);
  assert.match(told.join(), /sports, politics/);
  for (const [first, second] of [
    ["question", "kind"],
    ["sentence1", "sentence2"],
    ["note", "product category"],
    ["id", "remark"],
  ] as const)
    assert.deepEqual((await json(JSON.stringify({ [first]: ["a b", "c"], [second]: ["x", "y"] }))).columns, [
      first,
      second,
    ]);
  for (const columns of [
    { utt: ["a", "b", "c"], kind: ["x", "y", "x"] },
    { utt: ["a", "b"], score: [1, 2] },
    { utt: ["a", "b"], number: ["1", "2"] },
  ])
    assert.deepEqual((await json(JSON.stringify(columns))).columns, Object.keys(columns));
});

test("each example that an intent lists is a row of its own; the words of one text stay together", async () => {
  const intents = [
    { tag: "greeting", patterns: ["Hi", "Hello there"], responses: ["Good to see you here, what can I do?"] },
    { tag: "leaving", patterns: ["Bye", "See you"], responses: ["It was a pleasure to talk to you."] },
  ];
  const found = await examplesOf("intents.json", JSON.stringify({ intents }));
  assert.deepEqual(found.rows, [
    ["Hi", "greeting"],
    ["Hello there", "greeting"],
    ["Bye", "leaving"],
    ["See you", "leaving"],
  ]);
  assert.ok(new Set(found.keys).size === 4 && found.keys.every(Number.isSafeInteger));
  assert.match(found.told, /2 entries list several texts\. Each is a row of its own: 4 in all/);
  const snips =
    '{"intent":"a","examples":["turn it on","lights"]}\n{"intent":"b","examples":["what time"]}\n';
  assert.equal((await examplesOf("snips.jsonl", snips)).rows.length, 3);
  const tokens = '[{"tokens":["turn","it","on"],"label":"a"},{"tokens":["what","time"],"label":"b"}]';
  const { rows, told } = await examplesOf("tokens.json", tokens);
  assert.deepEqual(rows, [
    ["turn it on", "a"],
    ["what time", "b"],
  ]);
  assert.doesNotMatch(told, /row of its own/);
});

test("labels that are longer than the texts are labels, since they repeat", async () => {
  const guess = async (text: string) => guessColumns(await readTable(new File([text], "a.csv")));
  const words = "hi,greeting\nbye,farewell\nyo,greeting\nciao,farewell\n";
  assert.deepEqual(await guess(words), { text: "#1", label: "#2" });
  assert.deepEqual(await guess(`utt,intnt\n${words}`), { text: "utt", label: "intnt" });
  assert.deepEqual(readPasted(words.replaceAll(",", "\t")).rows[0], { text: "hi", label: "greeting" });
  const tweets =
    "id,user,tweet,feeling\n1,ann,thanks a lot,glad\n2,bob,thanks a lot,glad\n3,eve,so late,sad\n4,joe,lost it,sad\n";
  assert.deepEqual(await guess(tweets), { text: "tweet", label: "feeling" });
});

test("names that come again are no row, wherever the table is from", async () => {
  const rows = [
    ["a b", "x"],
    ["c d", "y"],
  ];
  const twice = rows.flatMap((row) => [["text", "label"], row]);
  const html = twice.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("");
  const lines = twice.map((row) => row.join(","));
  for (const [name, content] of [
    ["a.html", `<table>${html}</table>`],
    ["a.json", JSON.stringify(twice)],
    ["mark.csv", lines.with(2, "\ufefftext , label").join("\n")],
    ["quoted.csv", lines.with(2, '\ufeff"text","label"').join("\n")],
  ] as const) {
    const found = await examplesOf(name, content);
    assert.deepEqual(found.rows, rows, name);
    assert.match(found.told, /come again in 1 line, the first time in line 3/, name);
  }
  assert.deepEqual(rowsIn(readPasted(twice.map((row) => row.join("\t")).join("\n")).rows), rows);
});

test("names with spaces above many pasted columns are a header; which columns were taken is known", () => {
  const pasted = [
    "Ticket ID\tDate\tSubject\tBody\tCategory\tAgent",
    "17\t2024-01-05\tRefund\tI want my money back\tbilling\tann",
    "18\t2024-01-06\tLogin\tThe page stays white for ever\ttechnical\tbob",
    "19\t2024-01-06\tBill\tThe amount is wrong again\tbilling\tann",
  ];
  const { rows, taken } = readPasted(pasted.join("\n"));
  assert.deepEqual(
    rows.map(({ label }) => label),
    ["billing", "technical", "billing"],
  );
  assert.equal(rows[0]?.text, "I want my money back");
  assert.deepEqual(taken, { text: "Body", label: "Category" });
  assert.equal(readPasted("Reset it\tquestion\tann\nIt broke\tcomplaint\tann").rows.length, 2);
  assert.equal(readPasted("Where is it?\tquestion\tann\nIt broke\tcomplaint\tbob").rows.length, 2);
  assert.equal(readPasted("a b\tx\nc d\ty").taken, undefined);
});

test("the rule of a Markdown table is no row, its outer bars no columns; bars alone are as before", async () => {
  const table = "# Moods\n\n| text | label |\n|------|:-----:|\n| a b | x |\n| c d | y |\n| -- | z |\n";
  assert.deepEqual((await examplesOf("a.md", table)).rows, [
    ["a b", "x"],
    ["c d", "y"],
    ["--", "z"],
  ]);
  assert.deepEqual((await examplesOf("a.txt", "text|label\na b|x\n--|-\n")).rows, [
    ["a b", "x"],
    ["--", "-"],
  ]);
});

test("quotes after a space are around cells where most lines have them, and text where few do", async () => {
  const spaced = '"text", "label"\n"well, ""x"", yes", "a"\n"no", "b, c"\n';
  assert.deepEqual((await examplesOf("a.csv", spaced)).rows, [
    ['well, "x", yes', "a"],
    ["no", "b, c"],
  ]);
  assert.deepEqual((await examplesOf("a.csv", 'text, label\na, "b"\n2" long, "d"\ne, "f, g"\n')).rows, [
    ["a", "b"],
    ['2" long', "d"],
    ["e", "f, g"],
  ]);
  const said = 'text,label\n"he said, ""no""",x\nfine,y\nso,x\n';
  assert.deepEqual((await examplesOf("a.csv", said)).rows[0], ['he said, "no"', "x"]);
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

test("a stray quote takes no other lines in; where it must, they are counted", async () => {
  const lines = Array.from({ length: 40 }, (_, at) => `"a text, number ${at}",${at % 2 ? "pos" : "neg"}`);
  const read = async (rows: string[]) => {
    const table = await readTable(new File([["text,label", ...rows].join("\n")], "a.csv"));
    return { records: table.records.slice(1), told: table.notices.map((notice) => notice.text(en)).join() };
  };
  const plain = lines.map((line) => line.replace(", number", " number"));
  // The odd line itself has a cell too many; the others stand, without the quotes around them.
  const odd = plain.toSpliced(3, 0, '"Great" film, truly,neg');
  const even = await read(odd);
  assert.deepEqual(even.records[4], ["a text number 4", "neg"]);
  assert.equal(even.records.length, 40);
  assert.match(even.told, /1 (line|row)/);
  const swallowed = await read(lines.toSpliced(30, 0, '"Great" film, truly,neg'));
  assert.ok(swallowed.records.every(([text = ""]) => !text.includes("\n")));
  assert.match(swallowed.told, /\d+ lines stand between quotation marks that do not pair up/);
});

test("a pasted line with a comma too many is left out, not cut", () => {
  const { rows, left } = readPasted('text,label\nGood film,pos\nWell, it was bad,neg\n"Yes, I like it",pos');
  assert.deepEqual(
    rows.map(({ text, label }) => [text, label]),
    [
      ["Good film", "pos"],
      ["Yes, I like it", "pos"],
    ],
  );
  assert.equal(left, 1);
});

test("an empty cell among written lists is a row without labels", async () => {
  const csv = "text,labels\na,\"['joy', 'love']\"\nb,\nc,['anger']\n";
  const table = await readTable(new File([csv], "a.csv"));
  assert.deepEqual(table.lists, [1]);
  assert.deepEqual(
    table.records.slice(1).map(([, cell]) => splitLabels(cell ?? "", LIST)),
    [["joy", "love"], [], ["anger"]],
  );
});
