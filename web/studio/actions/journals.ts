/**
 * Journals of runs that did not end: a run of a project that is kept writes one, and the page offers to go on with it. Sets
 * `state.project.interrupted`. The run itself is driven in finetune.ts.
 */
import { Classifier, type FinetuneRun } from "../../src/index.ts";
import type { State } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import { isTakenElsewhere } from "./project-lock.ts";

const FAMILY = "studio ";

/** The name of the project's journal; undefined where nothing is kept. */
export function journalOf({ project }: State): string | undefined {
  const keeps = project.id !== undefined && project.phase !== "denied" && project.phase !== "failed";
  return keeps ? FAMILY + project.id : undefined;
}

export function idOfJournal(name: string): string {
  return name.slice(FAMILY.length);
}

/** Looks for interrupted runs of kept projects. Starts a worker, so only where there is a project. */
export async function findInterrupted(store: Store): Promise<void> {
  const { list } = store.state.project;
  if (list.length === 0) return;
  const found = await Classifier.listJournals().catch(() => []);
  const all = found
    .flatMap((each) =>
      // Of a run that finished, the journal has the model until it is kept: its page ended before that. A damaged one has nothing.
      each.damaged || !each.name.startsWith(FAMILY) || each.call !== "finetune"
        ? []
        : [{ journal: each.name, step: each.step, steps: each.steps, when: each.savedAt.getTime() }],
    )
    .filter(({ journal }) => list.some(({ id }) => id === idOfJournal(journal)));
  // In another tab the run may be under way.
  const elsewhere = await Promise.all(all.map(({ journal }) => isTakenElsewhere(idOfJournal(journal))));
  store.patch("project", { interrupted: all.filter((_, at) => !elsewhere[at]) });
}

export async function forgetJournal(store: Store, name: string | undefined): Promise<void> {
  if (name === undefined) return;
  const interrupted = store.state.project.interrupted.filter(({ journal }) => journal !== name);
  const { id, unfinished } = store.state.project;
  store.patch("project", { interrupted, unfinished: idOfJournal(name) === id ? undefined : unfinished });
  // It may never have been written.
  await Classifier.deleteJournal(name).catch(() => undefined);
}

/** The classifier and its run, from the last state that was kept. */
export async function resumeRun(
  store: Store,
  name: string,
  signal: AbortSignal,
): Promise<{ classifier: Classifier; run: FinetuneRun }> {
  // The studio's journals are of `finetune` alone.
  const resumed = await Classifier.resume(name, { device: store.state.device, signal });
  return { ...resumed, run: resumed.run as FinetuneRun };
}
