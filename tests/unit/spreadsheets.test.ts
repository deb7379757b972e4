// Cells of workbooks and of tables in HTML come as they are shown, with all of their digits; and which sheet is read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { utils, type WorkBook, write } from "@e965/xlsx";
import { readTable } from "../../web/studio/data/reading/parse.ts";
import { sheetsOf } from "../../web/studio/data/reading/workbook.ts";
import { workbookOf } from "../../web/studio/data/workbook-writer.ts";

const written = (book: WorkBook, bookType: "xlsx" | "xls" | "ods"): Uint8Array =>
  write(book, { type: "buffer", bookType }) as Uint8Array;

test("long numbers and dates of a workbook come as they are", () => {
  const sheet = utils.aoa_to_sheet([
    ["order", "when", "share"],
    [123456789012, new Date(Date.UTC(2024, 0, 5)), 0.5],
  ]);
  sheet.C2.z = "0%";
  const book = utils.book_new(sheet, "a");
  for (const bookType of ["xlsx", "xls"] as const) {
    const [read] = sheetsOf(written(book, bookType));
    assert.deepEqual(read?.records[1], ["123456789012", "2024-01-05", "50%"], bookType);
  }
});

test("cells of HTML are text, however much like numbers they look", () => {
  const cells = ["01", "1.0", "1,000", "1e5", "1E5", "50%", "123456789012345678", "1/2/2024", "TRUE", "5 €"];
  const [read] = sheetsOf(`<table>${cells.map((cell) => `<tr><td>${cell}</td></tr>`).join("")}</table>`);
  assert.deepEqual(read?.records.flat(), cells);
});

test("cells of OpenDocument come as they are shown; of a rounded one, all digits", () => {
  const sheet = utils.aoa_to_sheet([["a", "b", "c", "d"]]);
  const shown = [
    [0.5, "50 %"],
    [5, "5,00 €"],
    [3.5, "3,5"],
    [123456789012345, "1.23456789012E+14"],
  ] as const;
  for (const [at, [v, w]] of shown.entries()) sheet[`${"ABCD"[at]}2`] = { t: "n", v, w };
  sheet["!ref"] = "A1:D2";
  const [read] = sheetsOf(written(utils.book_new(sheet, "a"), "ods"));
  assert.deepEqual(read?.records[1], ["50 %", "5,00 €", "3,5", "123456789012345"]);
});

test("the first sheet that is visible and no note is read; a long sheet of one column stays", async () => {
  const data = [
    ["text", "label"],
    ["a b", "x"],
    ["text", "label"],
    ["c d", "y"],
  ];
  const read = async (sheets: Record<string, string[][]>, hidden: string[] = []) => {
    const book = utils.book_new();
    for (const [name, cells] of Object.entries(sheets))
      utils.book_append_sheet(book, utils.aoa_to_sheet(cells), name);
    for (const name of hidden) utils.book_set_sheet_visibility(book, name, 1);
    return readTable(new File([written(book, "xlsx") as BlobPart], "a.xlsx"));
  };
  const kept = [data[0], data[1], data[3]];
  const note = [["Read me first"], ["Made in May"]];
  assert.deepEqual((await read({ Lists: [["x", "y"]], Data: data }, ["Lists"])).records, kept);
  assert.deepEqual((await read({ Note: note, Data: data })).records, kept);
  assert.deepEqual((await read({ Data: data, Note: note })).records, kept);
  const texts = Array.from({ length: 9 }, (_, at) => [`text ${at}`]);
  assert.equal((await read({ Texts: texts, Data: data })).records.length, 9);
});

test("what was written is read as it was: entities, angle brackets and spaces", async () => {
  const texts = ["x &amp; <b> &lt;br&gt; &#39;", "  two  spaces ", "=1+1", "a\nb", "_x0041_"];
  const workbook = workbookOf({ fields: ["text"], rows: texts.map((text) => [text]) });
  const { records } = await readTable(new File([workbook], "a.xlsx"));
  assert.deepEqual(records.slice(1).flat(), texts);
  const long = workbookOf({ fields: ["text"], rows: [[`${"x".repeat(32_766)}😀 and more`]] });
  const [, [cut = ""] = []] = (await readTable(new File([long], "a.xlsx"))).records;
  assert.equal(cut, "x".repeat(32_766), "as much as Excel holds, in whole characters");
});
