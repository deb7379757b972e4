// What the studio keeps of a project, on a database in memory: writes that fail, that overlap and that never end lose nothing, and
// what is told of them is so.

import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { openDB } from "idb";
import { Classifier } from "../../web/src/index.ts";
import { learnCorrections, startTraining } from "../../web/studio/actions/finetune.ts";
import { keepAgain } from "../../web/studio/actions/kept-model.ts";
import { newProject, openProject, openProjectFile, projectFile } from "../../web/studio/actions/project.ts";
import { keepNow, leaveProject, recordOf as recordInHand } from "../../web/studio/actions/project-keeper.ts";
import { isTakenElsewhere } from "../../web/studio/actions/project-lock.ts";
import { noEdits, withRows } from "../../web/studio/data/edits.ts";
import { packProject, unpackProject } from "../../web/studio/data/project/project-file.ts";
import { type ProjectRecord, summaryOf } from "../../web/studio/data/project/project-record.ts";
import { readFiles, readProject, writeProject } from "../../web/studio/data/project/project-store.ts";
import { defaultRecipe } from "../../web/studio/state/recipe.ts";
import type { Store } from "../../web/studio/state/store.ts";
import { afterRun, FakeModel, partsOf, TRAIN } from "../support/studio-model.ts";

const RUN_EVENTS = [
  { type: "start", steps: 2, epochs: 1, trainedParameters: 1, truncatedRows: 0 },
  { type: "step", step: 1, epoch: 1, loss: 0.7, milliseconds: 1 },
  { type: "step", step: 2, epoch: 1, loss: 0.5, milliseconds: 1 },
  { type: "end", reason: "finished", steps: 2, milliseconds: 1 },
];
const yes = (): boolean => true;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
let projects = 0;
let deletedJournals: string[] = [];

beforeEach(() => {
  deletedJournals = [];
  mock.method(Classifier, "listJournals", async () => []);
  mock.method(Classifier, "deleteJournal", async (name: string) => {
    deletedJournals.push(name);
  });
});
afterEach(() => mock.restoreAll());

/** A store with a kept project after a run. */
async function keptProject(model = new FakeModel()): Promise<{ store: Store; model: FakeModel; id: string }> {
  const store = await afterRun(model);
  leaveProject(store);
  const id = `p${++projects}`;
  store.patch("project", { id, name: "p", phase: "kept" });
  assert.equal(await keepNow(store), "kept");
  return { store, model, id };
}

/** Writes of a model's files fail as on a full disk, or all writes do. */
function fullDisk(fails: (path: string) => boolean): void {
  const put = IDBObjectStore.prototype.put;
  mock.method(
    IDBObjectStore.prototype,
    "put",
    function (this: IDBObjectStore, value: unknown, key: IDBValidKey) {
      if (this.name === "files" ? fails((key as string[])[1] ?? "") : fails(""))
        throw new DOMException("full", "QuotaExceededError");
      return key === undefined ? put.call(this, value) : put.call(this, value, key);
    },
  );
}

function recordOf(fields: Partial<ProjectRecord>): ProjectRecord {
  return {
    ...{
      name: "p",
      when: 1,
      device: "auto" as const,
      recipe: { ...defaultRecipe },
      labels: 2,
      rows: 1,
      runs: [],
    },
    base: { name: "far", address: "./m/" },
    ...fields,
  };
}

test("a model that could not be written is not kept, though another change was written after it", async () => {
  const { store, id } = await keptProject();
  fullDisk((path) => path.includes("/model/"));
  let queued = false;
  store.on(["project"], ({ project }) => {
    if (!project.keeping || project.phase !== "saving" || queued) return;
    queued = true;
    void keepNow(store);
  });
  await startTraining(store);
  assert.ok(queued);
  assert.equal(store.state.runs[0]?.kept, undefined);
  assert.deepEqual(deletedJournals, [], "the journal has the only copy");
  assert.equal(await keepNow(store), "kept", "later changes do not fail with it");
  assert.equal((await readProject(id))?.runs.length, 1);
});

test("of two changes of a kept model that overlap, the later one stays", async () => {
  const { store, model, id } = await keptProject();
  await startTraining(store);
  const kept = async () => (await readFiles(id)).get("runs/1/model/model.safetensors")?.text();
  assert.equal(await kept(), "weights");
  model.weights = "second";
  const first = keepAgain(store);
  model.weights = "third";
  await Promise.all([first, keepAgain(store)]);
  assert.equal(await kept(), "third");
});

test("a run that is in hand before its model is kept is no run of the record: its file would be refused", async () => {
  const { store } = await keptProject();
  await startTraining(store);
  assert.equal(recordInHand(store.state).record.run, 1);
  store.patch("project", { run: 2 });
  assert.equal(recordInHand(store.state).record.run, undefined);
});

test("an interrupted run's curves stay in a project that is opened and changed", async () => {
  const { store } = await keptProject();
  const curves = {
    ...{
      phase: "done" as const,
      step: 4,
      steps: 9,
      epoch: 1,
      epochs: 3,
      trainedParameters: 1,
      truncatedRows: 0,
    },
    ...{ stepNumbers: [1], losses: [0.5], epochResults: [], milliseconds: 1 },
  };
  const record = recordOf({ unfinished: { recipe: { ...defaultRecipe, epochs: 77 }, curves } });
  await writeProject(summaryOf("interrupted", record), record, new Map());
  assert.ok(await openProject(store, "interrupted", yes));
  store.patch("recipe", { epochs: 2 });
  await keepNow(store);
  assert.equal((await readProject("interrupted"))?.unfinished?.recipe.epochs, 77);
});

test("what could not be written is not left for another project without a word", async () => {
  const { store } = await keptProject();
  const rows = [{ text: "typed by hand", label: "a" }];
  store.patch("data", { edits: withRows(noEdits, rows, "typed") });
  fullDisk(() => true);
  await newProject(store);
  assert.equal(store.state.project.fileError?.code, "storage-full");
  assert.equal(store.state.data.edits.own.length, 1);
  // Then the page has asked.
  await newProject(store);
  assert.equal(store.state.data.edits.own.length, 0);
});

test("a training that begins while the last one's model is being kept leaves its run as it was", async () => {
  const { store, model } = await keptProject();
  model.info = { ...model.info, scope: { threshold: 0.5 } };
  model.events = RUN_EVENTS;
  let second: Promise<void> | undefined;
  const fitScope = model.fitScope.bind(model);
  model.fitScope = async (texts) => {
    second ??= startTraining(store);
    await turn();
    await fitScope(texts);
  };
  const { test: held = [], dev = [] } = store.state.data.parts ?? {};
  store.patch("data", { parts: partsOf([...TRAIN, { text: "six", label: "b" }], held, dev) });
  await learnCorrections(store);
  await second;
  const [first] = store.state.runs;
  assert.deepEqual(
    [first?.recipe.method, first?.training.phase, first?.training.losses],
    ["head", "done", [0.7, 0.5]],
  );
  assert.deepEqual(
    store.state.runs.map(({ number, recipe }) => [number, recipe.method]),
    [
      [1, "head"],
      [2, "full"],
    ],
  );
});

test("a project from a file is this tab's before its model is there", async () => {
  const { store } = await keptProject();
  const names = new Set<string>();
  const locks = {
    request: async (name: string, _: object, work: (lock: object | null) => Promise<void> | undefined) => {
      names.add(name);
      await work({ name });
    },
    query: async () => ({ held: [] }),
  };
  Object.defineProperty(navigator, "locks", { value: locks, configurable: true });
  const seen: boolean[] = [];
  const load = Classifier.load;
  Classifier.load = async (source, options) => {
    seen.push([...names].some((name) => name.endsWith(store.state.project.id ?? "none")));
    return load(source, options);
  };
  try {
    const file = new File([await packProject(recordOf({}), new Map())], "p.bertlet");
    assert.ok(await openProjectFile(store, file, yes));
    assert.deepEqual(seen, [true]);
    assert.equal(await isTakenElsewhere(store.state.project.id ?? ""), false);
  } finally {
    Reflect.deleteProperty(navigator, "locks");
    Classifier.load = load;
  }
});

test("storage that never answers: each call ends, the file has what the page has, and later it is kept", async () => {
  const { store, id, model } = await keptProject();
  model.info = { ...model.info, device: "wasm", threads: 1 };
  let holds = true;
  const other = await openDB("bertlet-studio");
  const holding = (async () => {
    const files = other.transaction("files", "readwrite").store;
    while (holds) await files.count();
    other.close();
  })();
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    /** The result of work that waits for nothing but timers of a minute in all. */
    const within = async <T>(work: Promise<T>): Promise<T> => {
      for (let second = 0; second < 60; second++) {
        await turn();
        mock.timers.tick(1_000);
      }
      return work;
    };
    assert.equal(await within(keepNow(store)), "held");
    assert.equal(store.state.project.error?.code, "storage-stuck");
    await within(startTraining(store));
    assert.ok(store.state.runs[0]?.kept, "the page has its model");
    assert.deepEqual(deletedJournals, []);
    const made = await within(projectFile(store));
    assert.ok(made);
    // The stand-in's model is one file, so its run is without a model there.
    const { record } = await unpackProject(new File([made.blob], "p.bertlet"));
    assert.deepEqual([record.runs.length, record.runs[0]?.kept], [1, undefined]);
    holds = false;
    await holding;
    assert.equal(await keepNow(store), "kept");
    assert.equal(await (await readFiles(id)).get("runs/1/model/model.safetensors")?.text(), "weights");
  } finally {
    holds = false;
    mock.timers.reset();
  }
});
