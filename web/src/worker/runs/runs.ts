// Serves the calls that are runs: each as it was asked, with its journal where it has one, or as a journal has it.

import type { ChosenRecipe, JournalEvent } from "../../../bertlet.d.ts";
import { failureOf } from "../../shared/errors.ts";
import type { Calls, Head, JournalledName, RunEvents, RunName } from "../../shared/messages.ts";
import type { OnProgress } from "../answers/infer.ts";
import { Journal, type Reopened } from "../journal/journal.ts";
import type { Start } from "../journal/start.ts";
import { crossValidateRequestOf, finetuneRequestOf, searchedRequestOf } from "../requests.ts";
import type { RunJob, Session } from "../session.ts";
import { withRecipe } from "./auto-recipe.ts";
import { crossValidate } from "./cross-validate.ts";
import { finetune } from "./finetune.ts";
import { pretrain } from "./pretrain.ts";
import { search } from "./search.ts";
import { untilStopped } from "./step-loop.ts";

/** A call that is a run, and can have a journal. */
export type RunRequest = {
  [K in JournalledName]: { call: K; request: Calls[K]["request"] };
}[JournalledName];

export type Emit = (event: RunEvents[RunName] | JournalEvent) => void;

interface Hooks {
  job: RunJob;
  emit: Emit;
  onProgress: OnProgress;
}

/** A run that was asked for, with a journal where a name is given. */
export async function runCall(
  session: Session,
  asked: RunRequest,
  hooks: Hooks,
): Promise<Calls[JournalledName]["response"]> {
  const startedAt = performance.now();
  const chosen = await untilStopped(withChosenRecipe(session, asked, hooks));
  if (chosen === undefined)
    return { type: "end", reason: "stopped", steps: 0, milliseconds: performance.now() - startedAt };
  const { resolved, recipe } = chosen;
  const { journal: named } = resolved.request;
  if (named === undefined) return run(session, resolved, { ...hooks, emit: telling(recipe, hooks.emit) });
  const { device } = session.info;
  const { call, request } = resolved;
  const start: Start = { call, request, run: named.run, device, startedAt: Date.now() };
  if (recipe !== undefined) start.recipe = recipe;
  const journal = await session.turn(() => begin(session, named.name, start, hooks.emit));
  return journalled(session, start, journal, hooks);
}

/** The call with the automatic recipe's options, where it asks for them. */
async function withChosenRecipe(
  session: Session,
  asked: RunRequest,
  { job, onProgress }: Hooks,
): Promise<{ resolved: RunRequest; recipe?: ChosenRecipe }> {
  if (asked.call !== "finetune") return { resolved: asked };
  const work = () => withRecipe("finetune", session, asked.request, job, onProgress);
  const { request, recipe } = await session.turn(work);
  return { resolved: { ...asked, request }, ...(recipe && { recipe }) };
}

/** `emit`, whose "start" event tells what the automatic recipe has chosen. */
function telling(recipe: ChosenRecipe | undefined, emit: Emit): Emit {
  if (recipe === undefined) return emit;
  return (event) => emit(event.type === "start" ? { ...event, recipe } : event);
}

/** The run of a journal, from where that is. */
export async function goOn(
  session: Session,
  { journal, start }: Reopened,
  hooks: Hooks,
): Promise<Calls[JournalledName]["response"]> {
  if (start.ended === undefined) return journalled(session, start, journal, hooks);
  journal.close();
  return start.ended;
}

/** Where the browser gives no room, the run goes on without a journal, and says so. */
async function begin(session: Session, name: string, start: Start, emit: Emit): Promise<Journal | undefined> {
  try {
    return await Journal.begin(session, name, start);
  } catch (error) {
    const failure = failureOf(error);
    if (failure?.code !== "no-storage" && failure?.code !== "storage-full") throw error;
    emit({ type: "journal", kept: "nothing", reason: failure.message });
    return undefined;
  }
}

async function journalled(
  session: Session,
  start: Start,
  journal: Journal | undefined,
  hooks: Hooks,
): Promise<Calls[JournalledName]["response"]> {
  // A run that is refused leaves the journal of before, with what that ended with.
  let started = false;
  const tell = telling(start.recipe, hooks.emit);
  const emit: Emit = (event) => {
    started ||= event.type === "start";
    tell(event);
  };
  try {
    const ended = await run(session, start as RunRequest, { ...hooks, emit }, journal);
    // A stopped run can be gone on with.
    if (journal !== undefined && ended.reason !== "stopped") {
      await finish(session, { ...start, ended, endedAt: Date.now() }, journal, hooks.emit);
    }
    return ended;
  } catch (error) {
    const failure = failureOf(error);
    if (!started && failure !== undefined) {
      const mayGoOn = ["device-lost", "out-of-memory"].includes(failure.code);
      // What the storage says tells less than the refusal.
      await journal?.abandon(mayGoOn).catch(() => {});
    }
    throw error;
  } finally {
    journal?.close();
  }
}

/** What the run ended with is kept until the journal is deleted: the page may be gone by now. */
async function finish(session: Session, start: Start, journal: Journal, emit: Emit): Promise<void> {
  try {
    await session.turn(() => journal.finish(session, start));
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined || failure.code === "device-lost") throw error;
    emit({ type: "journal", kept: "nothing", reason: failure.message });
  }
}

async function run(
  session: Session,
  asked: RunRequest,
  { job, emit, onProgress }: Hooks,
  journal?: Journal,
): Promise<Calls[JournalledName]["response"]> {
  // Calls before may change the labels; from a run's turn on, the page lets none do so until it ends.
  const inTurn = <T>(resolve: (head: Head) => T) => session.turn(() => resolve(session.info));
  switch (asked.call) {
    case "finetune": {
      const request = await inTurn((head) => finetuneRequestOf("finetune", asked.request, head));
      return finetune(session, request, job, emit, onProgress, journal);
    }
    case "pretrain":
      return pretrain(session, asked.request, job, emit, onProgress, journal);
    case "crossValidate": {
      // A journal has the folds as a plain array.
      const given = { ...asked.request, fold: Uint8Array.from(asked.request.fold) };
      const request = await inTurn((head) => crossValidateRequestOf(given, head));
      return crossValidate(session, request, job, emit, onProgress, journal);
    }
    case "search": {
      const request = await inTurn((head) => searchedRequestOf(asked.request, head));
      return search(session, request, job, emit, onProgress, journal);
    }
  }
}
