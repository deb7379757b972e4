// What the studio's actions do around a run: corrections are learned or nothing changes, the model that is kept is the one in
// hand, and what the page tells of a run is what the library did.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BertletError, Classifier } from "../../web/src/index.ts";
import { checkRow, classifyFile, openFile, tellUnlike } from "../../web/studio/actions/classify.ts";
import { learnCorrections, startTraining } from "../../web/studio/actions/finetune.ts";
import { findInterrupted } from "../../web/studio/actions/journals.ts";
import { filesOfRun, recordOf } from "../../web/studio/actions/project-keeper.ts";
import { calibrate, judgeAgain, takeBack } from "../../web/studio/actions/runs.ts";
import { saveAdapter, saveModel } from "../../web/studio/actions/save.ts";
import { checkProject } from "../../web/studio/data/project/project-record.ts";
import { labelsApart, newerThanTraining } from "../../web/studio/state/selectors.ts";
import type { Store } from "../../web/studio/state/store.ts";
import { afterRun, FakeModel, partsOf, report, TRAIN } from "../support/studio-model.ts";

const NEW = { text: "six", label: "b" };

function correct(store: Store): void {
  const { test = [], dev = [] } = store.state.data.parts ?? {};
  store.patch("data", { parts: partsOf([...TRAIN, NEW], test, dev) });
}

async function weightsOfRun(store: Store): Promise<string | undefined> {
  const files = await filesOfRun(store, store.state.project.run ?? 0);
  return files.get(`runs/${store.state.project.run}/model/model.safetensors`)?.text();
}

describe("learning corrections", () => {
  test("changes nothing where nothing is new, or where an adapter is on", async () => {
    const model = new FakeModel();
    const store = await afterRun(model);
    const before = store.state;
    await learnCorrections(store);
    assert.equal(store.state, before);
    correct(store);
    store.patch("model", { info: { ...store.state.model.info, activeAdapter: "mine" } as never });
    const adapted = store.state;
    await learnCorrections(store);
    assert.equal(store.state, adapted);
    assert.equal(model.count("learn"), 0);
  });

  test("measures what was known on rows that were, and no longer finds the new rows unlike", async () => {
    const model = new FakeModel();
    const store = await afterRun(model);
    await model.fitScope(TRAIN);
    correct(store);
    await learnCorrections(store);
    const learned = model.asked.find(([call]) => call === "learn");
    assert.deepEqual(learned?.[1], [NEW]);
    assert.deepEqual((learned?.[2] as { replay: unknown } | undefined)?.replay, TRAIN);
    assert.deepEqual(model.asked.filter(([call]) => call === "fitScope").at(-1)?.[1], [
      ...TRAIN.map(({ text }) => text),
      NEW.text,
    ]);
    assert.equal(await weightsOfRun(store), "weights with a scope");
  });

  test("leaves all as it was where it is stopped before the first step", async () => {
    const model = new FakeModel();
    const store = await afterRun(model);
    correct(store);
    const { training, evaluation, project, runs } = store.state;
    model.events = [{ type: "end", reason: "stopped", steps: 0, milliseconds: 1 }];
    await learnCorrections(store);
    assert.equal(model.count("learn"), 1);
    assert.deepEqual(
      [store.state.training, store.state.evaluation, store.state.project.run, store.state.runs],
      [training, evaluation, project.run, runs],
    );
    // What was not measured to its end is measured again.
    store.patch("evaluation", { done: 1 });
    await learnCorrections(store);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(store.state.evaluation.done, store.state.evaluation.total);
  });
});

test("the automatic recipe restores the best epoch only where the library says so", async () => {
  for (const restoreBest of [true, false]) {
    const model = new FakeModel();
    const store = await afterRun(model);
    const recipe = { reason: "few-rows", why: "", options: { method: "head", restoreBest } };
    model.events = [
      { type: "start", steps: 2, epochs: 2, trainedParameters: 1, truncatedRows: 0, recipe },
      { type: "epoch", epoch: 1, trainLoss: 1, milliseconds: 1, dev: report },
      { type: "epoch", epoch: 2, trainLoss: 1, milliseconds: 1, dev: report },
      { type: "end", reason: "finished", steps: 2, bestEpoch: 1, milliseconds: 2 },
    ];
    await startTraining(store, { auto: true });
    assert.equal(store.state.training.phase, "done");
    assert.equal(store.state.training.restoredEpoch, restoreBest ? 1 : undefined);
  }
});

describe("the model of a run is kept again", () => {
  test("once it tells texts that are unlike the examples", async () => {
    const store = await afterRun(new FakeModel());
    correct(store);
    await learnCorrections(store);
    assert.equal(await weightsOfRun(store), "weights");
    await tellUnlike(store);
    assert.equal(store.state.use.scope, "on");
    assert.equal(await weightsOfRun(store), "weights with a scope");
  });

  test("once its scores are honest: no answer or saved file of before stays, and an adapter keeps its scope", async () => {
    const model = new FakeModel();
    const store = await afterRun(model);
    correct(store);
    await learnCorrections(store);
    await model.useAdapter("mine");
    await tellUnlike(store);
    const saved = { "adapter_config.json": new Blob(["old"]) };
    store.patch("keep", { adapter: saved as never });
    store.patch("use", { results: [], prediction: {} as never });
    await calibrate(store);
    assert.equal(store.state.evaluation.calibration?.phase, "done");
    const { keep, use } = store.state;
    assert.deepEqual([keep.adapter, use.results, use.prediction], [undefined, undefined, undefined]);
    assert.equal(use.scope, "on");
    assert.notEqual(model.info.scope, undefined);
  });
});

test("rows that fit no temperature are told in the page's words", async () => {
  const model = new FakeModel();
  model.calibrate = () => Promise.reject(new BertletError("bad-row", "calibrate: fits no temperature"));
  const store = await afterRun(model);
  await calibrate(store);
  const { phase, error } = store.state.evaluation.calibration ?? {};
  assert.deepEqual([phase, error?.code, typeof error?.message], ["failed", "no-temperature", "function"]);
});

test("a new measurement that breaks off leaves none of the old one beside the new rows", async () => {
  const model = new FakeModel();
  const store = await afterRun(model);
  correct(store);
  await learnCorrections(store);
  assert.deepEqual(
    store.state.runs[0]?.predictions.map(({ label }) => label),
    ["a", "a"],
  );
  store.patch("data", { parts: partsOf(TRAIN, [{ text: "not learned", label: "b" }]) });
  model.evaluate = async () => Promise.reject(new Error("it is gone"));
  await judgeAgain(store);
  const [run] = store.state.runs;
  assert.deepEqual(run?.rows.truth, ["b"]);
  assert.deepEqual([run?.report, run?.predictions], [undefined, []]);
});

test("the model card is of the moment of each download, and the weights are saved once", async () => {
  const model = new FakeModel();
  const store = await afterRun(model);
  await model.useAdapter("mine");
  for (const name of ["First", "Second"]) {
    store.patch("project", { name });
    await saveModel(store);
    await saveAdapter(store);
    const { files, adapter } = store.state.keep;
    for (const saved of [files, adapter])
      assert.match((await saved?.["README.md"]?.text()) ?? "", new RegExp(`^# ${name}$`, "m"));
  }
  assert.deepEqual([model.count("save"), model.count("saveAdapter")], [1, 1]);
});

test("what was said of a file's rows outlasts what was learned from it; a row without a text is no example", async () => {
  const store = await afterRun(new FakeModel());
  await openFile(store, new File(["text,other\nsix,x\n,y\n"], "rows.csv"));
  store.patch("use", { column: "text" });
  await classifyFile(store);
  checkRow(store, 0, "b");
  checkRow(store, 1, "b");
  correct(store);
  await learnCorrections(store);
  assert.equal(store.state.use.results, undefined);
  await classifyFile(store);
  assert.deepEqual([...store.state.use.checked], [[0, "b"]]);
  await openFile(store, new File(["text\nsix\n"], "others.csv"));
  assert.equal(store.state.use.checked.size, 0);
});

describe("a run's journal", () => {
  const info = { call: "finetune", startedAt: new Date(), savedAt: new Date(), step: 3, steps: 3, bytes: 1 };

  test("is offered also where the run has finished: its model is nowhere else", async () => {
    const store = await afterRun(new FakeModel());
    store.patch("project", { list: [{ id: "p", name: "p", labels: 2, rows: 3, when: 1 }] });
    Object.assign(Classifier, { listJournals: async () => [{ ...info, name: "studio p", finished: true }] });
    await findInterrupted(store);
    assert.deepEqual(
      store.state.project.interrupted.map(({ journal }) => journal),
      ["studio p"],
    );
  });

  test("stays where the run's model could not be kept", async () => {
    const store = await afterRun(new FakeModel());
    const deleted: string[] = [];
    Object.assign(Classifier, { deleteJournal: async (name: string) => void deleted.push(name) });
    (globalThis as { indexedDB?: unknown }).indexedDB = {
      open: () => {
        throw new DOMException("", "QuotaExceededError");
      },
    };
    store.patch("project", { id: "p", name: "p", phase: "kept" });
    await startTraining(store);
    Reflect.deleteProperty(globalThis, "indexedDB");
    assert.deepEqual([store.state.training.phase, store.state.project.phase], ["done", "failed"]);
    assert.deepEqual(deleted, []);
  });
});

test("a run that was stopped within an epoch is measured with its own weights, and a run taken back keeps what was measured", async () => {
  const model = new FakeModel();
  const store = await afterRun(model);
  const dev = { ...report, accuracy: 0.25 };
  const start = { type: "start", steps: 4, epochs: 2, trainedParameters: 1, truncatedRows: 0 };
  const step = (number: number) => ({ type: "step", step: number, epoch: 1, loss: 0.5, milliseconds: 1 });
  const epoch = { type: "epoch", epoch: 1, trainLoss: 0.5, dev, milliseconds: 1 };
  const { test: held = [] } = store.state.data.parts ?? {};
  store.patch("data", { parts: partsOf(TRAIN, [], held) });
  model.events = [
    start,
    step(1),
    step(2),
    epoch,
    { type: "end", reason: "finished", steps: 2, milliseconds: 1 },
  ];
  await startTraining(store);
  assert.equal(store.state.evaluation.report?.accuracy, 0.25, "the last epoch's");
  model.events = [
    start,
    step(1),
    step(2),
    epoch,
    step(3),
    { type: "end", reason: "stopped", steps: 1, milliseconds: 1 },
  ];
  await startTraining(store);
  assert.equal(store.state.evaluation.report?.accuracy, 0.5, "measured after the third step");
  const measured = { ...report, accuracy: 0.75 };
  store.set({ runs: store.state.runs.map((run) => ({ ...run, report: measured })) });
  await takeBack(store, 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(store.state.evaluation.report?.accuracy, 0.75);
  assert.equal(store.state.runs[0]?.report?.accuracy, 0.75);
});

describe("a run taken back, with examples that came after it", () => {
  /** The run learned `TRAIN`; its record is read as when the page is opened again, with these training rows. */
  async function openedAgain(model: FakeModel, train: typeof TRAIN): Promise<Store> {
    model.info = { ...model.info, device: "wasm", threads: 1 };
    const store = await afterRun(model);
    await startTraining(store);
    const { runs } = checkProject(JSON.parse(JSON.stringify(recordOf(store.state).record)), "project");
    const [kept] = store.state.runs;
    store.set({ runs: runs.map((run) => ({ ...run, base: kept?.base })) as never });
    const { test: held = [], dev = [] } = store.state.data.parts ?? {};
    store.patch("data", { parts: partsOf(train, held, dev) });
    await takeBack(store, 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return store;
  }

  test("has yet to learn them, and remembers the others", async () => {
    const model = new FakeModel();
    const store = await openedAgain(model, [...TRAIN, NEW]);
    assert.deepEqual(store.state.training.parts?.train, TRAIN);
    assert.equal(newerThanTraining(store.state).added, 1);
    await learnCorrections(store);
    const [, rows, options] = model.asked.find(([call]) => call === "learn") ?? [];
    assert.deepEqual([rows, (options as { replay: unknown }).replay], [[NEW], TRAIN]);
  });

  test("counts those with another label as new, and knows that a label is gone", async () => {
    const [first, ...others] = TRAIN;
    const store = await openedAgain(new FakeModel(), [{ text: first?.text ?? "", label: "b" }, ...others]);
    assert.equal(newerThanTraining(store.state).added, 1);
    const renamed = TRAIN.map((row) => (row.label === "a" ? { ...row, label: "c" } : row));
    const { parts } = store.state.data;
    store.patch("data", { parts: { ...parts, train: renamed, labels: ["b", "c"] } as never });
    await takeBack(store, 1);
    assert.deepEqual(labelsApart(store.state), ["a"]);
  });

  test("stays a run on what it learned where it is measured again", async () => {
    const store = await openedAgain(new FakeModel(), [...TRAIN, NEW]);
    const before = store.state.runs[0]?.rows;
    store.patch("data", { parts: partsOf([...TRAIN, NEW], [{ text: "four", label: "b" }]) });
    await judgeAgain(store);
    const after = store.state.runs[0]?.rows;
    assert.deepEqual(after?.truth, ["b"]);
    assert.deepEqual(
      [after?.train, after?.trainKey, after?.learned],
      [before?.train, before?.trainKey, before?.learned],
    );
  });
});
