// With 100,000 rows open an edit must not hold the page: the work between two turns of the page is counted, not timed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nextTurn } from "../../web/src/shared/next-turn.ts";
import { type Example, newRows, noEdits, withRows } from "../../web/studio/data/edits.ts";
import { indexOf } from "../../web/studio/data/example-index.ts";
import { assemble } from "../../web/studio/data/rows.ts";
import { ROWS } from "../../web/studio/data/slices.ts";

const COUNT = 100_000;
const LABELS = 20;

test("an edit among 100,000 rows touches a few thousand between two turns of the page", async () => {
  let touched = 0;
  const examples = Array.from({ length: COUNT }, (_, at): Example => {
    const row = { text: `row ${at}`, label: `label ${at % LABELS}` };
    const example = { key: `1/${at}`, row, origin: "file", part: at % 7 === 0 ? "test" : "train" } as const;
    return Object.defineProperty({ ...example }, "row", {
      enumerable: true,
      get: () => {
        touched += 1;
        return row;
      },
    });
  });
  const found = { examples, notices: [], files: 1, pairs: false, multiLabel: false };
  const edits = withRows(noEdits, [{ text: "a new one", label: "label 3" }], "typed");
  let [most, working] = [0, true];
  const watch = async (): Promise<void> => {
    while (working) {
      most = Math.max(most, touched);
      touched = 0;
      await nextTurn();
    }
  };
  const watching = watch();
  const made = await assemble(found, edits);
  working = false;
  await watching;
  assert.equal(made.examples.length, COUNT + 1);
  assert.equal(made.parts?.labels.length, LABELS);
  assert.ok(most > 0 && most <= 4 * ROWS, `${most} rows in one turn`);
  touched = 0;
  const index = indexOf(made.examples);
  assert.equal(touched, 0, "the index of all rows is there when the views ask for it");
  assert.equal(index.byLabel.get("label 3")?.[0]?.row.text, "a new one");
  assert.equal(index.byLabel.get("label 3")?.length, COUNT / LABELS + 1);
});

test("rows that came since a run are found without comparing those that are the same", () => {
  let compared = 0;
  const before = Array.from({ length: 1000 }, (_, at) => ({
    text: `row ${at}`,
    get label() {
      compared += 1;
      return "a";
    },
  }));
  const [first] = before;
  const now = [...before.slice(1), { text: "new", label: "a" }, { text: "row 0", label: "b" }];
  assert.deepEqual(
    newRows(before, now).map(({ text, label }) => [text, label]),
    [
      ["new", "a"],
      ["row 0", "b"],
    ],
  );
  assert.equal(compared, 1, "the one row with the text of another");
  assert.deepEqual(newRows(before, [{ text: first?.text ?? "", label: "a" }]), []);
});
