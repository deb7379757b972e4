// Tables as they lie around: delimited files with odd beginnings and line ends, JSON in all its shapes, lists of labels,
// many rows. Each file gives the same eight rows, or a typed error.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { utils, write } from "@e965/xlsx";
import { guessColumns } from "../../web/studio/data/reading/columns.ts";
import { readTable } from "../../web/studio/data/reading/parse.ts";
import { LIST, splitLabels } from "../../web/studio/data/reading/separator.ts";
import { dataRecords, type Table } from "../../web/studio/data/reading/table.ts";
import { PageError } from "../../web/studio/i18n/messages.ts";

const ROWS = ["one", "two", "three", "four"].flatMap((word) => [
  { text: `a ${word}`, label: "x" },
  { text: `b ${word}`, label: "y" },
]);
const lines = (delimiter: string, head = true): string[] => [
  ...(head ? [`text${delimiter}label`] : []),
  ...ROWS.map(({ text, label }) => `${text}${delimiter}${label}`),
];
const read = (content: string, name: string): Promise<Table> => readTable(new File([content], name));

async function rowsOf(content: string, name: string): Promise<unknown> {
  const table = await read(content, name);
  const { text, label } = guessColumns(table);
  const [textAt, labelAt] = [table.columns.indexOf(text ?? ""), table.columns.indexOf(label ?? "")];
  return [...dataRecords(table)].map(([, record]) => ({ text: record[textAt], label: record[labelAt] }));
}

const DELIMITED: [what: string, content: string, name?: string][] = [
  ...[";", ",", "\t", "|", "^"].map((delimiter): [string, string] => [
    `sep=${JSON.stringify(delimiter)}`,
    `sep=${delimiter}\r\n${lines(delimiter).join("\r\n")}\r\n`,
  ]),
  ["a quoted sep line", `"sep=;"\n${lines(";").join("\n")}`],
  ["a sep line and UTF-8's mark", `\ufeffsep=;\r\n${lines(";").join("\r\n")}`],
  ["a head that ends otherwise", `text,label\r\n${lines(",", false).join("\n")}\n`],
  ["one row that ends otherwise", lines(",").join("\n").replace("\n", "\r\n").replace("\nb", "\rb")],
  ["line ends of old Macs", lines(",").join("\r")],
  [
    "line ends of all kinds",
    lines(",").reduce((text, line, at) => text + line + ["\n", "\r\n", "\r"][at % 3], ""),
  ],
  ["a title", `My export\n\n${lines(",").join("\n")}`],
  ["two titles, one with a comma", `Export of May\nFor us\n${lines(";").join("\n")}`],
  [
    "a title with the delimiter",
    `Export, of May\n${["text,label,id", ...ROWS.map(({ text, label }, at) => `${text},${label},${at}`)].join("\n")}`,
  ],
  ["a title of more commas than columns", `Exported on May 3, 2024, by Ann\n\n${lines(",").join("\n")}`],
  ["a sep line that is filled up", `sep=;;\r\n${lines(";").join("\r\n")}`],
  ["a sep line that is filled up with commas", `sep=;,\r\n${lines(";").join("\r\n")}`],
  [
    "rows that R numbers",
    `text,label\n${ROWS.map(({ text, label }, at) => `${at + 1},${text},${label}`).join("\n")}`,
  ],
  ["carets", lines("^").join("\n")],
  ["tildes", lines("~").join("\n")],
  ["the separator of Hive", lines("\u0001").join("\n")],
  ["commas in a .tsv", lines(",").join("\n"), "data.tsv"],
  ["tabs in a .csv", lines("\t").join("\n"), "data.csv"],
];

describe("delimited files", () => {
  for (const [what, content, name = "data.csv"] of DELIMITED)
    test(what, async () => assert.deepEqual(await rowsOf(content, name), ROWS));

  test("a line break inside of quotes stays inside", async () => {
    const table = await read('text,label\r\n"two\r\nlines",x\nother,y\n', "a.csv");
    assert.deepEqual(
      [...dataRecords(table)].map(([, record]) => record[0]),
      ["two\nlines", "other"],
    );
  });

  test("what a table leaves out is said", async () => {
    const table = await read(`My export\n${lines(",").join("\n")}`, "a.csv");
    assert.deepEqual(
      table.notices.map(({ details }) => details),
      [["My export"]],
    );
  });

  test("one column of prose is one column, all its rows kept", async () => {
    const table = await read("text\nWell, yes, it came\nNo, thanks\nIt broke, twice, at once\n", "a.csv");
    assert.deepEqual(table.columns, ["text"]);
    assert.equal([...dataRecords(table)].length, 3);
    assert.deepEqual(guessColumns(table), { text: "text", label: undefined });
    const headless = await read("It came late\nIt broke\nAll is well\n", "a.csv");
    assert.equal([...dataRecords(headless)].length, 3, "the first text is no name");
  });
});

const json = (value: unknown, space?: number): string => JSON.stringify(value, null, space);
const columns = { text: ROWS.map(({ text }) => text), label: ROWS.map(({ label }) => label) };
const batch = (from: number, to: number) => ({
  text: columns.text.slice(from, to),
  label: columns.label.slice(from, to),
});
const keyed = (list: readonly unknown[]) => Object.fromEntries(list.map((each, at) => [String(at), each]));

const JSON_FILES: [what: string, content: string, name?: string][] = [
  ["an array of objects", json(ROWS)],
  ["an array, one object a line", `[\n${ROWS.map((row) => json(row)).join(",\n")}\n]`],
  ["an array over many lines", json(ROWS, 2)],
  ["an array called .jsonl", json(ROWS), "data.jsonl"],
  ["an array called .txt", json(ROWS), "data.txt"],
  ["an array with UTF-8's mark", `\ufeff${json(ROWS)}`],
  ["an object of lists", json(columns)],
  ["an object with data", json({ data: ROWS })],
  ["an object with version and data", json({ version: 1, info: { by: "me" }, data: ROWS })],
  ["a deeper object", json({ result: { page: 1, items: ROWS } })],
  ["an object of lists in an object", json({ data: columns })],
  ["pandas' orient columns", json({ text: keyed(columns.text), label: keyed(columns.label) })],
  ["pandas' orient index", json(keyed(ROWS))],
  [
    "pandas' orient split",
    json({ columns: ["text", "label"], index: [0], data: ROWS.map(({ text, label }) => [text, label]) }),
  ],
  ["an array of arrays", json([["text", "label"], ...ROWS.map(({ text, label }) => [text, label])])],
  ["rows of a data set viewer", json({ rows: ROWS.map((row, row_idx) => ({ row_idx, row })) })],
  ["train and test in one object", json({ train: ROWS.slice(0, 3), test: ROWS.slice(3) })],
  ["a comma at the end", `${json(ROWS).slice(0, -1)},]`],
  ["JSONL with commas", `${ROWS.map((row) => json(row)).join(",\n")},\n`, "data.jsonl"],
  ["JSONL", ROWS.map((row) => json(row)).join("\n"), "data.jsonl"],
  [
    "JSONL with mixed line ends",
    ROWS.map((row) => json(row)).reduce((all, row, at) => `${all}${row}${at % 2 ? "\r\n" : "\r"}`, ""),
    "data.jsonl",
  ],
  ["objects one after another over many lines", ROWS.map((row) => json(row, 1)).join("\n"), "data.jsonl"],
  ...["data.json", "data.jsonl"].flatMap((name): [string, string, string][] => [
    [
      `pages one after another in ${name}`,
      [ROWS.slice(0, 5), ROWS.slice(5), []].map((page) => json(page)).join("\n"),
      name,
    ],
    [
      `pages over many lines in ${name}`,
      [ROWS.slice(0, 5), ROWS.slice(5)].map((page) => json(page, 1)).join("\n"),
      name,
    ],
  ]),
  ["pages in an array", json([ROWS.slice(0, 5), ROWS.slice(5)])],
  ["JSONL of batches", [batch(0, 5), batch(5, 8)].map((each) => json(each)).join("\n"), "data.jsonl"],
  [
    "JSONL of lists of rows",
    [ROWS.slice(0, 5), ROWS.slice(5)].map((data) => json({ data })).join("\n"),
    "data.jsonl",
  ],
  [
    "lists of rows over many lines",
    [ROWS.slice(0, 5), ROWS.slice(5)].map((data) => json({ data }, 1)).join("\n"),
  ],
];

describe("JSON", () => {
  for (const [what, content, name = "data.json"] of JSON_FILES)
    test(what, async () => assert.deepEqual(await rowsOf(content, name), ROWS));

  test("texts by label", async () => {
    const table = await read(json({ glad: ["a", "b"], sad: ["c"] }), "data.json");
    assert.deepEqual(
      [...dataRecords(table)].map(([, record]) => record),
      [
        ["a", "glad"],
        ["b", "glad"],
        ["c", "sad"],
      ],
    );
  });

  test("a nested value stays as it is, and other lists are named", async () => {
    const table = await read(
      json({ data: [{ text: "a", more: { by: "me" } }, { text: "b" }], labels: ["x"] }),
      "a.json",
    );
    assert.deepEqual(table.records[0], ["a", '{"by":"me"}']);
    assert.equal(table.notices.length, 1);
  });

  test("numbers of Python that are no JSON are empty; texts with their names stay", async () => {
    for (const [content, name] of [
      ['[{"text":"NaN, ]","score":NaN},{"text":"b","score":-Infinity}]', "a.json"],
      ['{"text":"NaN, ]","score":NaN}\n{"text":"b","score":-Infinity}\n', "a.jsonl"],
    ] as const)
      assert.deepEqual((await read(content, name)).records, [
        ["NaN, ]", ""],
        ["b", ""],
      ]);
  });

  test("lines of lists that are no batches are rows", async () => {
    for (const row of [
      { tokens: ["turn", "on"], tags: ["O", "O"] },
      { messages: [{ role: "user", content: "a" }] },
      { text: ["a", "b"], label: ["x"] },
    ])
      assert.equal((await read(`${json(row)}\n${json(row)}`, "a.jsonl")).records.length, 2, json(row));
  });

  test("one line of JSONL is one row, its list a list", async () => {
    const table = await read(json({ text: "a", labels: [0, 2] }), "a.jsonl");
    assert.deepEqual(table.records, [["a", `0${LIST}2`]]);
  });
});

const REFUSED: [what: string, content: string, name: string, code: string][] = [
  ["a cut array", json(ROWS).slice(0, 100), "a.json", "bad-json"],
  ["a number", "7", "a.json", "bad-json"],
  ["an empty object", "{}", "a.json", "bad-json"],
  ["an empty array", "[]", "a.json", "empty-file"],
  ["no JSON at all", "not json\nnot either\n", "a.jsonl", "bad-jsonl"],
  ["nothing", "", "a.csv", "empty-file"],
  ["white space", " \n\r\n", "a.csv", "empty-file"],
  ["a zip that is no spreadsheet", "PK\x03\x04rest", "a.csv", "bad-spreadsheet"],
];

describe("what cannot be read", () => {
  for (const [what, content, name, code] of REFUSED)
    test(`${what}: ${code}`, async () => {
      await assert.rejects(read(content, name), (error) => error instanceof PageError && error.code === code);
    });
});

describe("lists of labels", () => {
  const labelsIn = (table: Table) =>
    table.records.map((record) => splitLabels(record[table.columns.indexOf("labels")] ?? "", LIST));
  const LISTS: [what: string, cells: unknown[], labels: string[][]][] = [
    ["numbers", [[0, 2], [1], []], [["0", "2"], ["1"], []]],
    ["booleans", [[true], [false]], [["true"], ["false"]]],
    ["texts with separators inside", [["x|w", "z;,"], ["y"]], [["x|w", "z;,"], ["y"]]],
  ];
  for (const [what, cells, labels] of LISTS)
    test(`JSON lists of ${what}`, async () => {
      const content = cells.map((cell, at) => json({ text: `t ${at}`, labels: cell })).join("\n");
      const table = await read(content, "a.jsonl");
      assert.deepEqual(table.lists, [1]);
      assert.deepEqual(labelsIn(table), labels);
    });

  for (const [what, cells, labels] of [
    ["of Python", ["['joy', 'it''s']".replace("''", "\\'"), '["sad"]', "[]"], [["joy", "it's"], ["sad"], []]],
    ["of NumPy", ["[0 2]", "[10]", "[ 1  3]"], [["0", "2"], ["10"], ["1", "3"]]],
    ["of JSON", ["[0, 2]", "[1]", "[]"], [["0", "2"], ["1"], []]],
    ["that are tuples", ["('joy', 'love')", "('sad',)", "()"], [["joy", "love"], ["sad"], []]],
    ["that are sets", ["{'joy', 'love'}", "{'sad'}", "set()"], [["joy", "love"], ["sad"], []]],
  ] as [string, string[], string[][]][])
    test(`lists ${what} in cells of a CSV`, async () => {
      const rows = cells.map((cell, at) => `text ${at},"${cell.replaceAll('"', '""')}"`);
      const table = await read(`text,labels\n${rows.join("\n")}\n`, "a.csv");
      assert.deepEqual(table.lists, [1]);
      assert.deepEqual(labelsIn(table).slice(1), labels);
    });
});

test("brackets around other things are no lists", async () => {
  for (const cell of ["(0, 2)", "('joy')", "{'a': 'b'}", '{"a": 1, "b": "c"}', "{joy}"]) {
    const rows = ["one", "two"].map((text) => `${text},"${cell.replaceAll('"', '""')}"`);
    const table = await read(`text,labels\n${rows.join("\n")}\n`, "a.csv");
    assert.deepEqual(table.lists, [], cell);
  }
});

describe("spreadsheets", () => {
  const written = (bookType: "xlsx" | "ods" | "xls", sheets: Record<string, string[][]>): Uint8Array => {
    const book = utils.book_new();
    for (const [name, cells] of Object.entries(sheets))
      utils.book_append_sheet(book, utils.aoa_to_sheet(cells), name);
    return new Uint8Array(write(book, { type: "array", bookType }) as ArrayBuffer);
  };
  const cells = [["text", "label"], ...ROWS.map(({ text, label }) => [text, label])];
  const open = (bytes: Uint8Array, name: string, sheet?: string) =>
    readTable(new File([bytes as BlobPart], name), { sheet });

  for (const bookType of ["xlsx", "ods", "xls"] as const)
    test(`${bookType}: the rows of a sheet, below its title`, async () => {
      const bytes = written(bookType, {
        Empty: [],
        Data: [["My export"], [], ...cells],
        More: cells.slice(0, 3),
      });
      const table = await open(bytes, `a.${bookType}`);
      assert.deepEqual(table.records, cells);
      assert.equal(table.lines[0], 3);
      assert.deepEqual(table.sheets, ["Data", "More"]);
      const more = await open(bytes, `a.${bookType}`, "More");
      assert.equal(more.records.length, 3);
    });

  test("a table of HTML that is called a spreadsheet", async () => {
    const rows = cells.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`);
    const content = `<html><body><table>${rows.join("")}</table></body></html>`;
    for (const name of ["a.xls", "a.csv", "a.html"])
      assert.deepEqual((await read(content, name)).records, cells);
    for (const part of [
      `<!-- a -->\n<!-- b --><table>${rows.join("")}</table>`,
      rows.join("\n"),
      `<tbody>${rows.join("")}</tbody>`,
    ])
      assert.deepEqual((await read(part, "a.csv")).records, cells);
  });

  test("markup in the cells of a CSV is text", async () => {
    const table = await read('<div class="a">one</div>,x\n<div>two</div>,y\n<div>three</div>,x\n', "a.csv");
    assert.deepEqual(table.format, "CSV");
  });

  test("an empty workbook: empty-file", async () => {
    const bytes = written("xlsx", { Empty: [] });
    await assert.rejects(
      open(bytes, "a.xlsx"),
      (error) => error instanceof PageError && error.code === "empty-file",
    );
  });
});

test("a million rows come through whole, in slices", async () => {
  const rows = Array.from({ length: 1_000_000 }, (_, row) => `row ${row},${"xy"[row % 2]}`);
  const table = await read(`text,label\n${rows.join("\n")}\n`, "big.csv");
  assert.equal(table.records.length, 1_000_001);
});
