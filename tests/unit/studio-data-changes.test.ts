// Changes of the data that meet one another in the studio: a file that is read again while it is removed, changes over rows of
// files that are gone, an undo over another column, and a text that is there twice.

import assert from "node:assert/strict";
import { test } from "node:test";
import { utils, write } from "@e965/xlsx";
import { correct } from "../../web/studio/actions/corrections.ts";
import {
  addFiles,
  dropExamples,
  joinAlike,
  readAgain,
  removeFile,
  setColumns,
} from "../../web/studio/actions/dataset.ts";
import {
  addExamples,
  moveExamples,
  removeExamples,
  removeLabel,
  renameLabel,
  undoExamples,
} from "../../web/studio/actions/examples.ts";
import { withoutLearned } from "../../web/studio/data/edits.ts";
import type { Parts } from "../../web/studio/data/parts.ts";
import { Store } from "../../web/studio/state/store.ts";

(globalThis as { document?: object }).document ??= { baseURI: "http://page.example/" };

const csv = (name: string, ...lines: string[]): File => new File([lines.join("\n")], name);
const ONE = csv(
  "one.csv",
  "text,label",
  "a fine day,good",
  "a grey day,bad",
  "a nice day,good",
  "a cold day,bad",
);
const TWO = csv("two.csv", "text,label", "a long walk,good", "a lost key,bad");

/** After each change the rows are put together in turns. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
}

async function withFiles(...files: File[]): Promise<Store> {
  dropExamples();
  const store = new Store();
  await addFiles(store, files);
  await settled();
  return store;
}

const names = (store: Store): string[] => store.state.data.files.map(({ table }) => table.name);
const labels = (store: Store): unknown[] => store.state.data.examples.map(({ row }) => row.label);

test("a file that is removed while it is read again stays away, and the other one stays", async () => {
  const store = await withFiles(ONE, TWO);
  const reading = readAgain(store, 0, { delimiter: "," });
  removeFile(store, 0);
  await reading;
  await settled();
  assert.deepEqual([names(store), store.state.data.reading], [["two.csv"], false]);
});

test("a file of the project before is not read into the next one", async () => {
  const store = await withFiles(ONE);
  const reading = readAgain(store, 0, { delimiter: "," });
  dropExamples();
  await addFiles(store, [TWO]);
  await reading;
  await settled();
  assert.deepEqual(names(store).at(-1), "two.csv");
  assert.ok(!names(store).slice(0, -1).includes("two.csv"));
});

test("other names of the sample's labels are not those of an own file's", async () => {
  dropExamples();
  const store = new Store();
  await addFiles(store, [ONE], true);
  await settled();
  renameLabel(store, "good", "fine");
  await settled();
  assert.ok(labels(store).includes("fine"));
  await addFiles(store, [TWO]);
  await settled();
  assert.deepEqual([names(store), labels(store)], [["two.csv"], ["good", "bad"]]);
});

test("an undo brings no label of one column into another", async () => {
  const store = await withFiles(
    csv(
      "both.csv",
      "text,topic,mood",
      "one fine day,sport,good",
      "one grey day,news,bad",
      "one more day,news,good",
    ),
  );
  setColumns(store, { labelColumn: "topic" });
  await settled();
  moveExamples(store, store.state.data.examples.slice(1, 2), "news", "sport");
  await settled();
  setColumns(store, { labelColumn: "mood" });
  await settled();
  undoExamples(store);
  await settled();
  assert.deepEqual(labels(store), ["good", "bad", "good"]);
});

test("a correction is of every row that has the text", async () => {
  const store = await withFiles(
    csv("twice.csv", "text,label", "win a prize,good", "a letter,good", "win a prize,good", "x y,bad"),
  );
  correct(store, { text: "win a prize", label: "bad" });
  await settled();
  const found = store.state.data.examples.filter(({ row }) => row.text === "win a prize");
  assert.deepEqual(
    found.map(({ row }) => row.label),
    ["bad", "bad"],
  );
});

test("a label that files have under another name is not renamed along with a new one of that name", async () => {
  const store = await withFiles(ONE);
  for (const [from, to] of [
    ["good", "between"],
    ["bad", "good"],
    ["between", "bad"],
    ["good", "question"],
  ] as const) {
    renameLabel(store, from, to);
    await settled();
  }
  assert.deepEqual(labels(store), ["bad", "question", "bad", "question"]);
});

test("a text that is learned from is no test, whichever of its own rows came first", async () => {
  const rows = Array.from({ length: 60 }, (_, at) => ({ text: `text ${at}`, label: at % 2 ? "a" : "b" }));
  const store = await withFiles();
  for (let time = 0; time < 2; time++) {
    addExamples(store, rows, "pasted");
    await settled();
  }
  const { examples } = store.state.data;
  const learned = new Set(examples.filter(({ part }) => part === "train").map(({ row }) => row.text));
  assert.ok(learned.size > 0);
  assert.deepEqual(
    examples.filter(({ part, row }) => part !== "train" && learned.has(row.text)),
    [],
  );
});

test("changed rows take the form of one label or several, as own ones do", async () => {
  const several = csv("s.csv", "text,label", "a b,x;y", "c d,x", "e f,y", "g h,x;y");
  const store = await withFiles(several);
  setColumns(store, { separator: ";" });
  await settled();
  moveExamples(store, store.state.data.examples.slice(0, 1), "x", "z");
  await settled();
  assert.deepEqual(labels(store)[0], ["z", "y"]);
  setColumns(store, { separator: undefined });
  await settled();
  assert.ok(labels(store).every((label) => typeof label === "string"));
});

test("spellings of typed labels are joined, too", async () => {
  const store = await withFiles(ONE);
  addExamples(store, [{ text: "typed", label: "Good" }], "typed");
  await settled();
  assert.equal(store.state.data.alike.length, 1);
  joinAlike(store);
  await settled();
  assert.deepEqual(store.state.data.alike, []);
  assert.deepEqual(labels(store), ["good", "bad", "good", "bad", "good"]);
});

test("a row of the file is gone with the correction that stood in its place", async () => {
  for (const remove of ["row", "label"]) {
    const store = await withFiles(ONE);
    addExamples(store, [{ text: "a fine day", label: "bad" }], "corrected");
    await settled();
    const own = store.state.data.examples.filter(({ key }) => key.startsWith("own/"));
    assert.equal(own.length, 1);
    if (remove === "row") removeExamples(store, own);
    else removeLabel(store, "bad");
    await settled();
    assert.deepEqual(
      store.state.data.examples.filter(({ row }) => row.text === "a fine day"),
      [],
      remove,
    );
  }
});

test("changes over one sheet are none over another's", async () => {
  const book = utils.book_new();
  for (const name of ["one", "two"])
    utils.book_append_sheet(
      book,
      utils.json_to_sheet(["a", "b", "c", "d"].map((label, at) => ({ text: `${name} ${at}`, label }))),
      name,
    );
  const store = await withFiles(new File([write(book, { type: "array", bookType: "xlsx" })], "a.xlsx"));
  moveExamples(store, store.state.data.examples.slice(0, 1), "a", "z");
  await settled();
  await readAgain(store, 0, { sheet: "two" });
  await settled();
  assert.deepEqual(labels(store), ["a", "b", "c", "d"]);
});

test("where rows are split anew, none that was learned is measured; one that was on both sides stays", () => {
  const row = (text: string) => ({ text, label: "a" });
  const parts = (test: string[]): Parts => ({ train: [], dev: [], test: test.map(row) }) as unknown as Parts;
  const learned = ["one", "two", "both"].map(row);
  const now = withoutLearned(parts(["one", "both", "new"]), learned, parts(["both", "old"]));
  assert.deepEqual(
    now.test.map(({ text }) => text),
    ["both", "new"],
  );
});
