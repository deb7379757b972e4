// A correction changes the row of the data that has the text, and that row stays in its part.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkText } from "../../web/studio/actions/classify.ts";
import { correct, fix } from "../../web/studio/actions/corrections.ts";
import { addFiles, setColumns, setEdits } from "../../web/studio/actions/dataset.ts";
import { renameLabel, undoExamples } from "../../web/studio/actions/examples.ts";
import { forgetTakenBack } from "../../web/studio/actions/taken-back.ts";
import { withRows } from "../../web/studio/data/edits.ts";
import { Store } from "../../web/studio/state/store.ts";

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** Each row of the data, as "part: text>labels". */
function shown({ state }: Store): string[] {
  return state.data.examples.map(({ row, part }) => `${part}: ${row.text}>${[row.label].flat().join("+")}`);
}

describe("a correction where rows have several labels", () => {
  const lines = Array.from({ length: 40 }, (_, at) => `text ${at},x;y${at % 2}`);
  const withFile = async (): Promise<Store> => {
    const store = new Store();
    await addFiles(store, [new File([`text,labels\n${lines.join("\n")}\n`], "a.csv")]);
    setColumns(store, { labelColumn: "labels" });
    setColumns(store, { separator: ";" });
    await settled();
    return store;
  };

  test("of a typed row that is held out leaves it held out; the same labels are no change", async () => {
    const store = await withFile();
    const rows = ["one", "two"].map((text) => ({ text, label: ["x", "y0"] }));
    setEdits(store, (edits) => withRows(edits, rows, "typed", ["train", "test"]));
    await settled();
    correct(store, { text: "two", label: ["y1"] });
    await settled();
    assert.deepEqual(shown(store).slice(-2), ["train: one>x+y0", "test: two>y1"]);
    const { past } = store.state.data;
    correct(store, { text: "one", label: ["y0", "x"] }, "confirmed");
    await settled();
    assert.equal(store.state.data.past, past);
  });

  test("of a file's row leaves it in its part, and the row stays the file's", async () => {
    const store = await withFile();
    const before = shown(store);
    const at = before.findIndex((row) => row.startsWith("test"));
    const text = store.state.data.examples[at]?.row.text ?? "";
    correct(store, { text, label: ["x"] });
    await settled();
    const expected = before.map((row, place) => (place === at ? `test: ${text}>x` : row));
    assert.deepEqual(shown(store), expected);
    assert.equal(store.state.data.edits.own.length, 0);
  });
});

test("what was said of an answer is forgotten once it is undone, and stays where its label got another name", async () => {
  const store = new Store();
  forgetTakenBack(store);
  setEdits(store, (edits) => withRows(edits, [{ text: "one", label: "x" }], "typed"));
  await settled();
  store.patch("use", { asked: { text: "two" }, prediction: { label: "x" } as never });
  checkText(store, "y");
  fix(store, { text: "one" }, "y");
  await settled();
  assert.deepEqual([store.state.use.said, store.state.evaluation.handled.size], ["y", 1]);
  renameLabel(store, "y", "z");
  await settled();
  assert.deepEqual([store.state.use.said, store.state.evaluation.handled.size], ["y", 1]);
  undoExamples(store);
  undoExamples(store);
  await settled();
  assert.deepEqual(shown(store), ["train: one>x", "train: two>y"]);
  assert.deepEqual([store.state.use.said, store.state.evaluation.handled.size], ["y", 0]);
  undoExamples(store);
  await settled();
  assert.equal(store.state.use.said, undefined);
});
