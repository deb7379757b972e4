/**
 * The files of the model in hand, as a run of the project keeps them: after the run, and again whenever that model is changed.
 * Sets `state.runs`.
 */
import type { Classifier } from "../../src/index.ts";
import { folderOfRun } from "../data/project/project-record.ts";
import type { KeptModel, ProjectRun } from "../state/evaluation.ts";
import type { Store } from "../state/store.ts";
import { baseName, classifierInHand } from "./model.ts";
import { keepRunFiles } from "./project-keeper.ts";

export function setRun(store: Store, number: number, fields: Partial<ProjectRun>): void {
  store.set({ runs: store.state.runs.map((run) => (run.number === number ? { ...run, ...fields } : run)) });
}

/** Keeps the model of the run in hand once more, after it was changed. */
export async function keepAgain(store: Store): Promise<void> {
  const { run } = store.state.project;
  if (run === undefined) return;
  const { files, kept } = await modelFiles(store, classifierInHand(), folderOfRun(run));
  setRun(store, run, { kept });
  await keepRunFiles(store, files);
}

/** The model as `save` gives it, and its adapter as `saveAdapter` does. The calls are in the worker before any other. */
export async function modelFiles(
  store: Store,
  classifier: Classifier,
  folder: string,
): Promise<{ files: Map<string, Blob>; kept: KeptModel }> {
  const { activeAdapter, maxLength, maskedLm } = classifier.info;
  const as = maskedLm ? "both" : "classifier";
  const [, saved, , adapter] = await Promise.all([
    activeAdapter === undefined ? undefined : classifier.useAdapter(null),
    classifier.save({ as }),
    activeAdapter === undefined ? undefined : classifier.useAdapter(activeAdapter),
    activeAdapter === undefined ? undefined : classifier.saveAdapter({ base: baseName(store.state.model) }),
  ]);
  const files = new Map<string, Blob>();
  for (const [name, blob] of Object.entries(saved)) files.set(`${folder}model/${name}`, blob as Blob);
  for (const [name, blob] of Object.entries(adapter ?? {}))
    files.set(`${folder}adapter/${name}`, blob as Blob);
  const kind = store.state.adapters.known.find(({ name }) => name === activeAdapter)?.kind ?? "";
  let bytes = 0;
  for (const { size } of files.values()) bytes += size;
  const kept: KeptModel = {
    maxLength,
    maskedLm,
    ownHead: activeAdapter === undefined,
    adapter: activeAdapter === undefined ? undefined : { name: activeAdapter, kind },
    bytes,
  };
  return { files, kept };
}
