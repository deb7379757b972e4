// Cells of workbooks and of tables in HTML come as they are shown, with all of their digits; which sheet is read; and what a
// damaged workbook, or one that lacks something, is told as.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CFB, utils, type WorkBook, write } from "@e965/xlsx";
import { readTable } from "../../web/studio/data/reading/parse.ts";
import { sheetsOf } from "../../web/studio/data/reading/workbook.ts";
import { checkZip } from "../../web/studio/data/reading/zip-check.ts";
import { workbookOf } from "../../web/studio/data/workbook-writer.ts";
import { dictionary } from "../../web/studio/i18n/language.ts";

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

test("a cell that is merged down over rows stands in each; one that is merged over columns in the first", () => {
  const sheet = utils.aoa_to_sheet([
    ["text", "label"],
    ["", ""],
    ["a", "x"],
    ["b", ""],
    ["c", "y"],
    ["both", ""],
  ]);
  sheet["!merges"] = ["A1:A2", "B1:B2", "B3:B4", "A6:B6"].map((range) => utils.decode_range(range));
  for (const bookType of ["xlsx", "xls", "ods"] as const)
    assert.deepEqual(
      sheetsOf(written(utils.book_new(sheet, "a"), bookType))[0]
        ?.records.map((record) => record.join("|"))
        .filter((line) => /\w/.test(line)),
      ["text|label", "a|x", "b|x", "c|y", "both|"],
      bookType,
    );
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

const rows = Array.from({ length: 40 }, (_, at) => [`ticket ${at} came`, "ab"[at % 2] as string]);
const tickets = utils.book_new(utils.aoa_to_sheet([["text", "label"], ...rows]), "Tickets");
const open = (bytes: Uint8Array, name = "a.xlsx") => readTable(new File([bytes as BlobPart], name));
/** The same zip without one of its files. */
const without = (bytes: Uint8Array, path: string): Uint8Array => {
  const zip = CFB.read(bytes, { type: "buffer" });
  CFB.utils.cfb_del(zip, path);
  return CFB.write(zip, { fileType: "zip", type: "buffer" }) as Uint8Array;
};

for (const [bookType, compression] of [
  ["xlsx", false],
  ["xlsx", true],
  ["ods", true],
] as const)
  test(`a changed byte in a ${compression ? "packed" : "stored"} .${bookType} is noticed, or changes no row`, async () => {
    const whole = write(tickets, { type: "buffer", bookType, compression }) as Uint8Array;
    const { records } = await open(whole, `a.${bookType}`);
    let noticed = 0;
    for (let at = 4; at < whole.length; at += 61) {
      const changed = Uint8Array.from(whole);
      changed[at] = (changed[at] as number) ^ 0x55;
      try {
        assert.deepEqual((await open(changed, `a.${bookType}`)).records, records, `byte ${at}`);
      } catch (error) {
        assert.equal((error as { code?: string }).code, "bad-spreadsheet", `byte ${at}: ${error}`);
        noticed++;
      }
    }
    assert.ok(noticed > 20, `${noticed} were noticed`);
  });

test("a sheet that is listed and absent is damage; styles that are absent from OpenDocument are none", async () => {
  const book = write(tickets, { type: "buffer", bookType: "xlsx" }) as Uint8Array;
  await assert.rejects(open(without(book, "/xl/worksheets/sheet1.xml")), { code: "bad-spreadsheet" });
  const sheet = written(tickets, "ods");
  assert.equal((await open(without(sheet, "/styles.xml"), "a.ods")).records.length, 41);
});

test("OpenDocument that repeats a cell beyond a sheet's columns is too large, before its cells are made", async () => {
  const zip = CFB.read(written(tickets, "ods"), { type: "buffer" });
  const content = CFB.find(zip, "/content.xml");
  assert.ok(content);
  const sheet = new TextDecoder().decode(content.content as Uint8Array);
  for (const [times, code] of [
    [16_384, undefined],
    [16_385, "file-too-large"],
    [1_000_000_000, "file-too-large"],
  ] as const) {
    const end = `<table:table-cell table:number-columns-repeated="${times}"/></table:table-row>`;
    content.content = new TextEncoder().encode(sheet.replace("</table:table-row>", end));
    content.size = content.content.length;
    const read = open(CFB.write(zip, { fileType: "zip", type: "buffer" }) as Uint8Array, "a.ods");
    if (code === undefined) assert.equal((await read).records.length, 41);
    else await assert.rejects(read, { code });
  }
});

test("a zip that says that it holds too much, or holds more than it says, is refused before it is unpacked", async () => {
  const book = Uint8Array.from(write(tickets, { type: "buffer", bookType: "xlsx", compression: true }));
  const list = new DataView(book.buffer);
  let at = book.length - 22;
  at = list.getUint32(at + 16, true);
  for (const [declared, fault] of [
    [0x7fffffff, /its files have 2147\d+ bytes/],
    [1, /is damaged/],
  ] as const) {
    list.setUint32(at + 24, declared, true);
    await assert.rejects(checkZip(book), fault);
  }
});

test("an error is the text that it is shown as; formulas without a value are counted in a note", async () => {
  const sheet = utils.aoa_to_sheet([["text", "label"], ...rows]);
  sheet.B2 = { t: "e", v: 42, w: "#N/A" };
  const xlsx = (book: WorkBook) => open(written(book, "xlsx"));
  assert.deepEqual((await xlsx(utils.book_new(sheet, "a"))).records[1], ["ticket 0 came", "#N/A"]);
  assert.deepEqual((await xlsx(utils.book_new(sheet, "a"))).notices, []);
  // As a program writes them that computes nothing; a formula that gives an empty text has a value.
  const cells = [
    '<c r="B3"><f>1+1</f></c>',
    '<c r="B4" s="0"><f>IF(A1="&lt;",1,2)</f><v></v></c>',
    '<c r="B5" t="str"><f>T("")</f><v></v></c>',
    '<c r="B6"><f>2+2</f><v>4</v></c>',
  ];
  const zip = CFB.read(written(utils.book_new(sheet, "a"), "xlsx"), { type: "buffer" });
  const part = CFB.find(zip, "/xl/worksheets/sheet1.xml") as { content: Uint8Array; size: number };
  let xml = Buffer.from(part.content).toString();
  for (const [at, cell] of cells.entries()) xml = xml.replace(new RegExp(`<c r="B${at + 3}".*?</c>`), cell);
  part.content = Buffer.from(xml);
  part.size = part.content.length;
  const changed = CFB.write(zip, { fileType: "zip", type: "buffer" }) as Uint8Array;
  const { records, notices } = await open(changed);
  assert.deepEqual(
    records.slice(2, 6).map(([, label]) => label),
    ["", "", "", "4"],
  );
  assert.deepEqual(
    notices.map(({ text }) => text(dictionary("en"))),
    ["a.xlsx: 2 formulas have no value, so their cells are empty here."],
  );
});
