/**
 * Journals of runs that did not end: a run of a project that is kept writes one, and the page offers to go on with it. Sets
 * `state.project.interrupted`. The run itself is driven in finetune.ts.
 */
import { Classifier, type FinetuneRun, type LoadOptions } from "../../src/index.ts";
import { toFailure } from "../i18n/messages.ts";
import type { State } from "../state/state.ts";
import type { Store } from "../state/store.ts";

/** What the library tells of a journal. */
interface JournalInfo {
  name: string;
  call: string;
  savedAt: Date;
  step: number;
  steps?: number;
  finished: boolean;
}
interface Journals {
  listJournals(): Promise<JournalInfo[]>;
  deleteJournal(name: string): Promise<void>;
  resume(
    name: string,
    options?: Pick<LoadOptions, "device" | "signal" | "onProgress">,
  ): Promise<{ classifier: Classifier; run: FinetuneRun }>;
}
/** Undefined in a library without journals. */
const journals = "listJournals" in Classifier ? (Classifier as unknown as Journals) : undefined;

const FAMILY = "studio ";

/** The name of the project's journal; undefined where nothing is kept. */
export function journalOf({ project }: State): string | undefined {
  const keeps = project.id !== undefined && project.phase !== "denied" && project.phase !== "failed";
  return journals && keeps ? FAMILY + project.id : undefined;
}

export function idOfJournal(name: string): string {
  return name.slice(FAMILY.length);
}

/** Looks for interrupted runs of kept projects. Starts a worker, so only where there is a project. */
export async function findInterrupted(store: Store): Promise<void> {
  const { list } = store.state.project;
  if (journals === undefined || list.length === 0) return;
  const found = await journals.listJournals().catch(() => []);
  const interrupted = found
    .filter(({ name, call, finished }) => name.startsWith(FAMILY) && call === "finetune" && !finished)
    .map(({ name, step, steps, savedAt }) => ({ journal: name, step, steps, when: savedAt.getTime() }))
    .filter(({ journal }) => list.some(({ id }) => id === idOfJournal(journal)));
  store.patch("project", { interrupted });
}

export async function forgetJournal(store: Store, name: string | undefined): Promise<void> {
  if (journals === undefined || name === undefined) return;
  const interrupted = store.state.project.interrupted.filter(({ journal }) => journal !== name);
  store.patch("project", { interrupted });
  // It may never have been written.
  await journals.deleteJournal(name).catch(() => undefined);
}

/** The classifier and its run, from the last state that was kept. */
export async function resumeRun(
  store: Store,
  name: string,
  signal: AbortSignal,
): Promise<{ classifier: Classifier; run: FinetuneRun }> {
  if (journals === undefined) throw toFailure(new Error("this library has no journals"));
  return journals.resume(name, { device: store.state.device, signal });
}
