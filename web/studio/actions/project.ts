/**
 * Opens, forgets, saves and wipes projects: what is kept in this browser, and .bertlet files. Sets `state.project`; what it
 * opens takes the place of what is in hand.
 */
import { ENDING, MOST_BYTES, packProject, unpackProject } from "../data/project/project-file.ts";
import {
  modelPaths,
  type ProjectFiles,
  type ProjectRecord,
  summaryOf,
} from "../data/project/project-record.ts";
import {
  readFiles,
  readProject,
  removeAllProjects,
  removeProject,
  writeProject,
} from "../data/project/project-store.ts";
import { type Failure, PageError, toFailure } from "../i18n/messages.ts";
import { forgetChoices } from "../i18n/remembered.ts";
import { emptyBench, noDrafts } from "../state/bench.ts";
import { emptyEvaluation, type ProjectRun } from "../state/evaluation.ts";
import { defaultRecipe, type Recipe } from "../state/recipe.ts";
import { initialState, type State } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import { idleTraining } from "../state/training.ts";
import { dropExamples, restoreExamples } from "./dataset.ts";
import { goOnTraining } from "./finetune.ts";
import { agreeTo, unagreedHost } from "./hosts.ts";
import { forgetJournal, idOfJournal } from "./journals.ts";
import { leaveModel, openModel } from "./model.ts";
import {
  allFiles,
  holdFiles,
  keepNow,
  keepSoon,
  leaveProject,
  listAgain,
  newId,
  nowKept,
  recordOf,
  unusedName,
  whileReplaced,
} from "./project-keeper.ts";
import { isAnyTakenElsewhere, isTakenElsewhere, letGoOfProject, takeProject } from "./project-lock.ts";
import { baseOf, filesOfExamples } from "./project-parts.ts";
import { takeBack } from "./runs.ts";

/** Asks the person whether a host may be contacted: a project's model may come from elsewhere. */
type MayContact = (host: string) => boolean;
type Unfinished = State["project"]["unfinished"];

/** Opens a kept project, or a copy of it where another tab has it. What is in hand stays if that fails. */
export async function openProject(store: Store, id: string, mayContact: MayContact): Promise<boolean> {
  return whileBusy(store, "opening", async () => {
    const taken = await takeProject(id);
    try {
      const record = await readProject(id);
      if (record === undefined) throw new PageError("bad-project", (t) => t.project.gone);
      const files = await readFiles(id);
      if (taken) await show(store, id, record, files, mayContact);
      else await openNew(store, record, files, mayContact, record.name);
    } finally {
      if (taken && store.state.project.id !== id) letGoOfProject(id);
    }
  });
}

/** Reads the file whole, keeps it as a project of its own, and opens it. Nothing is lost where it is bad. */
export async function openProjectFile(store: Store, file: File, mayContact: MayContact): Promise<boolean> {
  return whileBusy(store, "opening", async () => {
    const { record, files } = await unpackProject(file);
    await openNew(store, record, files, mayContact);
  });
}

/** Keeps what was read as a project of its own, and opens it. */
async function openNew(
  store: Store,
  record: ProjectRecord,
  files: ProjectFiles,
  mayContact: MayContact,
  copyOf?: string,
): Promise<void> {
  const { list, phase } = store.state.project;
  const named = { ...record, name: unusedName(record.name, list) };
  const id = newId();
  // Before another tab can see it in the list.
  await takeProject(id);
  try {
    if (phase !== "denied") await writeProject(summaryOf(id, named), named, files);
    await show(store, id, named, files, mayContact);
    store.patch("project", { copyOf });
  } finally {
    if (store.state.project.id !== id) letGoOfProject(id);
  }
}

/** Puts a project in the place of what is in hand. */
async function show(
  store: Store,
  id: string,
  record: ProjectRecord,
  files: ProjectFiles,
  mayContact: MayContact,
): Promise<void> {
  // All that can fail comes first.
  const examples = record.examples && (await filesOfExamples(record.examples, files));
  const base = record.base && baseOf(record.base, files);
  const runs: ProjectRun[] = record.runs.map(
    (run) => ({ ...run, base: baseOf(run.base, files) }) as ProjectRun,
  );
  await whileReplaced(store, async () => {
    await clear(store);
    // Without storage the page alone has them.
    const denied = store.state.project.phase === "denied";
    if (denied) holdFiles(files);
    store.set({ runs, recipe: { ...defaultRecipe, ...(record.recipe as Recipe) }, device: record.device });
    store.patch("use", { leaveOpen: record.leaveOpen ?? 0 });
    store.patch("project", {
      id,
      name: record.name,
      phase: denied ? "denied" : "kept",
      unfinished: record.unfinished as Unfinished,
    });
    if (record.examples && examples) await restoreExamples(store, record.examples, examples);
    nowKept(store);
  });
  await listAgain(store);
  const run = runs.find(({ number, kept }) => number === record.run && kept);
  // The model of a run is in the project; training again begins with the one that it came from.
  const host = unagreedHost((run?.base ?? base)?.source);
  if (host !== undefined && mayContact(host)) agreeTo(host);
  if (run) await takeBack(store, run.number);
  else if (base) {
    await openModel(store, base.source, base.name);
    store.patch("recipe", { maxLength: record.recipe.maxLength });
  }
}

function takenElsewhere(): PageError {
  return new PageError("busy", (t) => t.project.elsewhere);
}

function othersTaken(): PageError {
  return new PageError("busy", (t) => t.project.othersElsewhere);
}

/** Goes on with an interrupted run, in its project. */
export async function goOnWithRun(store: Store, journal: string, mayContact: MayContact): Promise<boolean> {
  const id = idOfJournal(journal);
  // That tab may be at the run, and a copy of the project has none.
  if (await isTakenElsewhere(id)) {
    store.patch("project", { fileError: toFailure(takenElsewhere()) });
    return false;
  }
  const ok = store.state.project.id === id || (await openProject(store, id, mayContact));
  if (ok) void goOnTraining(store, journal);
  return ok;
}

/** Begins a project of its own. The one in hand stays kept. */
export async function newProject(store: Store): Promise<void> {
  await whileBusy(store, "opening", () => whileReplaced(store, () => clear(store)));
}

async function clear(store: Store): Promise<void> {
  await leaveModel(store);
  dropExamples();
  leaveProject(store);
  const { data, recipe, pretraining, use, fillMask, adapters, keep } = initialState();
  store.set({
    ...{ data, recipe, pretraining, use, fillMask, adapters, keep },
    training: idleTraining,
    evaluation: emptyEvaluation,
    runs: [],
    inspection: undefined,
    plan: undefined,
    bench: { ...emptyBench, defaultModel: store.state.bench.defaultModel },
    drafts: noDrafts,
  });
}

export async function forgetProject(store: Store, id: string): Promise<void> {
  await whileBusy(store, "wiping", async () => {
    // It would be written again there, without its files.
    if (await isTakenElsewhere(id)) throw takenElsewhere();
    if (store.state.project.id === id) await whileReplaced(store, () => clear(store), { anyway: true });
    for (const { journal } of store.state.project.interrupted)
      if (idOfJournal(journal) === id) await forgetJournal(store, journal);
    await removeProject(id);
    await listAgain(store);
  });
}

export function nameProject(store: Store, name: string): void {
  const { id, list } = store.state.project;
  store.patch("project", {
    name: unusedName(
      name,
      list.filter((each) => each.id !== id),
    ),
  });
  keepSoon(store);
}

function bytesOf(files: ReadonlyMap<string, Blob>): number {
  let sum = 0;
  for (const { size } of files.values()) sum += size;
  return sum;
}

/** The project in hand as one file. */
export async function projectFile(store: Store): Promise<{ blob: Blob; name: string } | undefined> {
  let made: { blob: Blob; name: string } | undefined;
  await whileBusy(store, "packing", async () => {
    await keepNow(store);
    const { record } = recordOf(store.state);
    const files = await allFiles(store);
    // A model that could not be written, or cannot be read now, is left out.
    for (const run of record.runs) {
      const paths = run.kept ? modelPaths(run.number, run.kept.adapter !== undefined) : [];
      if (!paths.every((path) => files.has(path))) run.kept = undefined;
    }
    if (!store.state.project.withExamples) {
      record.examples = undefined;
      // Who guesses a text could find it by its hash.
      for (const { rows } of record.runs) rows.learned = undefined;
      for (const path of files.keys()) if (path.startsWith("examples/")) files.delete(path);
    }
    // No page opens a larger file. The models of the latest runs are kept.
    const left: number[] = [];
    for (const run of record.runs) {
      if (bytesOf(files) <= MOST_BYTES) break;
      if (run.kept === undefined) continue;
      for (const path of modelPaths(run.number, run.kept.adapter !== undefined)) files.delete(path);
      run.kept = undefined;
      left.push(run.number);
    }
    const name = record.name.replace(/[\\/:*?"<>|\p{Cc}]/gu, "_").slice(0, 100);
    made = { blob: await packProject(record, files), name: `${name || "project"}${ENDING}` };
    if (left.length > 0) throw new PageError("too-large", (t) => t.project.leftOut(left, MOST_BYTES));
  });
  return made;
}

/** Removes all that this page ever kept on this computer. */
export async function wipeEverything(store: Store): Promise<boolean> {
  return whileBusy(store, "wiping", async () => {
    // That tab would keep its project anew.
    if (await isAnyTakenElsewhere()) throw othersTaken();
    const all = async (): Promise<void> => {
      await clear(store);
      await removeAllProjects();
      await removeOthers();
    };
    await whileReplaced(store, all, { anyway: true });
    store.patch("project", { list: [], interrupted: [], wiped: true });
  });
}

/** What the library, the service worker and the page's choices keep. Another site of this origin keeps its own. */
async function removeOthers(): Promise<void> {
  const ours = (name: string | undefined): name is string => name?.startsWith("bertlet") === true;
  const registrations = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  for (const each of registrations) if (document.baseURI.startsWith(each.scope)) await each.unregister();
  if ("caches" in globalThis)
    for (const name of (await caches.keys()).filter(ours)) await caches.delete(name);
  for (const { name } of (await indexedDB.databases?.()) ?? []) if (ours(name)) await removed(name);
  const root = await navigator.storage?.getDirectory?.().catch(() => undefined);
  await root?.removeEntry("bertlet", { recursive: true }).catch((error: DOMException) => {
    if (error.name !== "NotFoundError") throw error;
  });
  forgetChoices();
}

function removed(database: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(database);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
  });
}

async function whileBusy(
  store: Store,
  busy: "opening" | "packing" | "wiping",
  work: () => Promise<void>,
): Promise<boolean> {
  if (store.state.project.busy) return false;
  store.patch("project", { busy, fileError: undefined, wiped: undefined });
  let failed: Failure | undefined;
  try {
    await work();
  } catch (error) {
    failed = toFailure(error);
  }
  store.patch("project", { busy: undefined, fileError: failed });
  return failed === undefined;
}
