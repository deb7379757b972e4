// What storage does without a browser: names of files, digests with and without a secure context, the store in memory.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { afterEach, mock, test } from "node:test";
import { checkNewName } from "../../web/src/page/options.ts";
import { checkFinetune, checkPretrain } from "../../web/src/page/run-options.ts";
import { hexOf, sha256 } from "../../web/src/worker/storage/digest.ts";
import { MemoryStore } from "../../web/src/worker/storage/memory.ts";
import { fileName, nameOf } from "../../web/src/worker/storage/names.ts";
import { bytesOf, openStore } from "../../web/src/worker/storage/open-store.ts";
import { checkFree, writeFailure } from "../../web/src/worker/storage/room.ts";

const before = Object.getOwnPropertyDescriptor(globalThis, "crypto") as PropertyDescriptor;
const navigatorBefore = Object.getOwnPropertyDescriptor(globalThis, "navigator");

afterEach(() => {
  Object.defineProperty(globalThis, "crypto", before);
  if (navigatorBefore !== undefined) Object.defineProperty(globalThis, "navigator", navigatorBefore);
});

test("any text is a file's name, apart from every other, and comes back", () => {
  const names = [
    "",
    ".",
    "..",
    "a/b",
    "a\\b",
    "A",
    "a",
    "con",
    "%41",
    "n",
    "情感 分类",
    "é",
    "e\u0301",
    "\ud800",
    "👍",
  ];
  const files = names.map(fileName);
  assert.deepEqual(files.map(nameOf), names);
  for (const file of files) assert.match(file, /^n[a-z0-9%_\-\p{Unified_Ideograph}]*$/u);
  // Apart where capitals are not told from small letters, and where accents are composed.
  assert.equal(new Set(files.map((file) => file.toLowerCase().normalize("NFD"))).size, names.length);
  assert.equal(nameOf("other"), undefined);
  assert.equal(fileName("情".repeat(79)).length, 80);
  assert.throws(() => fileName("x".repeat(300)), { code: "bad-option" });
});

test("a name is checked where it is given, by itself, and made well-formed", () => {
  assert.equal(checkFinetune({ journal: "a\ud83d" }).journal, "a\ufffd");
  assert.equal(checkNewName("keep", "a\ud83d"), "a\ufffd");
  const room = { code: "bad-option", message: /name|journal.* as 35 UTF-16 units always do, found "/ };
  for (const [name, most] of [
    ["X", 70],
    ["é", 70],
    ["字", 70],
    ["\u2014", 35],
    ["x", 210],
  ] as const) {
    assert.equal(checkNewName("keep", name.repeat(most)).length, most);
    // The longest file of a journal, and of a kept model.
    fileName(`${name.repeat(most)}/9999/model/adapter-10`);
    assert.throws(() => checkNewName("keep", name.repeat(most + 1)), room);
    assert.throws(() => checkPretrain({ journal: name.repeat(most + 1) }), room);
  }
  assert.throws(() => checkFinetune({ journal: "" }), { code: "bad-option" });
});

test("a digest is SHA-256, of shared memory too, and where the page is not secure", async () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(100_001)).fill(7);
  const expected = createHash("sha256").update(bytes).digest("hex");
  assert.equal(hexOf(await sha256(bytes)), expected);
  Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
  assert.equal(hexOf(await sha256(bytes)), expected);
});

test("room is asked for before a write, and a full disk is told with what is free", async () => {
  const storage = { estimate: async () => ({ quota: 30 * 2 ** 20, usage: 20 * 2 ** 20 }) };
  Object.defineProperty(globalThis, "navigator", { value: { storage }, configurable: true });
  await checkFree("weights", 9 * 2 ** 20);
  await checkFree("weights", 19 * 2 ** 20, 12 * 2 ** 20);
  const full = { code: "storage-full", message: /weights: at least 11 MiB .* 10 MiB are free/ };
  await assert.rejects(checkFree("weights", 11 * 2 ** 20), full);
  const failure = await writeFailure("weights", 11 * 2 ** 20, new DOMException("", "QuotaExceededError"));
  assert.throws(() => {
    throw failure;
  }, full);
});

test("without storage, files are in memory", async () => {
  const store = await openStore("a");
  assert.equal(store.kind, "memory");
  assert.equal(await openStore("a"), store);
  await store.write("x", [new Uint8Array([1, 2]), new Uint8Array([3])]);
  assert.deepEqual(await store.list(), [{ name: "x", bytes: 3 }]);
  assert.deepEqual([...new Uint8Array(await ((await store.read("x")) as Blob).arrayBuffer())], [1, 2, 3]);
  await store.remove("x");
  assert.equal(await store.read("x"), undefined);
});

test("a store that the browser takes away says so, and is opened anew", async () => {
  const gone = async () => {
    throw new DOMException("a requested file or directory could not be found", "NotFoundError");
  };
  const noStorage = { code: "no-storage", message: /could not be found/ };
  const calls = {
    list: () => openStore("b").then((store) => store.list()),
    read: () => openStore("b").then((store) => store.read("x")),
    remove: () => openStore("b").then((store) => store.remove("x")),
    write: () => openStore("b").then((store) => store.write("x", [])),
  };
  for (const [name, call] of Object.entries(calls)) {
    const store = await openStore("b");
    const taken = mock.method(MemoryStore.prototype, name as keyof typeof calls, gone);
    await assert.rejects(call, noStorage);
    taken.mock.restore();
    assert.notEqual(await openStore("b"), store);
    await call();
  }
  const file = { arrayBuffer: gone } as unknown as Blob;
  await assert.rejects(bytesOf(file), noStorage);
});
