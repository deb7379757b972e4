// Changes of the data that meet one another in the studio: a file that is read again while it is removed, changes over rows of
// files that are gone, an undo over another column, and a text that is there twice.

import assert from "node:assert/strict";
import { test } from "node:test";
import { correct } from "../../web/studio/actions/corrections.ts";
import {
  addFiles,
  dropExamples,
  readAgain,
  removeFile,
  setColumns,
} from "../../web/studio/actions/dataset.ts";
import { moveExamples, renameLabel, undoExamples } from "../../web/studio/actions/examples.ts";
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
