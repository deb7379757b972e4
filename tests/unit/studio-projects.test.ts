// A project from a file: whose model comes from another host, which the person is asked about first; and without storage.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Classifier } from "../../web/src/index.ts";
import { openProjectFile, projectFile } from "../../web/studio/actions/project.ts";
import { packProject, unpackProject } from "../../web/studio/data/project/project-file.ts";
import type { ProjectRecord } from "../../web/studio/data/project/project-record.ts";
import { defaultRecipe } from "../../web/studio/state/recipe.ts";
import { afterRun, FakeModel } from "../support/studio-model.ts";

test("a project file loads from another host only once the person agrees, and keeps its model's address", async () => {
  const address = "https://elsewhere.example/model/";
  const record: ProjectRecord = {
    ...{ name: "p", when: 1, device: "auto" as const, recipe: { ...defaultRecipe }, labels: 0, rows: 0 },
    ...{ runs: [], base: { name: "far", address } },
  };
  const file = new File([await packProject(record, new Map())], "p.bertlet");
  const asked: string[] = [];
  const answer = (yes: boolean) => (host: string) => {
    asked.push(host);
    return yes;
  };
  const store = await afterRun(new FakeModel());
  const load = Classifier.load;
  const loaded: unknown[] = [];
  Classifier.load = async (source, options) => {
    loaded.push(source);
    return load(source, options);
  };
  assert.ok(await openProjectFile(store, file, answer(false)), JSON.stringify(store.state.project));
  const { phase, source, error } = store.state.model;
  assert.deepEqual([phase, source, error?.code, loaded], ["failed", address, "not-agreed", []]);
  await openProjectFile(store, file, answer(true));
  assert.deepEqual([store.state.model.phase, loaded], ["ready", [address]]);
  await openProjectFile(store, file, answer(false));
  assert.deepEqual(asked, ["elsewhere.example", "elsewhere.example"], "once agreed, not asked again");
});

test("without storage, a project that is opened from a file is held with its models, and can be saved again", async () => {
  const names = ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"];
  const files = new Map(names.map((name) => [`runs/1/model/${name}`, new Blob([`the ${name}`])]));
  const base = { name: "far", address: "./m/" };
  const run: ProjectRecord["runs"][number] = {
    ...{ number: 1, when: 1, base, recipe: { ...defaultRecipe }, labels: ["a", "b"], predictions: [] },
    training: {
      ...{ phase: "done", step: 1, steps: 1, epoch: 1, epochs: 1, trainedParameters: 1, truncatedRows: 0 },
      ...{ stepNumbers: [], losses: [], epochResults: [], milliseconds: 1 },
    },
    rows: { train: 1, truth: [], trainKey: "a", heldKey: "b", pairs: false },
    kept: { maxLength: 128, maskedLm: false, ownHead: true, bytes: 4 },
  };
  const record: ProjectRecord = {
    ...{ name: "p", when: 1, device: "auto" as const, recipe: { ...defaultRecipe }, labels: 2, rows: 1 },
    ...{ runs: [run], run: 1, base },
  };
  const store = await afterRun(new FakeModel());
  const sizes: number[] = [];
  const load = Classifier.load;
  Classifier.load = async (source, options) => {
    sizes.push((source as { weights: Blob }).weights.size);
    return load(source, options);
  };
  const again = await packProject(record, files);
  assert.ok(await openProjectFile(store, new File([again], "p.bertlet"), () => true));
  assert.deepEqual([sizes, store.state.project.phase], [["the model.safetensors".length], "denied"]);
  const made = await projectFile(store);
  assert.ok(made);
  const { record: reopened, files: held } = await unpackProject(new File([made.blob], "q.bertlet"));
  assert.deepEqual(reopened.runs[0]?.kept, run.kept);
  assert.equal(await held.get("runs/1/model/config.json")?.text(), "the config.json");
});
