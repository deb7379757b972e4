// The encoding of a file, told by its content: 60 tables in national code pages, UTF-8 with damage, UTF-16, and bytes
// that are no text.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeBytes, ENCODINGS, type Encoding } from "../../web/studio/data/reading/encodings.ts";
import { legacyTables } from "../support/legacy-tables.ts";
import { encode } from "../support/legacy-text.ts";

const TABLES = legacyTables([3, 8, 40, 200]);
/** How many of them the page must read right without help. */
const READ_RIGHT = 57;

describe("national code pages", () => {
  test("60 tables of 14 languages are read right without help, or nearly all", () => {
    assert.equal(TABLES.length, 60);
    const wrong = TABLES.filter(({ text, bytes }) => decodeBytes(bytes)?.text !== text).map(
      ({ language, encoding, rows, bytes }) =>
        `${language} in ${encoding}, ${rows} rows: read as ${decodeBytes(bytes)?.encoding}`,
    );
    assert.ok(TABLES.length - wrong.length >= READ_RIGHT, wrong.join("\n"));
    console.log(`# ${TABLES.length - wrong.length} of ${TABLES.length} read right without help`);
  });

  test("all 60 are read right once their encoding is chosen", () => {
    for (const { text, bytes, encoding } of TABLES) {
      assert.ok((ENCODINGS as readonly string[]).includes(encoding), encoding);
      assert.equal(decodeBytes(bytes, encoding as Encoding)?.text, text);
    }
  });

  test("the quotation marks and dashes of Windows are read right, also by Node's decoder", () => {
    const text =
      "text,label\nI can\u2019t log in \u2013 again\u2026,login\nIt\u2019s \u201cnew\u201d for 5 \u20ac,price\n";
    const marks: Record<string, number> = {
      "\u2019": 0x92,
      "\u2013": 0x96,
      "\u2026": 0x85,
      "\u201c": 0x93,
      "\u201d": 0x94,
      "\u20ac": 0x80,
    };
    const bytes = Uint8Array.from(text, (sign) => marks[sign] ?? sign.charCodeAt(0));
    const found = decodeBytes(bytes);
    assert.deepEqual([found?.encoding, found?.text], ["windows-1252", text]);
  });

  test("a code page is a guess, UTF-8 is none", () => {
    for (const { text, bytes } of TABLES) {
      assert.equal(decodeBytes(bytes)?.guessed, true);
      const utf8 = decodeBytes(new TextEncoder().encode(text));
      assert.deepEqual(utf8, { text, encoding: "utf-8", guessed: false, damaged: 0 });
    }
  });
});

describe("damage", () => {
  for (const { language, text } of legacyTables([8]))
    test(`one bad byte in ${language} damages one character of UTF-8`, () => {
      const bytes = new TextEncoder().encode(text);
      // Inside of each character in turn, and between characters.
      for (let at = 12; at < bytes.length; at += 7) {
        const broken = bytes.slice();
        broken[at] = 0xff;
        const found = decodeBytes(broken);
        assert.equal(found?.encoding, "utf-8", `byte ${at}`);
        const kept = [...(found?.text ?? "")].filter((character) => character !== "\ufffd").length;
        assert.ok(kept >= [...text].length - 1, `byte ${at}: ${found?.text}`);
      }
      const cut = decodeBytes(bytes.subarray(0, new TextEncoder().encode(text.trimEnd()).length - 7));
      assert.equal(cut?.encoding, "utf-8");
    });

  test("one bad byte beside one sound letter leaves UTF-8 as it is", () => {
    const bytes = new TextEncoder().encode("text,label\nFür mich#,x\n");
    bytes[bytes.indexOf(0x23)] = 0xff;
    assert.equal(decodeBytes(bytes)?.text, "text,label\nFür mich\ufffd,x\n");
  });

  test("a NUL byte in a long text is one damaged character", () => {
    const text = `text,label\n${"a long line,x\n".repeat(20)}`;
    const bytes = new TextEncoder().encode(text);
    bytes[20] = 0;
    const found = decodeBytes(bytes);
    assert.equal(found?.damaged, 1);
    assert.equal(found?.text.length, text.length);
  });
});

describe("UTF-16", () => {
  const text = "text,label\nHellö,x\n世界,y\n";
  for (const [encoding, bigEndian] of [
    ["utf-16le", false],
    ["utf-16be", true],
  ] as const)
    for (const marked of [true, false])
      test(`${encoding}, ${marked ? "with" : "without"} a byte order mark`, () => {
        const given = marked ? `\ufeff${text}` : text;
        const view = new DataView(new ArrayBuffer(given.length * 2));
        for (let at = 0; at < given.length; at++) view.setUint16(at * 2, given.charCodeAt(at), !bigEndian);
        const found = decodeBytes(new Uint8Array(view.buffer));
        assert.deepEqual(found, { text, encoding, guessed: false, damaged: 0 });
      });

  for (const [what, text] of [
    ["一", "text,label\n这是一个很好的产品，我一定会再买一次,好\n一点也不好用,差\n"],
    ["最", "text,label\n最高の商品です,良い\n最悪でした,悪い\n最初の商品は最低,悪い\n"],
    ["a space of full width", "text,label\nとても　良い　商品,良い\nあまり　良くない　商品,悪い\n"],
    ["one column", "so good\nso bad\n"],
  ] as const)
    test(`without a mark, of ${what}`, () => {
      const little = Buffer.from(text.repeat(3), "utf16le");
      for (const bytes of [little, Buffer.from(little).swap16()])
        assert.equal(decodeBytes(new Uint8Array(bytes))?.text, text.repeat(3));
    });

  test("is not what a long table with two NUL bytes is", () => {
    const text = "a text,x\n".repeat(1000);
    const damaged = text.replace("x\na", "x\n\0").replace("t,x", "t,\0");
    const found = decodeBytes(new TextEncoder().encode(damaged));
    assert.equal(found?.text, damaged.replaceAll("\0", "\ufffd"));
  });
});

test("two rows of a few letters are enough in most languages", () => {
  const few: [text: string, encoding: string][] = [
    ["text,label\n你好,x\n再见,y\n", "gb18030"],
    ["text,label\n謝謝你,x\n", "big5"],
    ["text,label\nありがとう,x\n", "shift_jis"],
    ["text,label\n감사합니다,x\n", "euc-kr"],
    ["text,label\nПривет,x\nПока,y\n", "windows-1251"],
    ["text,label\nПРИВЕТ ВСЕМ,x\n", "windows-1251"],
    ["text,label\ncafé,x\nnaïve,y\n", "windows-1252"],
    ["text;label\nLösung gefunden;x\n", "windows-1252"],
    ["text;label\nšílené;x\n", "windows-1250"],
    ["text,label\nAçık değil,x\n", "windows-1254"],
    ["text,label\nשלום,x\nתודה,y\n", "windows-1255"],
    ["text,label\nصباح الخير,x\nشكرا,y\n", "windows-1256"],
    ["text,label\nสวัสดี,x\nขอบคุณ,y\n", "windows-874"],
    ["text,label\nxin chào bạn,x\ncảm ơn,y\n", "windows-1258"],
  ];
  for (const [text, encoding] of few) assert.equal(decodeBytes(encode(text, encoding))?.text, text);
});

test("the ISO pages of languages with others of Windows are found", () => {
  const tables: [text: string, encoding: string][] = [
    ["text,label\nДоставката закъсня с два дни,лошо\nМного съм доволен от покупката,добро\n", "iso-8859-5"],
    ["text,label\nتأخر الطرد يومين كاملين,سيئ\nأنا راض جدا عن الشراء,جيد\n", "iso-8859-6"],
    ["text,label\nΤο δέμα άργησε δύο ημέρες,κακό\nΆριστη εξυπηρέτηση και Ώρα,καλό\n", "iso-8859-7"],
  ];
  for (const [text, encoding] of tables)
    assert.deepEqual(decodeBytes(encode(text, encoding))?.text, text, encoding);
});

test("bytes that are no text have no encoding", () => {
  assert.equal(decodeBytes(Uint8Array.from([0x89, 0x50, 0, 0, 1, 2, 0, 255])), undefined);
  const noise = Uint8Array.from({ length: 4096 }, (_, at) => (at * 2654435761) >>> 24);
  assert.equal(decodeBytes(noise), undefined);
});
