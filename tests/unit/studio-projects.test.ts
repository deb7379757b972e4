// A project whose model comes from another host: the person is asked before that host is contacted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Classifier } from "../../web/src/index.ts";
import { openProjectFile } from "../../web/studio/actions/project.ts";
import { packProject } from "../../web/studio/data/project-file.ts";
import type { ProjectRecord } from "../../web/studio/data/project-record.ts";
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
