// What the page asks before something is lost, and what it says where a model cannot be tested.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Edits, noEdits, withCards, withRenamed, withRows } from "../../web/studio/data/edits.ts";
import { newFile } from "../../web/studio/data/parts.ts";
import { readTable } from "../../web/studio/data/reading/parse.ts";
import {
  canLearn,
  hasWorkByHand,
  labelsApart,
  lacksTest,
  losesExamples,
  losesWork,
  losesWorkOf,
  newerThanTraining,
} from "../../web/studio/state/selectors.ts";
import { initialState, type State } from "../../web/studio/state/state.ts";
import { partsOf, TRAIN } from "../support/studio-model.ts";

const file = newFile(await readTable(new File(["text,label\na,x\n"], "a.csv")), "train");
const other = newFile(file.table, "test");

function stateWith(edits: Edits, fields: Partial<State["data"]> = {}): State {
  const state = initialState();
  return { ...state, data: { ...state.data, edits, ...fields } };
}

const moved: Edits = { ...noEdits, changed: new Map([[`${file.id}/1`, "y"]]) };
const WORK: [string, Edits][] = [
  ["typed rows", withRows(noEdits, TRAIN, "typed")],
  ["rows of a file that were moved", moved],
  ["labels with another name", withRenamed(noEdits, "x", "y")],
  ["labels without rows", withCards(noEdits, ["x"])],
];

describe("work by hand", () => {
  for (const [name, edits] of WORK)
    test(`${name}: asked about, and where nothing is kept before the page is left`, () => {
      const state = stateWith(edits, { files: [file], sample: true });
      assert.deepEqual([hasWorkByHand(state), losesExamples(state), losesWork(state)], [true, true, false]);
      for (const phase of ["denied", "failed"] as const)
        assert.equal(losesWork({ ...state, project: { ...state.project, phase } }), true);
    });

  test("an opened file is not lost to the sample without a question; the sample itself is", () => {
    assert.equal(losesExamples(stateWith(noEdits, { files: [file] })), true);
    assert.equal(losesExamples(stateWith(noEdits, { files: [file], sample: true })), false);
    assert.equal(losesExamples(stateWith(noEdits)), false);
  });

  test("goes with the file that it lies over, and with no other", () => {
    const { data } = stateWith(moved, { files: [file, other] });
    assert.deepEqual([losesWorkOf(data, file), losesWorkOf(data, other)], [true, false]);
  });
});

test("a run that held nothing out needs rows held out, and then another run", () => {
  const held = partsOf(TRAIN, TRAIN);
  const state = initialState();
  const lacks = (then: State["data"]["parts"], now: State["data"]["parts"]) =>
    lacksTest({ training: { ...state.training, parts: then }, data: { ...state.data, parts: now } });
  assert.equal(lacks(partsOf(TRAIN), partsOf(TRAIN)), "rows");
  assert.equal(lacks(partsOf(TRAIN), held), "run");
  assert.equal(lacks(held, partsOf(TRAIN)), undefined);
});

test("labels that have changed since a run: what can still be measured, and what can be learned", () => {
  const row = (text: string, label: string) => ({ text, label });
  const [a, b] = [row("one", "a"), row("two", "b")];
  const then = partsOf([a, b], [a, b]);
  const found = (...now: Parameters<typeof partsOf>) => {
    const state = initialState();
    const info = { labels: ["a", "b"] } as unknown as NonNullable<State["model"]["info"]>;
    const training = { ...state.training, phase: "done", parts: then } as const;
    const parts = partsOf(...now);
    const labels = [...new Set([...parts.train, ...parts.test].flatMap(({ label }) => label))];
    const data = { ...state.data, parts: { ...parts, labels } };
    const trained: State = { ...state, model: { ...state.model, info }, training, data };
    const { added, relabelled } = newerThanTraining(trained);
    return [labelsApart(trained).join(), canLearn(trained), added, relabelled];
  };
  const c = row("three", "c");
  assert.deepEqual(found([a, b], [a, b]), ["", true, 0, 0]);
  assert.deepEqual(found([a, b, c], [a, b]), ["", true, 1, 0], "one more label of training rows");
  assert.deepEqual(found([a, b, c], [a, b, c]), ["c", true, 1, 0], "measured once it is learned");
  assert.deepEqual(found([a, b], [a, b, c]), ["c", false, 0, 0], "of held-out rows alone");
  const renamed = row("two", "c");
  assert.deepEqual(found([a, renamed], [a, renamed]), ["b,c", false, 0, 1], "another name");
  assert.deepEqual(found([a], [a]), ["b", false, 0, 0], "no row has it any more");
});
