/**
 * Keeps the project in hand in this browser after each change. The only file that writes projects; sets `state.project`.
 * Where the browser has no storage, files are held as long as the page, and the state says so.
 */
import type { ProjectFiles, ProjectRecord } from "../data/project/project-record.ts";
import { folderOfRun, summaryOf } from "../data/project/project-record.ts";
import { isStuck, listProjects, readFiles, writeProject } from "../data/project/project-store.ts";
import { asError, PageError, toFailure } from "../i18n/messages.ts";
import { noProject } from "../state/project.ts";
import { hasExamples, isTraining } from "../state/selectors.ts";
import type { State } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import { findInterrupted } from "./journals.ts";
import { untilReleased } from "./model.ts";
import { letGoOfProject, takeProject } from "./project-lock.ts";
import { baseRecord, examplesRecord, type Paths } from "./project-parts.ts";

/** Changes that follow one another are written together. */
const DELAY_MS = 250;
/** Labels after which a project is named that has no file. */
const LABELS_OF_A_NAME = 3;

/** What became of a write: "held" is what the page alone has, since there is no storage or it does not answer. */
export type Outcome = "kept" | "held" | "failed";

/** Files that wait to be written, and in a browser without storage all files. */
const waiting = new Map<string, Blob>();
/** The paths of the examples and of the models that runs began from, as they are kept. */
let written = new Set<string>();
let removed = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;
let last: Promise<Outcome> = Promise.resolve("kept");
let paused = false;
/** The name that the page gave the project: it follows the labels until there is a run, or another name. */
let automatic: string | undefined;

/** Lists what is kept, and from now on keeps every change. */
export async function startKeeping(store: Store): Promise<void> {
  store.on(["data", "model", "recipe", "device", "runs"], () => keepSoon(store));
  const now = (): void => {
    if (timer !== undefined || isTraining(store.state)) void keepNow(store);
  };
  addEventListener("pagehide", now);
  document.addEventListener("visibilitychange", now);
  await listAgain(store);
  void findInterrupted(store);
}

export async function listAgain(store: Store): Promise<void> {
  try {
    store.patch("project", { list: await listProjects() });
  } catch (error) {
    if (isStuck(error)) store.patch("project", { phase: "failed", error: toFailure(error) });
    else store.patch("project", { phase: "denied", list: [] });
  }
}

/** Whether there is anything that a person would miss. */
function isWorthKeeping(state: State): boolean {
  const { runs, project, model } = state;
  const pretrained = model.original !== undefined;
  return project.id !== undefined || hasExamples(state) || runs.length > 0 || pretrained;
}

export function keepSoon(store: Store): void {
  if (paused || timer !== undefined || !isWorthKeeping(store.state)) return;
  timer = setTimeout(() => void keepNow(store), DELAY_MS);
}

/** Writes what waits. Its promise never rejects: the state says what went wrong. */
export function keepNow(store: Store): Promise<Outcome> {
  clearTimeout(timer);
  timer = undefined;
  last = last.then(() => write(store));
  return last;
}

async function write(store: Store): Promise<Outcome> {
  if (paused || !isWorthKeeping(store.state)) return "kept";
  const { id: known, name } = store.state.project;
  if (known === undefined || (name === automatic && store.state.runs.length === 0)) {
    automatic = known === undefined && name !== "" ? undefined : freeName(store.state);
    const id = known ?? newId();
    // Nobody else knows a new id.
    if (known === undefined) void takeProject(id);
    store.patch("project", { id, name: automatic ?? name });
  }
  const { id = "" } = store.state.project;
  const { record, paths } = recordOf(store.state);
  const added = new Map([...waiting, ...[...paths].filter(([path]) => !written.has(path))]);
  const gone = new Set([...removed, ...[...written].filter((path) => !paths.has(path))]);
  if (store.state.project.phase !== "denied") store.patch("project", { phase: "saving" });
  try {
    const summary = summaryOf(id, record);
    await writeProject(summary, record, added, gone);
    // What was changed meanwhile has yet to be written.
    for (const [path, file] of added) if (waiting.get(path) === file) waiting.delete(path);
    for (const path of gone) removed.delete(path);
    written = new Set(paths.keys());
    const others = store.state.project.list.filter((each) => each.id !== id);
    store.patch("project", { phase: "kept", error: undefined, list: [summary, ...others] });
    return "kept";
  } catch (error) {
    const full = error instanceof DOMException && error.name === "QuotaExceededError";
    if (!full && !isStuck(error) && (store.state.project.phase === "denied" || (await isDenied()))) {
      store.patch("project", { phase: "denied", error: undefined });
      return "held";
    }
    const told = full
      ? new PageError(
          "storage-full",
          (t) => t.project.full,
          (t) => t.project.fullHelp,
        )
      : error;
    store.patch("project", { phase: "failed", error: toFailure(told) });
    return isStuck(error) ? "held" : "failed";
  }
}

async function isDenied(): Promise<boolean> {
  return listProjects().then(
    () => false,
    (error) => !isStuck(error),
  );
}

/** The project as JSON, and the files that it names but those of runs. */
export function recordOf(state: State): { record: ProjectRecord; paths: Map<string, Blob> } {
  const { project, data, model, recipe, device, runs } = state;
  const paths: Paths = new Map();
  const latest = runs.at(-1);
  const { parts } = data;
  const rows = parts
    ? parts.train.length + parts.dev.length + parts.test.length
    : (latest?.rows.train ?? 0) + (latest?.rows.truth.length ?? 0);
  const record: ProjectRecord = {
    name: project.name,
    when: Date.now(),
    device,
    recipe,
    base:
      model.source === undefined
        ? undefined
        : baseRecord(
            {
              name: model.name,
              source: model.source,
              ownLabels: model.ownLabels,
              maskedLmHead: model.maskedLmHead,
            },
            paths,
          ),
    examples: hasExamples(state) ? examplesRecord(data, paths) : undefined,
    labels: parts?.labels.length ?? latest?.labels.length ?? 0,
    rows,
    runs: runs.map((run) => ({
      ...run,
      base: baseRecord(run.base, paths),
      training: plain(run.training),
      rows: {
        ...run.rows,
        truth: run.rows.truth.map((label) => (typeof label === "string" ? label : [...label])),
      },
      labels: [...run.labels],
      predictions: run.predictions.map((each) => ({ ...each, labels: each.labels && [...each.labels] })),
    })),
    // A run that has just ended is in hand before its model is kept.
    run: runs.some(({ number }) => number === project.run) ? project.run : undefined,
    unfinished: isTraining(state) ? unfinishedOf(state) : project.unfinished && plain(project.unfinished),
    leaveOpen: state.use.leaveOpen,
  };
  return { record, paths };
}

/** The run under way, as far as it came. It goes on by the library's journal. */
function unfinishedOf({ training, recipe }: State): ProjectRecord["unfinished"] {
  const { parts: _, error: __, recipe: used = recipe, secondsLeft: ___, ...curves } = training;
  return { recipe: used, curves: plain({ ...curves, phase: "done" }) };
}

/** The page appends to the curves of a run in place, so a record has its own. */
function plain<T>(value: T): never {
  return structuredClone(value) as never;
}

/** Keeps the files of a run's model; resolves once they are written, or could not be. */
export async function keepRunFiles(store: Store, files: ProjectFiles): Promise<Outcome> {
  holdFiles(files);
  const outcome = await keepNow(store);
  // Else the browser may clear it all where the disk is full. It may ask the person, so nothing waits for the answer.
  void navigator.storage?.persist?.().catch(() => false);
  return outcome;
}

/** Files of the project in hand that are written with its next change, and that the page has until then. */
export function holdFiles(files: ProjectFiles): void {
  for (const [path, file] of files) waiting.set(path, file);
}

/** What could not be kept is not tried again with the next change. */
export function giveUpRunFiles(number: number): void {
  for (const path of [...waiting.keys()]) if (path.startsWith(folderOfRun(number))) waiting.delete(path);
}

export async function filesOfRun(store: Store, number: number): Promise<Map<string, Blob>> {
  const folder = folderOfRun(number);
  const { id, phase } = store.state.project;
  const kept = id === undefined || phase === "denied" ? [] : await readFiles(id, folder);
  return new Map([...kept, ...[...waiting].filter(([path]) => path.startsWith(folder))]);
}

export async function dropRunFiles(store: Store, number: number): Promise<void> {
  for (const path of (await filesOfRun(store, number)).keys()) {
    removed.add(path);
    waiting.delete(path);
  }
}

/** All files of the project in hand, as they are now: those that the page has, where the storage does not answer. */
export async function allFiles(store: Store): Promise<Map<string, Blob>> {
  const { id, phase } = store.state.project;
  const kept =
    id === undefined || phase === "denied"
      ? []
      : await readFiles(id).catch((error) => {
          if (isStuck(error)) return [];
          throw error;
        });
  return new Map([...kept, ...waiting, ...recordOf(store.state).paths]);
}

/**
 * Another project takes the place of the one in hand; nothing is kept until `work` has ended. Throws where what is in hand could
 * not be written, unless that was told before, or it goes `anyway`.
 */
export async function whileReplaced(
  store: Store,
  work: () => Promise<void>,
  { anyway = false } = {},
): Promise<void> {
  // A run that has just ended keeps its model first.
  await untilReleased();
  const { phase } = store.state.project;
  const outcome = await keepNow(store);
  const { error } = store.state.project;
  if (outcome !== "kept" && error && phase !== "failed" && !anyway) throw asError(error);
  paused = true;
  try {
    await work();
  } finally {
    paused = false;
  }
}

/** Forgets which project is in hand. */
export function leaveProject(store: Store): void {
  clearTimeout(timer);
  timer = undefined;
  waiting.clear();
  automatic = undefined;
  written = new Set();
  removed = new Set();
  const { id, list, withExamples, interrupted, phase } = store.state.project;
  letGoOfProject(id);
  store.set({
    project: { ...noProject, list, withExamples, interrupted, phase: phase === "denied" ? phase : "none" },
  });
}

/** After a project was opened: what is in hand is what is kept. */
export function nowKept(store: Store): void {
  written = new Set(recordOf(store.state).paths.keys());
}

export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

function freeName({ data, model, project }: State): string {
  const labels = data.edits.cards.slice(0, LABELS_OF_A_NAME).join(", ").slice(0, 60);
  const name = data.files[0]?.table.name.replace(/\.\w+$/, "") || labels || model.name || "project";
  return unusedName(
    name,
    project.list.filter(({ id }) => id !== project.id),
  );
}

export function unusedName(name: string, list: readonly { name: string }[]): string {
  const taken = new Set(list.map((each) => each.name));
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name} ${number}`;
  return free;
}
